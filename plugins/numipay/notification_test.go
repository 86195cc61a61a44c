package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// The vectors. The first is the documentation's own example.
const (
	documented = `{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}`
	withdrawal = `{"transaction_id":"bbds7128hdha","user_id":"123","tracking_id":"kshdhay6381623","status":"successful","currency":"EUR","amount":"200.00","transaction_type":"withdrawal"}`
	deposit    = `{"transaction_id":"bbds7128hdha","user_id":"123","tracking_id":"kshdhay6381623","status":"successful","currency":"EUR","amount":"200.00","transaction_type":"deposit"}`
	special    = `{"transaction_id":"t1","user_id":"a&b<c>/é","tracking_id":"k1","status":"pending","currency":"EUR","amount":"1.00","transaction_type":"deposit"}`

	documentedSignature = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC"
	withdrawalSignature = "36BA41075D4368E679DF0C9FDC11278D967869F3"
	depositSignature    = "DCA3FCC010E45271BC7038EE33EF5F9D5577DA49"
	specialSignature    = "E60FD3D4698130C96665AF273E92142224594D8C"
)

func posted(body, signature string) sdk.NotificationRequest {
	header := http.Header{"Content-Type": {"application/json"}}
	if signature != "" {
		header["x-signature"] = []string{signature}
	}
	return sdk.NotificationRequest{Method: http.MethodPost, Header: header, Body: []byte(body)}
}

// sealed is a webhook with a good signature.
func sealed(body string) sdk.NotificationRequest { return posted(body, signatureFor(body)) }

