package sdk_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func TestABodyIsReadableWithoutWhatNobodyMayRead(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	tests := map[string]struct{ kind, body, want string }{
		"nothing":      {"", "", ""},
		"what it says": {"application/json", `{"status":"PAID","code":"201","ok":true,"none":null}`, `{"code":"201","none":null,"ok":true,"status":"PAID"}`},
		"secrets by name": {
			"application/json",
			`{"apikey":"a","accessToken":"b","client_secret_key":"c","X-Signature":"d","password":"e","cpm_phone_num":"f","card":{"number":"g"},"cvv":123,"pin":[1]}`,
			`{"X-Signature":"[redacted]","accessToken":"[redacted]","apikey":"[redacted]","card":"[redacted]","client_secret_key":"[redacted]",` +
				`"cpm_phone_num":"[redacted]","cvv":"[redacted]","password":"[redacted]","pin":"[redacted]"}`,
		},
		"names that only look like it": {"", `{"shipping":"x","company":"y","hotel":"z","design":"w"}`, `{"company":"y","design":"w","hotel":"z","shipping":"x"}`},
		"persons by name":              {"", `{"customer_name":"Awa","surname":"Kone","email":"a@b.ci","iban":"CI93"}`, `{"customer_name":"[redacted]","email":"[redacted]","iban":"[redacted]","surname":"[redacted]"}`},
		"a phone anywhere":             {"", `{"who":"+225 07 07 12 34 56","also":2250707123456,"text":"call 0707123456 now"}`, `{"also":"•••••3456","text":"call •••••3456 now","who":"•••••3456"}`},
		"a card anywhere":              {"", `{"note":"4111-1111-1111-1111"}`, `{"note":"•••••1111"}`},
		"an address of e-mail":         {"", `{"note":"ask awa.kone@example.com"}`, `{"note":"ask (e-mail)"}`},
		"the query of a URL":           {"", `{"url":"https://pay.example/p/7?sig=abc#x"}`, `{"url":"https://pay.example/p/7?[redacted]"}`},
		"a token of its shape":         {"", `{"data":"eyJhbGciOi.eyJzdWIi.c2ln"}`, `{"data":"[redacted]"}`},
		"amounts and times":            {"", `{"amount":"150000000.00","paid_at":"2026-11-20T10:00:00Z","total":12345678}`, `{"amount":"150000000.00","paid_at":"2026-11-20T10:00:00Z","total":12345678}`},
		"a card as an amount":          {"", `{"amount":"4111111111111111"}`, `{"amount":"•••••1111"}`},
		"a long text":                  {"", `{"page":"` + strings.Repeat("x", 300) + `"}`, `{"page":"(300 bytes of text)"}`},
		"a long list":                  {"", "[" + strings.Repeat("1,", 24) + "1]", "[" + strings.Repeat("1,", 19) + `"(6 more)"]`},
		"a form":                       {form, "cpm_amount=5000&apikey=zzz&cel=0707123456", `{"apikey":"[redacted]","cel":"•••••3456","cpm_amount":"5000"}`},
		"JSON in a form": {
			form, `data=[{"phone":"0707123456","name":"Awa","pin":"1","code":7}]`,
			`{"data":"[{\"code\":7,\"name\":\"[redacted]\",\"phone\":\"[redacted]\",\"pin\":\"[redacted]\"}]"}`,
		},
		"JSON in a form twice": {form, `d={"pin":"1"}&d={"pin":"2"}`, `{"d":["{\"pin\":\"[redacted]\"}","{\"pin\":\"[redacted]\"}"]}`},
		"JSON in JSON in JSON": {"", `{"a":"{\"b\":\"{\\\"pin\\\":\\\"1\\\"}\"}"}`, `{"a":"{\"b\":\"{\\\"pin\\\":\\\"[redacted]\\\"}\"}"}`},
		"a long list in a text": {
			"", `{"a":"[` + strings.Repeat("1,", 300) + `1]"}`, `{"a":"[` + strings.Repeat("1,", 19) + `\"(282 more)\"]"}`,
		},
		"a text that is no JSON":  {"", `{"a":"[sic] {so}"}`, `{"a":"[sic] {so}"}`},
		"no JSON":                 {"text/html", "<html>token=1</html>", `"(20 bytes, text/html)"`},
		"JSON and more":           {"application/json", `{} {"a":1}`, `"(10 bytes, application/json)"`},
		"too much":                {"", `{"` + strings.Repeat("x", sdk.ReadableMax) + `":1}`, `"(8198 bytes, unknown)"`},
		"an odd type":             {"text/0707123456", "hello", `"(5 bytes, text/•••••3456)"`},
		"a name that is a number": {"", `{"0707123456":1}`, `{"•••••3456":1}`},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			got := sdk.Readable(test.kind, []byte(test.body))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := sdk.Readable("application/json", []byte(got)); again != got {
				t.Errorf("read again it is %s", again)
			}
		})
	}
}

func TestBodiesAreWantedOnlyWhereSomebodyAsked(t *testing.T) {
	t.Parallel()
	if sdk.WantsBodies(context.Background()) || !sdk.WantsBodies(sdk.WithBodies(context.Background(), strings.Clone)) {
		t.Error("bodies are wanted where nobody asked, or not where somebody did")
	}
}

func FuzzReadableTellsNoNumberAndNoAddress(f *testing.F) {
	f.Add("", `{"a":[{"phone":"+2250707123456"}],"b":"4111 1111 1111 1111 a@b.ci"}`)
	f.Add("application/x-www-form-urlencoded", "a=0707123456&b=%00")
	f.Fuzz(func(t *testing.T, kind, body string) {
		got := sdk.Readable(kind, []byte(body))
		if got != "" && !json.Valid([]byte(got)) || len(got) > 2*sdk.ReadableMax {
			t.Errorf("%q is no JSON, or too long", got)
		}
		if again := sdk.Readable("", []byte(got)); len(again) > 0 && sdk.Readable("", []byte(again)) != again {
			t.Errorf("%q does not stay as it is", again)
		}
		if plain := sdk.ReadableText(body); strings.Contains(plain, "+2250707123456") {
			t.Errorf("%q holds a phone", plain)
		}
	})
}
