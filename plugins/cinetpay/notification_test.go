package main

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// The vectors: values in the order of the formula.
const (
	vectorA = "445160;D01u35;2022-09-29 14:13:16;100;XOF;abc123;OMBF;57474578;226;fr;V4;SINGLE;PAYMENT;;Paiement mobile vers MONBUSINESS;SUCCES"
	vectorB = "123456;ORD-42;2026-01-02 03:04:05;5000;XAF;deadbeef;MTNCM;670000001;237;fr;V4;SINGLE;PAYMENT;cmVmPTQy;Réabonnement café;TRANSACTION_CANCEL"

	tokenA       = "9a94a5699c5554619b2a58be2621964ff0a15f3c1a8378a31104206d36e5c8fb"
	tokenB       = "47af8bcc4e069428c167e90f5cb1be59f908d4d89235f135b0764684d8a70ad7"
	tokenC       = "6bbe849390d4313f628039ef7d0ac9e70d90982a61e6e1965cfa5ae0503edcbf"
	tokenRawBody = "96178cde0db64c78eb41487347be7aebca12de8863aa244fe2c8e67a323a406c"
	tokenNone    = "ff066215980ea766e3102a56f349d1bfa5d7e645a37148ab95bb63eafc23bcaf"
	tokenLatin1  = "a668e3aaae6fdddd99b1f3b160850dc8fd9ab4efae2490e455ffe294649dddf8"
)

// formOf is the vector in the order of the formula.
func formOf(vector string) form {
	values := strings.Split(vector, ";")
	var f form
	for i, name := range signedFields() {
		f = append(f, pair{name, values[i]})
	}
	return f
}

func (f form) without(name string) form {
	var rest form
	for _, one := range f {
		if one.name != name {
			rest = append(rest, one)
		}
	}
	return rest
}

func (f form) lastFirst() form { return append(form{f[len(f)-1]}, f[:len(f)-1]...) }

func (f form) encode() []byte {
	var parts []string
	for _, one := range f {
		parts = append(parts, url.QueryEscape(one.name)+"="+url.QueryEscape(one.value))
	}
	return []byte(strings.Join(parts, "&"))
}

func posted(body []byte, token string) sdk.NotificationRequest {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if token != "" {
		header["X-Token"] = []string{token}
	}
	return sdk.NotificationRequest{Method: http.MethodPost, Header: header, Body: body}
}

func notify(t *testing.T, p *provider, req sdk.NotificationRequest) sdk.Notification {
	t.Helper()
	got, err := p.HandleNotification(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestGenuineTokensAreAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		body  []byte
		token string
		ref   string
	}{
		"vector A":                      {formOf(vectorA).encode(), tokenA, "D01u35"},
		"vector A without cpm_custom":   {formOf(vectorA).without("cpm_custom").encode(), tokenA, "D01u35"},
		"vector A in another order":     {formOf(vectorA).lastFirst().encode(), tokenA, "D01u35"},
		"vector A in capital hex":       {formOf(vectorA).encode(), strings.ToUpper(tokenA), "D01u35"},
		"vector B, which is UTF-8":      {formOf(vectorB).encode(), tokenB, "ORD-42"},
		"vector C, signed as it posted": {formOf(vectorA).lastFirst().encode(), tokenC, "D01u35"},
	} {
		t.Run(name, func(t *testing.T) {
			want := sdk.Notification{Authenticity: sdk.Genuine, Ref: c.ref, Confirm: true, Status: http.StatusOK}
			if diff := cmp.Diff(want, notify(t, live(t), posted(c.body, c.token))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheTokenHeaderIsReadInAnyCase(t *testing.T) {
	for _, name := range []string{"x-token", "X-Token", "X-TOKEN"} {
		req := posted(formOf(vectorA).encode(), "")
		req.Header[name] = []string{tokenA}
		if got := notify(t, live(t), req); got.Authenticity != sdk.Genuine {
			t.Errorf("%s: got %v", name, got.Authenticity)
		}
	}
}

func TestOtherTokensAreRefused(t *testing.T) {
	a, b := formOf(vectorA), formOf(vectorB)
	for name, req := range map[string]sdk.NotificationRequest{
		"of the raw body":                 posted(a.encode(), tokenRawBody),
		"with None for the empty field":   posted(a.encode(), tokenNone),
		"hashed as Latin-1":               posted(b.encode(), tokenLatin1),
		"of another notification":         posted(b.encode(), tokenA),
		"of C, posted in another order":   posted(a.encode(), tokenC),
		"absent":                          posted(a.encode(), ""),
		"shortened":                       posted(a.encode(), tokenA[:62]),
		"no hex":                          posted(a.encode(), strings.Repeat("zz", 32)),
		"one digit off":                   posted(a.encode(), "0"+tokenA[1:]),
		"with an empty body":              posted(nil, tokenA),
		"with a field that is changed":    posted([]byte(strings.Replace(string(a.encode()), "cpm_amount=100", "cpm_amount=101", 1)), tokenA),
		"with a body that is no form":     posted([]byte(`{"cpm_trans_id":"D01u35"}`), tokenA),
		"with a broken part in the form":  posted(append(a.encode(), "&x=%zz"...), tokenA),
		"of the apikey instead of secret": posted(a.encode(), hex.EncodeToString(sign([]byte(testKey), a.inFormula()))),
	} {
		t.Run(name, func(t *testing.T) {
			got := notify(t, live(t), req)
			if got.Alert == "" || strings.Contains(got.Alert, testSecret) {
				t.Errorf("got the alert %q", got.Alert)
			}
			got.Alert = ""
			want := sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutASecretKeyANotificationIsAHint(t *testing.T) {
	p := open(t, with("", map[string]any{"secret_key": ""}))
	for name, req := range map[string]sdk.NotificationRequest{
		"with its token":    posted(formOf(vectorA).encode(), tokenA),
		"with a wrong one":  posted(formOf(vectorA).encode(), tokenB),
		"without token":     posted(formOf(vectorA).encode(), ""),
		"and little else":   posted([]byte("cpm_trans_id=D01u35"), ""),
		"and a broken part": posted([]byte("cpm_trans_id=D01u35&x=%zz"), ""),
	} {
		t.Run(name, func(t *testing.T) {
			want := sdk.Notification{Authenticity: sdk.Hint, Ref: "D01u35", Confirm: true, Status: http.StatusOK}
			if diff := cmp.Diff(want, notify(t, p, req)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestThePingIsAnswered(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		req := sdk.NotificationRequest{Method: method, Query: "cpm_trans_id=D01u35", Header: http.Header{}}
		want := sdk.Notification{Authenticity: sdk.Ping, Status: http.StatusOK}
		if diff := cmp.Diff(want, notify(t, live(t), req)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", method, diff)
		}
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	for _, method := range []string{http.MethodPut, http.MethodDelete, ""} {
		req := posted(formOf(vectorA).encode(), tokenA)
		req.Method = method
		if got := notify(t, live(t), req); got.Authenticity != sdk.Forged || got.Status != http.StatusMethodNotAllowed || got.Ref != "" {
			t.Errorf("%s: got %+v", method, got)
		}
	}
}