func notify(t testing.TB, p *provider, req sdk.NotificationRequest) sdk.Notification {
	t.Helper()
	got, err := p.HandleNotification(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func indented(t *testing.T, body, prefix, indent string) string {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(body), prefix, indent); err != nil {
		t.Fatal(err)
	}
	return pretty.String()
}

func TestTheDocumentedExampleIsTheOneInTestdata(t *testing.T) {
	if diff := cmp.Diff(documented, sample(t, "webhook.json")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(withdrawal, sample(t, "webhook-successful.json")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGenuineSignaturesAreAccepted(t *testing.T) {
	for name, c := range map[string]struct{ body, signature, ref string }{
		"the documentation's example": {documented, documentedSignature, "b8f04416-116a-11ed-861d-0242ac120002"},
		"indented":                    {indented(t, documented, "", "  "), documentedSignature, "b8f04416-116a-11ed-861d-0242ac120002"},
		"indented by tabs":            {indented(t, documented, "\t", "\t"), documentedSignature, "b8f04416-116a-11ed-861d-0242ac120002"},
		"with line feeds around":      {"\r\n" + documented + "\n", documentedSignature, "b8f04416-116a-11ed-861d-0242ac120002"},
		"withdrawal":                  {withdrawal, withdrawalSignature, "kshdhay6381623"},
		"deposit":                     {deposit, depositSignature, "kshdhay6381623"},
		"characters that Go escapes":  {special, specialSignature, "k1"},
		"small letters":               {deposit, strings.ToLower(depositSignature), "kshdhay6381623"},
		"blanks around the signature": {deposit, " " + depositSignature + " ", "kshdhay6381623"},
	} {
		t.Run(name, func(t *testing.T) {
			got := notify(t, live(t), posted(c.body, c.signature))
			if got.Authenticity != sdk.Genuine || got.Ref != c.ref || !got.Confirm || got.Status != http.StatusOK {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestOtherSignaturesAreRefused(t *testing.T) {
	hash := func(text string) string { return sha1Of(text) }
	number := strings.Replace(documented, `"200.00"`, `200.00`, 1)
	plainUser := strings.Replace(documented, `"1111222"`, `1111222`, 1)
	short := strings.Replace(documented, `"currency":"GBP",`, "", 1)
	for name, c := range map[string]struct{ body, signature string }{
		"sorted keys, as of a map":       {documented, "DBA6BE5ADDE324A7C07AA36F58AF913D9945D404"},
		"blanks after commas and colons": {documented, "D3465420F601FA50407ADC98312B85E0A4DB216E"},
		"escaped as json.Marshal does":   {special, "6F251D1B91E756640C32E683BC8EE02A8054F557"},
		"of the amount as a number":      {documented, hash(number + testPassword)},
		"of the user as a number":        {documented, hash(plainUser + testPassword)},
		"of a body without a field":      {documented, hash(short + testPassword)},
		"of an indented body":            {documented, hash(indented(t, documented, "", "  ") + testPassword)},
		"the password first":             {documented, hash(testPassword + documented)},
		"no password":                    {documented, hash(documented)},
		"a line feed between":            {documented, hash(documented + "\n" + testPassword)},
		"another password":               {documented, hash(documented + "another")},
		"of another webhook":             {documented, withdrawalSignature},
		"none":                           {documented, ""},
		"too short":                      {documented, documentedSignature[:39]},
		"too long":                       {documented, documentedSignature + "0"},
		"no hex":                         {documented, strings.Repeat("G", 40)},
		"an HMAC":                        {documented, hmacOf(documented)},
		"a changed word":                 {strings.Replace(documented, "rejected", "successful", 1), documentedSignature},
		"a changed amount":               {strings.Replace(documented, "200.00", "900.00", 1), documentedSignature},
		"a key twice":                    {`{"a":"1","a":"2"}`, signatureFor(`{"a":"1","a":"2"}`)},
		"a key twice, escaped":           {`{"a":"1","\u0061":"2"}`, signatureFor(`{"a":"1","\u0061":"2"}`)},
		"a key twice, inside":            {`{"b":[{"a":1,"a":2}]}`, signatureFor(`{"b":[{"a":1,"a":2}]}`)},
		"an array":                       {`[]`, signatureFor(`[]`)},
		"null":                           {`null`, signatureFor(`null`)},
		"no JSON":                        {`hello`, signatureFor(`hello`)},
		"nothing":                        {``, signatureFor(``)},
		"two objects":                    {deposit + deposit, signatureFor(deposit + deposit)},
		"more than 64 KiB":               {tooLong(), signatureFor(tooLong())},
	} {
		t.Run(name, func(t *testing.T) {
			got := notify(t, live(t), posted(c.body, c.signature))
			want := sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized, Alert: got.Alert}
			if diff := cmp.Diff(want, got); diff != "" || got.Alert == "" {
				t.Errorf("alert %q (-want +got):\n%s", got.Alert, diff)
			}
		})
	}
}

func tooLong() string { return `{"a":"` + strings.Repeat("x", bodyMax) + `"}` }

func TestAWebhookOfExactly64KiBIsRead(t *testing.T) {
	body := `{"tracking_id":"` + strings.Repeat("x", bodyMax-len(`{"tracking_id":""}`)) + `"}`
	if got := notify(t, live(t), sealed(body)); len(body) != bodyMax || got.Authenticity != sdk.Genuine {
		t.Errorf("%d bytes: got %v", len(body), got.Authenticity)
	}
}

func TestTwoSignaturesAreNone(t *testing.T) {
	req := sealed(deposit)
	req.Header["X-Signature"] = []string{depositSignature}
	if got := notify(t, live(t), req); got.Authenticity != sdk.Forged {
		t.Errorf("got %v", got.Authenticity)
	}
}

func TestAWebhookIsHandedOnAsTold(t *testing.T) {
	got := notify(t, live(t), posted(documented, documentedSignature))
	want := sdk.Notification{
		Authenticity: sdk.Genuine, Ref: "b8f04416-116a-11ed-861d-0242ac120002", ProviderRef: theirID, Confirm: true,
		DedupeKey: theirID + " rejected", Status: http.StatusOK,
		Result: sdk.Result{
			Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined, ProviderRef: theirID, ProviderStatus: "rejected",
			Told: sdk.Told{Amount: "200.00", Currency: "GBP", Reference: "b8f04416-116a-11ed-861d-0242ac120002", Type: "payout"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheWordsOfWebhooks(t *testing.T) {
	for word, want := range map[string]struct {
		outcome sdk.Outcome
		alert   bool
		dedupe  string
	}{
		"pending":      {sdk.OutcomePending, false, "t1 pending"},
		"successful":   {sdk.OutcomeSucceeded, false, "t1 successful"},
		" Successful ": {sdk.OutcomeSucceeded, false, "t1 successful"},
		"REJECTED":     {sdk.OutcomeDeclined, false, "t1 rejected"},
		"expired":      {sdk.OutcomeExpired, false, "t1 expired"},
		"processing":   {sdk.OutcomeUnknown, true, "t1 processing"},
		"":             {sdk.OutcomeUnknown, true, ""},
	} {
		t.Run("word "+word, func(t *testing.T) {
			body := `{"transaction_id":"t1","tracking_id":"k1","status":"` + word + `"}`
			got := notify(t, live(t), sealed(body))
			if got.Result.Outcome != want.outcome || (got.Alert != "") != want.alert || got.DedupeKey != want.dedupe || !got.Confirm {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestOtherMethods(t *testing.T) {
	for method, want := range map[string]sdk.Notification{
		http.MethodGet:    {Authenticity: sdk.Ping, Status: http.StatusOK},
		http.MethodHead:   {Authenticity: sdk.Ping, Status: http.StatusOK},
		http.MethodPut:    {Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed},
		http.MethodDelete: {Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed},
	} {
		t.Run(method, func(t *testing.T) {
			got := notify(t, live(t), sdk.NotificationRequest{Method: method})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
