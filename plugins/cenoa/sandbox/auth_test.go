package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
)

const (
	payload   = "eyJ0aW1lc3RhbXAiOiIxNzY3MjI1NjAwMDAwIn0="
	signature = "18b9f3e8efbc7d15f95e2a9e508efc43c508ae47b9836682953c978746abb229" +
		"b77da23b8235f059b4910eeadeb412d76c314f85a4ba30add36f8c8fc02ecb07"
	numberPayload   = "eyJ0aW1lc3RhbXAiOjE3NjcyMjU2MDAwMDB9"
	numberSignature = "01eee84665f67d7893499a0e4aae6ade23473b1d21a85dbe3e2a3dd3b0518786" +
		"362115a04066dbcf8d81c58e2463912eec362e57f41102ed090ab7f9981aa198"
	signatureOverJSON = "b5b3c1722e1089cb02d4679b21434d3311ce6b4b7cc06a5ebfda6beef95524a9" +
		"b355b01dd3931bbfd50ddde13a497464785432cedcb8f989db694ae17a5b80e2"
)

func TestSignedCalls(t *testing.T) {
	t.Parallel()
	unpadded := strings.TrimRight(payload, "=")
	twoFields := base64.StdEncoding.EncodeToString([]byte(`{"timestamp":"1767225600000","x":1}`))
	signed := func(text string) http.Header {
		encoded := base64.StdEncoding.EncodeToString([]byte(text))
		return headers(encoded, sandbox.Sign(sandbox.APISecret, encoded))
	}
	tests := map[string]struct {
		header  http.Header
		refused string
	}{
		"the vector of text":       {headers(payload, signature), ""},
		"the vector of a number":   {headers(numberPayload, numberSignature), ""},
		"more fields":              {headers(twoFields, sandbox.Sign(sandbox.APISecret, twoFields)), ""},
		"the vector over the JSON": {headers(payload, signatureOverJSON), "wrong signature"},
		"the signature of another": {headers(payload, numberSignature), "wrong signature"},
		"upper hex":                {headers(payload, strings.ToUpper(signature)), "wrong signature"},
		"no signature":             {headers(payload, ""), "wrong signature"},
		"another secret":           {headers(payload, sandbox.Sign("other", payload)), "wrong signature"},
		"base64 without padding":   {headers(unpadded, sandbox.Sign(sandbox.APISecret, unpadded)), "unreadable payload"},
		"no payload":               {headers("", sandbox.Sign(sandbox.APISecret, "")), "unreadable payload"},
		"no JSON":                  {signed(`timestamp`), "unreadable payload"},
		"no timestamp":             {signed(`{}`), "unreadable payload"},
		"a timestamp of words":     {signed(`{"timestamp":"now"}`), "unreadable payload"},
		"a fraction":               {signed(`{"timestamp":1767225600000.5}`), "unreadable payload"},
		"seconds":                  {stamped(`"1767225600"`), "timestamp too old"},
		"exactly now":              {at(dawn()), ""},
		"a millisecond ahead":      {at(dawn().Add(time.Millisecond)), "timestamp in the future"},
		"five minutes old":         {at(dawn().Add(-5 * time.Minute)), ""},
		"a millisecond more":       {at(dawn().Add(-5*time.Minute - time.Millisecond)), "timestamp too old"},
		"a wrong key, wrongly signed": {
			http.Header{"Apikey": {"other"}, "Payload": {payload}, "Signature": {"x"}}, "unknown apikey",
		},
		"no key":                     {http.Header{"Payload": {payload}, "Signature": {signature}}, "unknown apikey"},
		"old and wrongly signed":     {headers(at(dawn().Add(-time.Hour)).Get("Payload"), "x"), "wrong signature"},
		"unreadable, wrongly signed": {headers("?", "x"), "wrong signature"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			for _, path := range []string{"/v1/checkout/user-account?phone=%2B905551112233", "/v1/checkout/transactions?page=1"} {
				got := s.do(http.MethodGet, path, "", test.header)
				want := http.StatusOK
				if test.refused != "" {
					want = http.StatusUnauthorized
				}
				if got.Status != want || test.refused != "" && got.object()["message"] != test.refused {
					t.Errorf("%s: want HTTP %d %q, got %d %s", path, want, test.refused, got.Status, got.Text)
				}
				if diff := cmp.Diff(dawn().Format(http.TimeFormat), got.Header.Get("Date")); diff != "" {
					t.Errorf("Date (-want +got)\n%s", diff)
				}
			}
			want := map[string]int{}
			if test.refused != "" {
				want[test.refused] = 2
			}
			if diff := cmp.Diff(want, s.State().Refused); diff != "" {
				t.Errorf("refused (-want +got)\n%s", diff)
			}
		})
	}
}

func TestSkewMovesTheJudgeAndDate(t *testing.T) {
	t.Parallel()
	for skew, want := range map[time.Duration]int{
		-time.Second: http.StatusUnauthorized, 0: http.StatusOK, 300 * time.Second: http.StatusOK, 301 * time.Second: http.StatusUnauthorized,
	} {
		s := open(t, sandbox.Options{})
		s.Skew(skew)
		got := s.lookUp(phone)
		if got.Status != want || got.Header.Get("Date") != dawn().Add(skew).Format(http.TimeFormat) {
			t.Errorf("%s: want HTTP %d, got %d at %s", skew, want, got.Status, got.Header.Get("Date"))
		}
		if now := s.Now(); !now.Equal(dawn()) {
			t.Errorf("%s: the sandbox's own clock shows %s", skew, now)
		}
	}
}

func TestAdvanceMovesTheJudge(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	signed := at(s.Now())
	s.Advance(5*time.Minute + time.Millisecond)
	if got := s.do(http.MethodGet, "/v1/checkout/transactions?page=1", "", signed); got.Status != http.StatusUnauthorized {
		t.Errorf("a captured header set opens after five minutes: HTTP %d", got.Status)
	}
	s.Advance(-time.Hour)
	if got := s.Now(); !got.Equal(dawn().Add(5*time.Minute + time.Millisecond)) {
		t.Errorf("back in time: %s", fmt.Sprint(got))
	}
}
