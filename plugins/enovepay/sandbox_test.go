package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
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

// still is a clock that only Advance moves.
func still() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func newShop(t *testing.T, way string, options sandbox.Options, changes map[string]any) *shop {
	t.Helper()
	options.Now = still
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
	settings := map[string]any{
		"base_url": server.URL(), "api_token": sandbox.APIToken, "client_id": sandbox.ClientID,
		"client_secret_key": sandbox.ClientSecretKey, "allowed_ips": "127.0.0.1",
	}
	s.account = ways[way](t, plugin{}, merge(settings, changes))
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
		Method: r.Method, Query: r.URL.RawQuery, Header: r.Header, Body: body, PeerIP: "127.0.0.1",
	})
	if err != nil {
		http.Error(w, "fault", http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.heard = append(s.heard, fmt.Sprintf("%s %s", got.Authenticity, got.Result.Outcome))
	if got.Authenticity == sdk.Genuine && (got.Ref != testRef || !got.Confirm) {
		s.heard = append(s.heard, fmt.Sprintf("strange: %q confirm=%t", got.Ref, got.Confirm))
	}
	s.mu.Unlock()
	w.WriteHeader(got.Status)
}

func (s *shop) words() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.heard...)
}

// order makes the creating call of the kind, to a phone with the ending.
func (s *shop) order(t *testing.T, kind sdk.Kind, ends string) (sdk.Attempt, sdk.Result) {
	t.Helper()
	var result sdk.Result
	var err error
	phone := "+2250707123" + ends
	attempt := collection(nil).Attempt
	attempt.Kind = kind
	if kind == sdk.KindPayment {
		result, err = s.account.CreatePayment(t.Context(), collection(func(r *sdk.PaymentRequest) {
			r.NotifyURL, r.Customer.Phone = s.notify, phone
		}))
	} else {
		result, err = s.account.CreatePayout(t.Context(), disbursement(func(r *sdk.PayoutRequest) {
			r.NotifyURL, r.Recipient.Phone = s.notify, phone
		}))
	}
	if err != nil {
		result.Outcome = sdk.CreateOutcome(err)
	}
	attempt.ProviderRef = result.ProviderRef
	return attempt, result
}

