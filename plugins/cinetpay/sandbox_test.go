package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
)

// ways are the two ways in which an engine uses a plugin.
var ways = map[string]func(testing.TB, sdk.Plugin, map[string]any) sdk.FullProvider{
	"over the wire": plugintest.Serve, "in process": plugintest.Open,
}

// shop is an account at a sandbox, and the address that it notifies.
type shop struct {
	*sandbox.Server
	account sdk.FullProvider
	notify  string

	mu    sync.Mutex
	heard []string
}

func newShop(t *testing.T, way string, options sandbox.Options) *shop {
	t.Helper()
	server := sandbox.New(options)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shop{Server: server}
	receiver := httptest.NewServer(http.HandlerFunc(s.hear))
	t.Cleanup(receiver.Close)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	s.notify = receiver.URL
	s.account = ways[way](t, plugin{}, map[string]any{
		"base_url": server.URL(), "api_key": sandbox.APIKey, "site_id": sandbox.SiteID, "secret_key": sandbox.SecretKey,
		"transfer_base_url": server.URL(), "transfer_password": sandbox.TransferPassword, "currency": "XOF",
	})
	return s
}

// hear is the engine's notification endpoint: the plugin reads and answers.
func (s *shop) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cannot read", http.StatusBadRequest)
		return
	}
	got, err := s.account.HandleNotification(r.Context(), sdk.NotificationRequest{
		Method: r.Method, Query: r.URL.RawQuery, Header: r.Header, Body: body,
	})
	if err != nil {
		http.Error(w, "fault", http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.heard = append(s.heard, fmt.Sprintf("%s %s confirm=%t", got.Authenticity, got.Ref, got.Confirm))
	s.mu.Unlock()
	w.WriteHeader(got.Status)
}

// posts are the notifications heard, without pings.
func (s *shop) posts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	posts := []string{}
	for _, one := range s.heard {
		if one != "ping  confirm=false" {
			posts = append(posts, one)
		}
	}
	return posts
}

func (s *shop) pay(ctx context.Context, t *testing.T, units int64) (sdk.PaymentRequest, sdk.Result, error) {
	t.Helper()
	req := request(func(r *sdk.PaymentRequest) {
		r.Amount, r.NotifyURL = money.Of(units, money.XOF), s.notify
	})
	result, err := s.account.CreatePayment(ctx, req)
	return req, result, err
}

