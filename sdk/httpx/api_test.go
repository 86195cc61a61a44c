package httpx_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// told is an object as a provider tells it.
type told struct{ ID, Status string }

func newAPI(t *testing.T, root string) *httpx.API {
	t.Helper()
	api, err := httpx.NewAPI(root, httpx.Bearer(sdk.NewSecret("a-secret-key")), httpx.Options{UserAgent: agent})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

func TestAnAPICarriesItsKeyAndSpeaksJSON(t *testing.T) {
	var heard []string
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard = append(heard, fmt.Sprintf("%s %s %s %s %s %s", r.Method, r.URL, r.Header.Get("Authorization"),
			r.Header.Get("Content-Type"), r.UserAgent(), body))
		_, _ = io.WriteString(w, `{"id":"p_1","status":"paid"}`)
	})
	api := newAPI(t, server.URL+"/v2/")
	answer, err := api.Move(t.Context(), "/payments", map[string]string{"b": "https://x?a=1&b=2", "a": "1"})
	if err != nil || !answer.OK() {
		t.Fatal(answer.Status, err)
	}
	said, err := httpx.Read[told](api.Ask(t.Context(), "/payments?reference=r1"))
	if err != nil || said != (told{"p_1", "paid"}) {
		t.Errorf("%+v, %v", said, err)
	}
	want := []string{
		`POST /v2/payments Bearer a-secret-key application/json ` + agent + ` {"a":"1","b":"https://x?a=1&b=2"}`,
		`GET /v2/payments?reference=r1 Bearer a-secret-key application/json ` + agent + ` `,
	}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if text := fmt.Sprintf("%v %+v %#v", api, *api, api); strings.Contains(text, "a-secret-key") {
		t.Error("the key can be printed")
	}
}

func TestAnAPINeedsAUserAgentAndAValueThatIsJSON(t *testing.T) {
	if _, err := httpx.NewAPI("https://api.example", nil, httpx.Options{}); err == nil {
		t.Error("without a user agent there is no error")
	}
	_, err := newAPI(t, "http://127.0.0.1:1").Move(t.Context(), "/", func() {})
	if fault, ok := errors.AsType[*sdk.Error](err); !ok || fault.Kind != sdk.KindInvalid || fault.Sent != sdk.NotSent {
		t.Errorf("what is no JSON: %v", err)
	}
}

func TestReadTakesNothingForGranted(t *testing.T) {
	made := []sdk.Exchange{{Method: http.MethodPost, URL: "https://api.example/payments"}}
	tests := map[string]struct {
		status int
		body   string
		kind   sdk.ErrorKind
	}{
		"a refused request":       {400, `{"status":"paid"}`, sdk.KindInvalid},
		"another refused request": {422, `{"status":"paid"}`, sdk.KindInvalid},
		"a refused key":           {401, `{"status":"paid"}`, sdk.KindAuthentication},
		"a closed door":           {403, `{"status":"paid"}`, sdk.KindAuthentication},
		"nothing there":           {404, `{"status":"paid"}`, sdk.KindUnknown},
		"too often":               {429, `{"status":"paid"}`, sdk.KindRateLimited},
		"their fault":             {503, `{"status":"paid"}`, sdk.KindUnavailable},
		"elsewhere":               {302, `{"status":"paid"}`, sdk.KindUnknown},
		"nothing":                 {200, ``, sdk.KindUnknown},
		"half of it":              {200, `{"status":"pa`, sdk.KindUnknown},
		"two of them":             {200, `{"status":"paid"}{}`, sdk.KindUnknown},
		"a list":                  {200, `[{"status":"paid"}]`, sdk.KindUnknown},
		"null":                    {200, `null`, sdk.KindUnknown},
		"two words":               {200, `{"status":"open","status":"paid"}`, sdk.KindUnknown},
		"two words by capitals":   {200, `{"status":"open","Status":"paid"}`, sdk.KindUnknown},
		"another type":            {200, `{"status":7}`, sdk.KindUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Retry-After": {"7"}}
			said, err := httpx.Read[told](httpx.Response{Status: test.status, Header: header, Body: []byte(test.body), Exchanges: made}, nil)
			fault, ok := errors.AsType[*sdk.Error](err)
			if !ok || said != (told{}) {
				t.Fatalf("%+v, %v", said, err)
			}
			want := sdk.Error{
				Kind: test.kind, ProviderCode: fmt.Sprint(test.status), Message: fault.Message, RetryAfter: 7 * time.Second,
				Err: fault.Err, Exchanges: made,
			}
			if diff := cmp.Diff(want, *fault, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); diff != "" {
				t.Errorf("fault (-want +got):\n%s", diff)
			}
			if unreadable := errors.Is(err, httpx.ErrUnreadable); unreadable != (test.status == 200) {
				t.Errorf("unreadable: %t", unreadable)
			}
			if !strings.HasPrefix(fault.Message, "POST https://api.example/payments: ") || strings.Contains(fault.Message, "paid") {
				t.Errorf("it says %q", fault.Message)
			}
		})
	}
}

func TestReadHandsTheErrorOfTheCallOn(t *testing.T) {
	_, err := httpx.Read[told](newAPI(t, "http://127.0.0.1:1").Move(t.Context(), "/", told{}))
	if outcome := sdk.CreateOutcome(err); outcome != sdk.OutcomeNotSent {
		t.Errorf("a refused connection is %s: %v", outcome, err)
	}
	_, err = httpx.Read[told](newAPI(t, "http://127.0.0.1:1").Ask(t.Context(), "/"))
	if outcome := sdk.CreateOutcome(err); outcome != sdk.OutcomeUnknown {
		t.Errorf("a question that was not sent is %s: %v", outcome, err)
	}
}

func TestRejectedSaysThatNothingWasCreated(t *testing.T) {
	answer := httpx.Response{Status: 429, Header: http.Header{"Retry-After": {"3"}}, Exchanges: []sdk.Exchange{{Method: "POST"}}}
	want := sdk.Result{
		Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonRateLimited, ProviderCode: "429",
		RetryAfter: 3 * time.Second, Exchanges: answer.Exchanges,
	}
	if diff := cmp.Diff(want, answer.Rejected(sdk.ReasonRateLimited)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
