package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// Each row is an answer of user_account, what it makes of a payment, and of a look-up.
func TestEveryAnswerOfTheLookUp(t *testing.T) {
	none := sdk.Reason("")
	for name, c := range map[string]struct {
		status  int
		body    string
		outcome sdk.Outcome
		reason  sdk.Reason
		kind    sdk.ErrorKind
		alert   bool
		calls   int
	}{
		"bad request":           {400, `{}`, sdk.OutcomeRejected, sdk.ReasonInvalidRequest, sdk.KindInvalid, false, 1},
		"unprocessable":         {422, `{}`, sdk.OutcomeRejected, sdk.ReasonInvalidRequest, sdk.KindInvalid, false, 1},
		"unauthorized":          {401, `{}`, sdk.OutcomeRejected, sdk.ReasonAuthentication, sdk.KindAuthentication, true, 2},
		"forbidden":             {403, `{}`, sdk.OutcomeRejected, sdk.ReasonProviderUnavailable, sdk.KindUnavailable, true, 1},
		"not allowed":           {405, `{}`, sdk.OutcomeRejected, sdk.ReasonProviderUnavailable, sdk.KindUnavailable, true, 1},
		"a status without rule": {418, `{}`, sdk.OutcomeNotSent, none, sdk.KindUnknown, true, 1},
		"an error":              {500, `{}`, sdk.OutcomeNotSent, none, sdk.KindUnavailable, false, 2},
		"a bad gateway":         {502, `<html>`, sdk.OutcomeNotSent, none, sdk.KindUnavailable, false, 2},
		"a redirect":            {307, ``, sdk.OutcomeNotSent, none, sdk.KindUnavailable, false, 2},
		"not modified":          {304, ``, sdk.OutcomeNotSent, none, sdk.KindUnavailable, false, 2},
		"no content":            {204, ``, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"no JSON":               {200, `<html>`, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"null":                  {200, `null`, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"a list":                {200, `[{"userId":"u"}]`, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"half an answer":        {200, `{"userId":"u"`, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"a userId of no kind":   {200, `{"userId":{}}`, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"a userId of a float":   {200, `{"userId":1.5}`, sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"more than a mebibyte":  {200, strings.Repeat(" ", 2<<20), sdk.OutcomeNotSent, none, sdk.KindUnknown, false, 2},
		"nobody by 404":         {404, `{}`, sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, sdk.KindNotFound, false, 1},
		"nobody by null":        {200, `{"userId":null}`, sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, sdk.KindNotFound, false, 1},
		"nobody by absence":     {200, `{"email":"j***@example.com"}`, sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, sdk.KindNotFound, false, 1},
		"nobody by no text":     {200, `{"userId":""}`, sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, sdk.KindNotFound, false, 1},
		"nobody by a blank":     {200, `{"userId":" "}`, sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, sdk.KindNotFound, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			p := local(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			p.settings.signupURL = ""
			got, err := p.CreatePayment(t.Context(), request(nil))
			if err != nil || got.Outcome != c.outcome || got.Reason != c.reason {
				t.Errorf("want %v (%s), got %v (%s), %v", c.outcome, c.reason, got.Outcome, got.Reason, err)
			}
			if (got.Alert != "") != c.alert || got.Message == "" || got.NextAction != nil || got.Match != nil {
				t.Errorf("want an alert %t, got %+v", c.alert, got)
			}
			if calls != c.calls || len(got.Exchanges) != c.calls {
				t.Errorf("want %d calls, got %d and %d exchanges", c.calls, calls, len(got.Exchanges))
			}
			_, err = p.LookupCustomer(t.Context(), testPhone)
			var fault *sdk.Error
			if !errors.As(err, &fault) || fault.Kind != c.kind || fault.Sent != sdk.MaybeSent {
				t.Errorf("want a fault %v, got %v", c.kind, err)
			}
		})
	}
}

func TestACustomerIsFound(t *testing.T) {
	for name, c := range map[string]struct{ body, user, email string }{
		"as documented":        {sample(t, "account-found.json"), "usr_7f3a", "j***@example.com"},
		"by number":            {`{"userId":12345678901234567890}`, "12345678901234567890", ""},
		"with a number unsaid": {`{"userId":"007","email":7}`, "007", ""},
		"with a whole address": {`{"userId":"u","email":"jane@example.com"}`, "u", "j***@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) })
			got, err := p.LookupCustomer(t.Context(), testPhone)
			if err != nil {
				t.Fatal(err)
			}
			want := sdk.Customer{Phone: testPhone, ProviderCustomer: c.user, Email: c.email}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodyIsToldWhereToSignUp(t *testing.T) {
	p := local(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, sample(t, "account-nobody.json")) })
	want := &sdk.NextAction{Type: sdk.ActionSignup, URL: signupURL, Message: "Open a Cenoa account with this phone number first."}
	got, err := p.LookupCustomer(t.Context(), testPhone)
	if err != nil || got.ProviderCustomer != "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if diff := cmp.Diff(want, got.NextAction); diff != "" {
		t.Errorf("look-up (-want +got):\n%s", diff)
	}
	created, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil || created.Reason != sdk.ReasonCustomerUnknown {
		t.Fatalf("got %+v, %v", created, err)
	}
	if diff := cmp.Diff(want, created.NextAction); diff != "" {
		t.Errorf("create (-want +got):\n%s", diff)
	}
}

func TestAPhoneThatIsNoneIsNotLookedUp(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	if _, err := p.LookupCustomer(t.Context(), "0555"); !errors.Is(err, sdk.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestALimitedLookUpWaitsAsLongAsItIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		header  string
		limited int // Answers with 429 before a good one.
		outcome sdk.Outcome
		calls   int
		took    time.Duration
		retry   time.Duration
	}{
		"a told time that fits":       {"7", 2, sdk.OutcomeRequiresAction, 3, 14 * time.Second, 0},
		"doubled where none is told":  {"", 4, sdk.OutcomeRequiresAction, 5, 15 * time.Second, 0},
		"a told time beyond timeout":  {"21", 9, sdk.OutcomeNotSent, 1, 0, 21 * time.Second},
		"limited until timeout":       {"9", 9, sdk.OutcomeNotSent, 3, 18 * time.Second, 9 * time.Second},
		"doubled until timeout":       {"", 9, sdk.OutcomeNotSent, 5, 15 * time.Second, 16 * time.Second},
		"no time at all still waits":  {"0", 1, sdk.OutcomeRequiresAction, 2, time.Second, 0},
		"an unreadable time is unset": {"soon", 1, sdk.OutcomeRequiresAction, 2, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			p := local(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				if calls > c.limited {
					fmt.Fprint(w, sample(t, "account-found.json"))
					return
				}
				w.Header().Set("Retry-After", c.header)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			start := p.clock.now()
			got, err := p.CreatePayment(t.Context(), request(nil))
			if err != nil || got.Outcome != c.outcome || calls != c.calls || got.RetryAfter != c.retry {
				t.Errorf("want %v after %d calls, retry %s; got %v after %d, %s, %v",
					c.outcome, c.calls, c.retry, got.Outcome, calls, got.RetryAfter, err)
			}
			if took := p.clock.now().Sub(start); took != c.took {
				t.Errorf("want %s of waiting, got %s", c.took, took)
			}
		})
	}
}

func TestAWaitIsHonouredByTheNextCallToo(t *testing.T) {
	p := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	first, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil || first.Outcome != sdk.OutcomeNotSent || len(first.Exchanges) != 1 {
		t.Errorf("got %v after %d calls, %v", first.Outcome, len(first.Exchanges), err)
	}
	var fault *sdk.Error
	_, err = p.ListTransactions(t.Context(), sdk.ListRequest{})
	if !errors.As(err, &fault) || fault.Kind != sdk.KindRateLimited || fault.RetryAfter != time.Minute || len(fault.Exchanges) != 0 {
		t.Errorf("the list: got %v", err)
	}
}

func TestARefusedConnectionIsNotSentOnlyForACreate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, ticking(), with("http://"+listener.Addr().String(), nil))
	listener.Close()
	if got, err := p.CreatePayment(t.Context(), request(nil)); err != nil || got.Outcome != sdk.OutcomeNotSent || got.Message == "" {
		t.Errorf("create: want NOT_SENT, got %v, %v", got.Outcome, err)
	}
	_, err = p.ListTransactions(t.Context(), sdk.ListRequest{})
	if !errors.Is(err, sdk.ErrUnavailable) || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("list: want a fault that is not NOT_SENT, got %v", err)
	}
}

func TestACutConnectionIsAskedOnceMoreByTheClientAlone(t *testing.T) {
	var calls atomic.Int32
	p := local(t, func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	})
	got, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil || got.Outcome != sdk.OutcomeNotSent || calls.Load() != 2 {
		t.Errorf("want NOT_SENT after 2 calls, got %v after %d, %v", got.Outcome, calls.Load(), err)
	}
}

func TestAFaultAfterARepairKeepsTheFirstExchange(t *testing.T) {
	var calls atomic.Int32
	p := local(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	_, err := p.ListTransactions(t.Context(), sdk.ListRequest{})
	var fault *sdk.Error
	if !errors.As(err, &fault) || fault.Kind != sdk.KindUnavailable {
		t.Fatalf("got %v", err)
	}
	var statuses []int
	for _, one := range fault.Exchanges {
		statuses = append(statuses, one.HTTPStatus)
	}
	if diff := cmp.Diff([]int{401, 0, 0}, statuses); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
}

func TestALookUpWithItsRepetitionsEndsWithinTheTimeout(t *testing.T) {
	p := local(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	p.settings.timeout = 50 * time.Millisecond // That of one call stays at 20 s.
	start := time.Now()
	got, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil || got.Outcome != sdk.OutcomeNotSent || time.Since(start) > 10*time.Second {
		t.Errorf("want NOT_SENT at once, got %v after %s, %v", got.Outcome, time.Since(start), err)
	}
}

func TestAnswersAndFaultsTellNoSecretAndNoPhone(t *testing.T) {
	const leaky = `{"message":"user jane@example.com with +905551112233 and 0555-111-22-33 has key sandbox-key, secret test_api_secret"}`
	for _, status := range []int{400, 401, 403, 404, 429, 500, 200} {
		p := local(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, leaky)
		})
		paths, _ := sdk.ReadContract(conventions(), map[string]string{"user_account": "/users/{phone}"})
		p.settings.contract = paths
		created, err := p.CreatePayment(t.Context(), request(nil))
		_, looked := p.LookupCustomer(t.Context(), testPhone)
		_, listed := p.ListTransactions(t.Context(), sdk.ListRequest{})
		shown := fmt.Sprintf("%+v %v %+v %+v %+v", created, err, looked, listed, p.settings)
		for _, hidden := range []string{"905551112233", "0555-111", "jane@", testKey, testSecret} {
			if strings.Contains(shown, hidden) {
				t.Errorf("HTTP %d: %q shows in %s", status, hidden, shown)
			}
		}
	}
}