func (s *shop) ask(t *testing.T, a sdk.Attempt) sdk.Result {
	t.Helper()
	result, err := s.account.QueryStatus(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// still is a clock that only Advance moves.
func still() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

const genuine, forged = "genuine " + testRef + " confirm=true", "forged  confirm=false"

func TestPaymentsAtTheSandbox(t *testing.T) {
	paid := sdk.Told{Currency: "XOF"}
	for name, c := range map[string]struct {
		amount  int64
		outcome sdk.Outcome
		reason  sdk.Reason
		told    sdk.Told
		heard   []string
	}{
		"paid":                       {1_000, sdk.OutcomeSucceeded, "", paid, []string{genuine}},
		"declined":                   {1_105, sdk.OutcomeDeclined, sdk.ReasonDeclined, sdk.Told{}, []string{genuine}},
		"no funds":                   {1_115, sdk.OutcomeDeclined, sdk.ReasonInsufficientFunds, sdk.Told{}, []string{genuine}},
		"wrong OTP":                  {1_125, sdk.OutcomeDeclined, sdk.ReasonDeclined, sdk.Told{}, []string{genuine}},
		"canceled by the customer":   {1_135, sdk.OutcomeDeclinedFinal, sdk.ReasonCanceledByCustomer, sdk.Told{}, []string{genuine}},
		"waiting for ever":           {1_145, sdk.OutcomePending, "", sdk.Told{}, []string{}},
		"three notifications":        {1_165, sdk.OutcomeSucceeded, "", paid, []string{genuine, genuine, genuine}},
		"a late waiting one":         {1_175, sdk.OutcomeSucceeded, "", paid, []string{genuine, genuine}},
		"a wrong x-token":            {1_185, sdk.OutcomeSucceeded, "", paid, []string{forged}},
		"no x-token":                 {1_195, sdk.OutcomeSucceeded, "", paid, []string{forged}},
		"VALIDATED":                  {1_205, sdk.OutcomeUnknown, "", sdk.Told{}, []string{genuine}},
		"00 with REFUSED":            {1_215, sdk.OutcomeUnknown, "", sdk.Told{}, []string{genuine}},
		"another amount, as told":    {1_225, sdk.OutcomeSucceeded, "", sdk.Told{Amount: "1220", Currency: "XOF"}, []string{genuine}},
		"another currency, as told":  {1_235, sdk.OutcomeSucceeded, "", sdk.Told{Currency: "XAF"}, []string{genuine}},
		"no notification":            {1_245, sdk.OutcomeSucceeded, "", paid, []string{}},
		"clocks that differ":         {1_295, sdk.OutcomeSucceeded, "", paid, []string{genuine}},
		"a notification without own": {1_305, sdk.OutcomeSucceeded, "", paid, []string{genuine}},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{Now: still})
				req, created, err := shop.pay(t.Context(), t, c.amount)
				if err != nil || created.Outcome != sdk.OutcomeRequiresAction || created.NextAction == nil {
					t.Fatalf("create: got %+v, %v", created, err)
				}
				if first := shop.ask(t, req.Attempt); first.Outcome != sdk.OutcomePending {
					t.Errorf("before the end: want PENDING, got %v", first.Outcome)
				}
				shop.Advance(3 * time.Second)
				got := shop.ask(t, req.Attempt)
				if got.Outcome != c.outcome || got.Reason != c.reason {
					t.Errorf("want %v (%s), got %v (%s)", c.outcome, c.reason, got.Outcome, got.Reason)
				}
				if c.told.Currency != "" && c.told.Amount == "" {
					c.told.Amount = fmt.Sprint(c.amount)
				}
				if diff := cmp.Diff(c.told, got.Told); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.heard, shop.posts()); diff != "" {
					t.Errorf("notifications (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestARefusalMayBecomeASuccess(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{Now: still})
	req, _, err := shop.pay(t.Context(), t, 1_155)
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(3 * time.Second)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomeDeclinedFinal {
		t.Errorf("first: want DECLINED_FINAL, got %v", got.Outcome)
	}
	shop.Advance(time.Minute)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("later: want SUCCEEDED, got %v", got.Outcome)
	}
	if diff := cmp.Diff([]string{genuine, genuine}, shop.posts()); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
}

func TestCreateAnswersAtTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		amount  int64
		outcome sdk.Outcome
		reason  sdk.Reason
		created bool
	}{
		"rate limited":            {1_275, sdk.OutcomeRejected, sdk.ReasonRateLimited, false},
		"server error":            {1_285, sdk.OutcomeUnknown, "", false},
		"created, the reply lost": {1_265, sdk.OutcomeUnknown, "", true},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{Now: still})
				req, got, err := shop.pay(t.Context(), t, c.amount)
				if err != nil {
					got.Outcome = sdk.CreateOutcome(err)
				}
				if got.Outcome != c.outcome || got.Reason != c.reason {
					t.Errorf("want %v (%s), got %v (%s), %v", c.outcome, c.reason, got.Outcome, got.Reason, err)
				}
				row, ok := shop.Payment(req.Ref)
				if ok != c.created || ok && row.CreateCalls != 1 {
					t.Errorf("want created %t by one call, got %t by %d", c.created, ok, row.CreateCalls)
				}
				want := sdk.OutcomeUnknown
				if c.created {
					want = sdk.OutcomePending
				}
				if asked := shop.ask(t, req.Attempt); asked.Outcome != want {
					t.Errorf("a check: want %v, got %v", want, asked.Outcome)
				}
			})
		}
	}
}