func (s *shop) ask(t *testing.T, a sdk.Attempt) sdk.Result {
	t.Helper()
	result, err := s.account.QueryStatus(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// story is what a trigger leads to. Later is the answer of a question at the
// age of 3 s, and last at 43 s.
type story struct {
	created     seen
	later, last sdk.Outcome
	heard       []string
	uncreated   bool
}

// stories is the trigger table for collections, by the last three digits.
func stories() map[string]story {
	const genuinePaid, forged = "genuine SUCCEEDED", "forged UNKNOWN"
	accepted := seen{action, "", false}
	once := []string{genuinePaid}
	refusal := func(reason sdk.Reason, alert bool) story {
		return story{created: seen{refused, reason, alert}, uncreated: true}
	}
	return map[string]story{
		"101": refusal(auth, true), "102": refusal(limited, false), "103": refusal(badRequest, false),
		"104": {heard: once, later: succeeded, last: succeeded},
		"105": refusal(auth, true), "106": refusal(notOffered, false), "107": refusal(downtime, false), "108": refusal(downtime, false),
		"109": refusal(auth, true),
		"110": {heard: once, later: succeeded, last: succeeded},
		"111": refusal(auth, true),
		"112": {accepted, declined, declined, []string{"genuine DECLINED"}, false},
		"113": refusal(sdk.ReasonInsufficientFloat, true),
		"114": {accepted, pending, pending, nil, false},
		"115": {created: seen{final, no, false}, uncreated: true},
		"116": {created: seen{declined, no, false}, uncreated: true},
		"120": {accepted, succeeded, reversed, []string{genuinePaid, "genuine REVERSED"}, false},
		"121": {accepted, succeeded, succeeded, nil, false},
		"122": {accepted, succeeded, succeeded, []string{genuinePaid, genuinePaid, genuinePaid}, false},
		"123": {accepted, succeeded, succeeded, []string{genuinePaid, "genuine PENDING"}, false},
		"124": {accepted, succeeded, succeeded, []string{forged, forged}, false},
		"125": {accepted, succeeded, succeeded, once, false},
		"126": {heard: once, later: succeeded, last: succeeded},
		"127": {heard: once, later: succeeded, last: succeeded},
		"128": {accepted, declined, succeeded, []string{"genuine DECLINED", genuinePaid}, false},
		"129": {uncreated: true},
		"130": {accepted, succeeded, succeeded, []string{"genuine PENDING"}, false},
		"131": {accepted, succeeded, succeeded, once, false},
		"132": {accepted, succeeded, succeeded, []string{"hint UNKNOWN"}, false},
		"133": {accepted, succeeded, succeeded, once, false},
		"134": {accepted, pending, succeeded, once, false},
		"135": {accepted, succeeded, succeeded, []string{"genuine DECLINED"}, false},
		"136": {accepted, declined, declined, once, false},
		"137": {accepted, succeeded, succeeded, []string{forged, forged}, false},
		"000": {accepted, succeeded, succeeded, once, false},
	}
}

// asPayout is the same story for a payout, which has no prompt.
func (c story) asPayout() story {
	if c.created.Outcome == action {
		c.created.Outcome = pending
	}
	return c
}

func TestEveryTriggerOfTheSandbox(t *testing.T) {
	for ends, c := range stories() {
		for way := range ways {
			t.Run("payment "+ends+" "+way, func(t *testing.T) {
				newShop(t, way, sandbox.Options{}, nil).plays(t, sdk.KindPayment, ends, c)
			})
		}
		t.Run("payout "+ends, func(t *testing.T) {
			newShop(t, "in process", sandbox.Options{}, nil).plays(t, sdk.KindPayout, ends, c.asPayout())
		})
		t.Run("always 200 "+ends, func(t *testing.T) {
			newShop(t, "in process", sandbox.Options{Always200: true}, nil).plays(t, sdk.KindPayment, ends, c)
		})
		t.Run("status by codes "+ends, func(t *testing.T) {
			newShop(t, "in process", sandbox.Options{StatusCodes: true}, nil).plays(t, sdk.KindPayment, ends, c)
		})
	}
}

// plays runs a story, and looks at the sandbox's ledger in the end.
func (s *shop) plays(t *testing.T, kind sdk.Kind, ends string, want story) {
	t.Helper()
	attempt, created := s.order(t, kind, ends)
	if diff := cmp.Diff(want.created, seenIn(created)); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if prompts := created.NextAction != nil && created.NextAction.Type == sdk.ActionPrompt; prompts != (created.Outcome == action) {
		t.Errorf("%v has the next action %+v", created.Outcome, created.NextAction)
	}
	s.Advance(3 * time.Second)
	later := s.ask(t, attempt).Outcome
	s.Advance(40 * time.Second)
	last := s.ask(t, attempt)
	if later != want.later || last.Outcome != want.last {
		t.Errorf("want %v, then %v, got %v, then %v", want.later, want.last, later, last.Outcome)
	}
	if want.heard == nil {
		want.heard = []string{}
	}
	if diff := cmp.Diff(want.heard, s.words()); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	s.audit(t, attempt, ends, want, last)
}

func (s *shop) audit(t *testing.T, attempt sdk.Attempt, ends string, want story, last sdk.Result) {
	t.Helper()
	row, there := s.Transaction(attempt.Ref)
	if there == want.uncreated || there && (row.CreateCalls != 1 || row.Created != 1 || row.Paid != (want.last == succeeded)) {
		t.Errorf("the ledger has %+v, %t", row, there)
	}
	if last.Outcome != succeeded {
		return
	}
	told := sdk.Told{Amount: "1000", Currency: "XOF", Reference: testRef}
	if ends == "125" {
		told.Amount = "1005"
	}
	if diff := cmp.Diff(told, last.Told); diff != "" || last.ProviderRef != row.TransactionID {
		t.Errorf("of %q (-want +got):\n%s", last.ProviderRef, diff)
	}
}

func TestALoginAtTheSandbox(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			shop := newShop(t, way, sandbox.Options{}, map[string]any{"auth_mode": "login", "api_token": ""})
			attempt, created := shop.order(t, sdk.KindPayment, "000")
			if created.Outcome != action || len(created.Exchanges) != 2 {
				t.Errorf("want REQUIRES_ACTION after login and call, got %v after %d", created.Outcome, len(created.Exchanges))
			}
			shop.Advance(time.Hour) // The sandbox ends the token before the plugin's clock does.
			if got := shop.ask(t, attempt); got.Outcome != succeeded || len(got.Exchanges) != 3 {
				t.Errorf("want SUCCEEDED after call, login, call, got %v after %d", got.Outcome, len(got.Exchanges))
			}
		})
	}
}

