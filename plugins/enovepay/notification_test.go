package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// The documents' vectors, with the secret test_client_secret_key.
const (
	tokenOK      = "c6460bd20bf70d7def7ac4806c17a73d" // of testID
	failedID     = "07f967a5d1a40eed1840"
	tokenFailed  = "a081de21a57ac3fc17716f279bbdcf47"
	thirdID      = "2b1f0a9c8d7e6f504132"
	tokenThird   = "a27939842e59bef04fabd4b50ecbec52"
	tokenSwapped = "6225e71bfe567187a07f8fa6f52abf57" // of testID, the secret first
)

func posted(body, token string) sdk.NotificationRequest {
	header := http.Header{"Content-Type": {"application/json"}}
	if token != "" {
		header["Authorization"] = []string{"Bearer " + token}
	}
	return sdk.NotificationRequest{Method: http.MethodPost, Header: header, Body: []byte(body), PeerIP: "192.0.2.7"}
}

func notify(t *testing.T, p *provider, req sdk.NotificationRequest) sdk.Notification {
	t.Helper()
	got, err := p.HandleNotification(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// names is a webhook about the id with more fields.
func names(id, more string) string { return fmt.Sprintf(`{"transaction_id":%q%s}`, id, more) }

func TestEachVectorIsAccepted(t *testing.T) {
	for id, token := range map[string]string{testID: tokenOK, failedID: tokenFailed, thirdID: tokenThird} {
		for _, written := range []string{token, strings.ToUpper(token), " " + token + " "} {
			got := notify(t, live(t), posted(names(id, ""), written))
			if got.Authenticity != sdk.Genuine || got.ProviderRef != id || got.Status != http.StatusOK || !got.Confirm {
				t.Errorf("%s with %q: got %+v", id, written, got)
			}
		}
	}
}

func TestOtherTokensAreRefused(t *testing.T) {
	body := names(testID, `,"transaction_status":"Success"`)
	basic := posted(body, "")
	basic.Header.Set("Authorization", "Basic "+tokenOK)
	twice := posted(body, tokenOK)
	twice.Header["authorization"] = []string{"Bearer " + tokenSwapped}
	bare := posted(body, "")
	bare.Header.Set("Authorization", tokenOK)
	for name, req := range map[string]sdk.NotificationRequest{
		"the secret first":        posted(body, tokenSwapped),
		"of another transaction":  posted(body, tokenFailed),
		"one digit off":           posted(body, "d"+tokenOK[1:]),
		"shortened":               posted(body, tokenOK[:30]),
		"lengthened":              posted(body, tokenOK+"00"),
		"no hex":                  posted(body, strings.Repeat("z", 32)),
		"none":                    posted(body, ""),
		"another scheme":          basic,
		"no scheme":               bare,
		"two of them":             twice,
		"with the id changed":     posted(names(testID[:19]+"4", ""), tokenOK),
		"with an id in capitals":  posted(names(strings.ToUpper(testID), ""), tokenOK),
		"with an id that is long": posted(names(testID+"t", ""), tokenOK),
	} {
		t.Run(name, func(t *testing.T) {
			got := notify(t, live(t), req)
			if got.Alert == "" || strings.Contains(got.Alert, testSecret) {
				t.Errorf("got the alert %q", got.Alert)
			}
			got.Alert = ""
			if diff := cmp.Diff(sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheTokenHeaderIsReadInAnyCase(t *testing.T) {
	for _, name := range []string{"authorization", "Authorization", "AUTHORIZATION"} {
		req := posted(names(testID, ""), "")
		req.Header[name] = []string{"bearer " + tokenOK}
		if got := notify(t, live(t), req); got.Authenticity != sdk.Genuine {
			t.Errorf("%s: got %v", name, got.Authenticity)
		}
	}
}

func TestEachCodeInAWebhook(t *testing.T) {
	for code, want := range map[string]struct {
		outcome sdk.Outcome
		reason  sdk.Reason
		key     string
	}{
		"100": {pending, "", ""}, "101": {}, "102": {}, "103": {}, "104": {}, "105": {}, "106": {}, "107": {}, "108": {},
		"109": {}, "110": {}, "111": {}, "112": {declined, no, "DECLINED"}, "113": {}, "114": {pending, "", "PENDING"},
		"115": {final, no, "DECLINED_FINAL"}, "116": {declined, no, "DECLINED"}, "117": {},
	} {
		got := notify(t, live(t), posted(names(testID, `,"status_code":`+code), tokenOK))
		if got.Result.Outcome != want.outcome || got.Result.Reason != want.reason || !got.Confirm || got.Alert != "" {
			t.Errorf("%s: want %v (%s), got %+v", code, want.outcome, want.reason, got)
		}
		if want.key != "" {
			want.key = testID + " " + want.key
		}
		if got.DedupeKey != want.key {
			t.Errorf("%s: want the key %q, got %q", code, want.key, got.DedupeKey)
		}
	}
}

func TestEachWordInAWebhook(t *testing.T) {
	const amount = `,"transaction_amount":10`
	for name, c := range map[string]struct {
		more    string
		outcome sdk.Outcome
		key     string
		alert   bool
	}{
		"success":                {`,"transaction_status":"Success"` + amount, succeeded, "SUCCEEDED", false},
		"success without amount": {`,"transaction_status":"Success"`, pending, "SUCCEEDED", true},
		"failed":                 {`,"transaction_status":"Failed"`, declined, "DECLINED", false},
		"refunded":               {`,"transaction_status":"Refunded"` + amount, reversed, "REVERSED", false},
		"in progress":            {`,"status_code":114,"success":false,"transaction_status":"Credit In Progress"`, pending, "PENDING", false},
		"another word":           {`,"status_code":100,"transaction_status":"Validated"`, unknown, "", true},
		"100 and no word":        {`,"status_code":100,"success":true` + amount, pending, "", false},
		"nothing":                {``, unknown, "", false},
		"success true":           {`,"success":true`, unknown, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := notify(t, live(t), posted(names(testID, c.more), tokenOK))
			if c.key != "" {
				c.key = testID + " " + c.key
			}
			if got.Result.Outcome != c.outcome || got.DedupeKey != c.key || (got.Alert != "") != c.alert || !got.Confirm {
				t.Errorf("want %v, key %q, alert %t, got %+v", c.outcome, c.key, c.alert, got)
			}
		})
	}
}

func TestTheDocumentedWebhooks(t *testing.T) {
	for name, c := range map[string]struct {
		token string
		want  sdk.Result
		key   string
	}{
		"webhook-success.json": {tokenOK, sdk.Result{
			Outcome: succeeded, ProviderRef: testID, ProviderCode: "100", ProviderStatus: "Success",
			Told: sdk.Told{Amount: "10", Reference: "Ymdnsfh"},
		}, testID + " SUCCEEDED"},
		"webhook-failed.json": {tokenFailed, sdk.Result{
			Outcome: declined, Reason: no, ProviderRef: failedID, ProviderCode: "112", Told: sdk.Told{Reference: "Ymdns5454fh"},
		}, failedID + " DECLINED"},
	} {
		t.Run(name, func(t *testing.T) {
			want := sdk.Notification{
				Authenticity: sdk.Genuine, ProviderRef: c.want.ProviderRef, DedupeKey: c.key, Confirm: true, Result: c.want,
				Status: http.StatusOK, ContentType: "application/json", Body: []byte(`{"success":true}`),
			}
			if diff := cmp.Diff(want, notify(t, live(t), posted(sample(t, name), c.token))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheDocumentsOwnSamplesAreHints(t *testing.T) {
	for name, c := range map[string]struct{ id, token string }{
		"webhook-success.js": {testID, tokenOK}, "webhook-failed.js": {failedID, tokenFailed},
	} {
		want := sdk.Notification{
			Authenticity: sdk.Hint, ProviderRef: c.id, Confirm: true,
			Status: http.StatusOK, ContentType: "application/json", Body: []byte(`{"success":true}`),
		}
		if diff := cmp.Diff(want, notify(t, live(t), posted(sample(t, name), c.token))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestABodyThatCannotBeReadIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "null": "null", "a list": "[]", "no id": `{"status_code":100}`, "an id of another": "{transaction_id: '" + failedID + "'}",
		"a longer run": "{id: 'a" + testID + "'}", "capitals": strings.ToUpper(sample(t, "webhook-success.js")),
	} {
		got := notify(t, live(t), posted(body, tokenOK))
		if got.Authenticity != sdk.Forged || got.Status != http.StatusBadRequest || got.Alert == "" || got.ProviderRef != "" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestAFormIsReadLikeJSON(t *testing.T) {
	form := url.Values{
		"transaction_id": {testID}, "status_code": {"100"}, "transaction_status": {"Success"}, "transaction_amount": {"10"},
		"reference_number": {testRef},
	}
	got := notify(t, live(t), posted(form.Encode(), tokenOK))
	if got.Authenticity != sdk.Genuine || got.Ref != testRef || got.Result.Outcome != succeeded || got.Result.Told.Amount != "10" {
		t.Errorf("got %+v", got)
	}
}

func TestOurReferenceIsTakenWhereAFieldHoldsOne(t *testing.T) {
	const other = "p01j8xk2m4n6q8r0s2t4v6w82"
	for name, c := range map[string]struct{ more, want string }{
		"reference_number":       {`,"reference_number":"` + testRef + `","transaction_ref":"` + other + `"`, testRef},
		"else transaction_ref":   {`,"reference_number":"Ymdnsfh","transaction_ref":"` + testRef + `"`, testRef},
		"never debitor_account":  {`,"debitor_account":"` + testRef + `"`, ""},
		"none of our form":       {`,"reference_number":"Ymdnsfh"`, ""},
		"one in capital letters": {`,"reference_number":"` + strings.ToUpper(testRef) + `"`, ""},
	} {
		if got := notify(t, live(t), posted(names(testID, c.more), tokenOK)); got.Ref != c.want || got.ProviderRef != testID {
			t.Errorf("%s: got %q and %q", name, got.Ref, got.ProviderRef)
		}
	}
}

func TestAllowedIPs(t *testing.T) {
	for name, c := range map[string]struct {
		allowed any
		peer    string
		in      bool
	}{
		"not set":                    {nil, "203.0.113.9", true},
		"the one address":            {"192.0.2.7", "192.0.2.7", true},
		"another address":            {"192.0.2.7", "192.0.2.8", false},
		"inside of a range":          {[]any{"198.51.100.1", "192.0.2.0/24"}, "192.0.2.200", true},
		"outside of a range":         {"192.0.2.0/24", "192.0.3.1", false},
		"an address in IPv6 clothes": {"192.0.2.7", "::ffff:192.0.2.7", true},
		"a setting in IPv6 clothes":  {"::ffff:192.0.2.7", "192.0.2.7", true},
		"IPv6":                       {"2001:db8::/32", "2001:db8::1", true},
		"no address":                 {"192.0.2.7", "", false},
		"an address with its port":   {"192.0.2.7", "192.0.2.7:443", false},
	} {
		t.Run(name, func(t *testing.T) {
			req := posted(names(testID, ""), tokenOK)
			req.PeerIP = c.peer
			got := notify(t, open(t, with("", map[string]any{"allowed_ips": c.allowed})), req)
			want := sdk.Forged
			if c.in {
				want = sdk.Genuine
			}
			if got.Authenticity != want || !c.in && (got.Status != http.StatusUnauthorized || got.Alert == "") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestPingsAndOtherMethods(t *testing.T) {
	for method, want := range map[string]sdk.Notification{
		http.MethodGet:    {Authenticity: sdk.Ping, Status: http.StatusOK},
		http.MethodHead:   {Authenticity: sdk.Ping, Status: http.StatusOK},
		http.MethodPut:    {Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed},
		http.MethodDelete: {Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed},
		"":                {Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed},
	} {
		req := posted(names(testID, ""), tokenOK)
		req.Method = method
		if diff := cmp.Diff(want, notify(t, live(t), req)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", method, diff)
		}
	}
}