func TestFaultsOfTheSandbox(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{
		sandbox.FaultDrop, sandbox.FaultDropBefore, sandbox.FaultGarbage, sandbox.FaultHuge, sandbox.FaultTruncate, sandbox.FaultRedirect,
	} {
		t.Run("create "+string(kind), func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{Now: still})
			if err := shop.Inject(sandbox.Fault{Op: sandbox.OpPayment, Kind: kind}); err != nil {
				t.Fatal(err)
			}
			req, got, err := shop.pay(t.Context(), t, 1_000)
			if err != nil {
				got.Outcome = sdk.CreateOutcome(err)
			}
			if got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("want UNKNOWN, got %v, %v", got.Outcome, err)
			}
			if row, ok := shop.Payment(req.Ref); ok && row.CreateCalls != 1 {
				t.Errorf("init was called %d times", row.CreateCalls)
			}
			if followed := shop.State().RedirectsFollowed; followed != 0 {
				t.Errorf("%d redirects were followed", followed)
			}
		})
		t.Run("check "+string(kind), func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{Now: still})
			req, _, err := shop.pay(t.Context(), t, 1_000)
			if err != nil {
				t.Fatal(err)
			}
			if err := shop.Inject(sandbox.Fault{Op: sandbox.OpCheck, Kind: kind, Times: 2}); err != nil {
				t.Fatal(err)
			}
			got, err := shop.account.QueryStatus(t.Context(), req.Attempt)
			if err == nil && got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("want UNKNOWN, got %v", got.Outcome)
			}
			if err != nil && sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
				t.Errorf("a question says NOT_SENT: %v", err)
			}
		})
	}
}

func TestAReadSurvivesOneLostConnection(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{Now: still})
	req, _, err := shop.pay(t.Context(), t, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Inject(sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultDropBefore}); err != nil {
		t.Fatal(err)
	}
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomePending || len(got.Exchanges) != 2 {
		t.Errorf("want PENDING after 2 exchanges, got %v after %d", got.Outcome, len(got.Exchanges))
	}
}

func TestAReusedReferenceIsUnknownAndFoundByACheck(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{Now: still})
	if _, _, err := shop.pay(t.Context(), t, 1_000); err != nil {
		t.Fatal(err)
	}
	req, again, err := shop.pay(t.Context(), t, 1_000)
	if err != nil || again.Outcome != sdk.OutcomeUnknown || again.ProviderCode != "620" {
		t.Errorf("want UNKNOWN with 620, got %v with %q, %v", again.Outcome, again.ProviderCode, err)
	}
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomePending {
		t.Errorf("want PENDING, got %v", got.Outcome)
	}
}

func TestAnUnknownIDIsUnknownInEveryForm(t *testing.T) {
	for _, form := range []sandbox.UnknownID{sandbox.UnknownBadRequest, sandbox.UnknownNotFound, sandbox.UnknownOK} {
		shop := newShop(t, "in process", sandbox.Options{Now: still, UnknownID: form})
		if got := shop.ask(t, request(nil).Attempt); got.Outcome != sdk.OutcomeUnknown {
			t.Errorf("form %v: want UNKNOWN, got %v", form, got.Outcome)
		}
	}
}

func TestTheStrictSandboxTakesOurAddresses(t *testing.T) {
	shop := newShop(t, "in process", sandbox.Options{Now: still, StrictURLs: true})
	if _, got, err := shop.pay(t.Context(), t, 1_000); err != nil || got.Outcome != sdk.OutcomeRequiresAction {
		t.Errorf("want REQUIRES_ACTION, got %v, %v", got.Outcome, err)
	}
}

func TestTheSandboxTakesTheWholeCustomerAndAPart(t *testing.T) {
	for name, customer := range map[string]sdk.Customer{
		"whole": everything(), "by name": {Name: "Aya", Surname: "Koné"}, "part": {Name: "Aya", Phone: "+2250707123456"}, "none": {},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, "in process", sandbox.Options{Now: still})
			got, err := shop.account.CreatePayment(t.Context(), request(func(r *sdk.PaymentRequest) { r.Customer = customer }))
			if err != nil || got.Outcome != sdk.OutcomeRequiresAction {
				t.Errorf("want REQUIRES_ACTION, got %v %q, %v", got.Outcome, got.Message, err)
			}
		})
	}
}