func TestWrongCredentialsAtTheSandbox(t *testing.T) {
	for name, changes := range map[string]map[string]any{
		"static": {"api_token": "wrong"},
		"login":  {"auth_mode": "login", "client_id": "wrong"},
	} {
		shop := newShop(t, "over the wire", sandbox.Options{}, changes)
		attempt, got := shop.order(t, sdk.KindPayment, "000")
		if got.Outcome != refused || got.Reason != auth || got.Alert == "" {
			t.Errorf("%s: want REJECTED (authentication), got %v (%s)", name, got.Outcome, got.Reason)
		}
		if got := shop.ask(t, attempt); got.Outcome != unknown || got.Alert == "" {
			t.Errorf("%s: a question: want UNKNOWN with an alert, got %v %q", name, got.Outcome, got.Alert)
		}
	}
}

func TestADuplicateAtTheSandboxIsAdopted(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			shop := newShop(t, way, sandbox.Options{}, nil)
			first, _ := shop.order(t, sdk.KindPayment, "000")
			attempt, again := shop.order(t, sdk.KindPayment, "000")
			if again.Outcome != unknown || again.ProviderCode != "104" || attempt.ProviderRef != "" {
				t.Errorf("want UNKNOWN with 104, got %v with %q", again.Outcome, again.ProviderCode)
			}
			shop.Advance(3 * time.Second)
			if got := shop.ask(t, attempt); got.Outcome != succeeded || got.ProviderRef != first.ProviderRef {
				t.Errorf("want the earlier one paid, got %v of %q", got.Outcome, got.ProviderRef)
			}
			if row, _ := shop.Transaction(testRef); row.Created != 1 || row.CreateCalls != 2 {
				t.Errorf("got %+v", row)
			}
		})
	}
}

func TestThePathsOfTheSandboxAndThePluginAreTheSame(t *testing.T) {
	corrected := map[string]string{
		"auth": "/login", "collect": "PUT /in", "payout": "/out", "status": "POST /one/{transaction_id}?v=2",
		"status_by_reference": "/find/{reference_number}", "balance": "/money",
	}
	setting := map[string]any{}
	for name, path := range corrected {
		setting[name] = path
	}
	shop := newShop(t, "over the wire", sandbox.Options{Paths: corrected}, map[string]any{"paths": setting, "auth_mode": "login"})
	attempt, created := shop.order(t, sdk.KindPayout, "000")
	if created.Outcome != pending {
		t.Fatalf("got %+v", created)
	}
	shop.Advance(3 * time.Second)
	if got := shop.ask(t, attempt); got.Outcome != succeeded {
		t.Errorf("by id: got %v", got.Outcome)
	}
	attempt.ProviderRef = ""
	if got := shop.ask(t, attempt); got.Outcome != succeeded {
		t.Errorf("by reference: got %v", got.Outcome)
	}
	balances, err := shop.account.GetBalance(t.Context())
	if err != nil || len(balances) != 5 {
		t.Errorf("got %v, %v", balances, err)
	}
	wrong := newShop(t, "in process", sandbox.Options{Paths: corrected}, nil)
	attempt, created = wrong.order(t, sdk.KindPayment, "000")
	if created.Outcome != refused || created.Reason != downtime || created.Alert == "" {
		t.Errorf("a wrong path: want REJECTED with an alert, got %+v", created)
	}
	if got := wrong.ask(t, attempt); got.Outcome != unknown || got.Alert == "" {
		t.Errorf("a wrong question: want UNKNOWN with an alert, got %+v", got)
	}
}

func TestAPayoutToABankAndTheFloat(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{Balance: 2000}, nil)
	pay := func(ref string, minor int64) sdk.Result {
		got, err := shop.account.CreatePayout(t.Context(), disbursement(func(r *sdk.PayoutRequest) {
			r.Ref, r.Country, r.Amount, r.Method, r.Network = ref, "NG", money.Of(minor, money.NGN), "bank_transfer", "BANK"
			r.BankAccount, r.NotifyURL = &sdk.BankAccount{BankCode: "058", AccountNumber: "0123456000"}, shop.notify
		}))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := pay("a", 150_050); got.Outcome != pending {
		t.Errorf("want PENDING, got %+v", got)
	}
	if got := pay("b", 50_000); got.Outcome != refused || got.Reason != sdk.ReasonInsufficientFloat || got.Alert == "" {
		t.Errorf("want REJECTED (insufficient_float), got %+v", got)
	}
	balances, err := shop.account.GetBalance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]string{}
	for _, b := range balances {
		left[b.Available.Currency().String()] = b.Available.Decimal()
	}
	want := map[string]string{"KES": "2000.00", "NGN": "499.50", "GHS": "2000.00", "XAF": "2000", "XOF": "2000"}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
}
