package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
)

// ways are the two ways in which an engine uses a plugin.
var ways = map[string]func(testing.TB, sdk.Plugin, map[string]any) sdk.FullProvider{
	"over the wire": plugintest.Serve, "in process": plugintest.Open,
}

const wire, process = "over the wire", "in process"

// shop is an account at a sandbox. Both run on the sandbox's clock, which moves
// by Advance and while the plugin waits.
type shop struct {
	*sandbox.Server
	t       *testing.T
	account sdk.FullProvider
}

func newShop(t *testing.T, way string, options sandbox.Options) *shop {
	t.Helper()
	return newShopWith(t, way, options, nil)
}

func newShopWith(t *testing.T, way string, options sandbox.Options, changes map[string]any) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = dawn
	}
	server := sandbox.New(options)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	c := plugin{now: server.Now, pause: func(_ context.Context, d time.Duration) error { server.Advance(d); return nil }}
	settings := with(server.URL(), map[string]any{"api_key": sandbox.APIKey, "api_secret": sandbox.APISecret})
	for name, value := range changes {
		settings[name] = value
	}
	return &shop{server, t, ways[way](t, c, settings)}
}

// order asks for a payment by the phone.
func (s *shop) order(phone string) sdk.Result {
	s.t.Helper()
	got, err := s.account.CreatePayment(s.t.Context(), request(func(r *sdk.PaymentRequest) { r.Customer.Phone = phone }))
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// send makes a transfer of the user with the phone.
func (s *shop) send(phone, amount string) sandbox.Transfer {
	s.t.Helper()
	user, err := s.AddUser(phone, "")
	if err != nil {
		s.t.Fatal(err)
	}
	sent, err := s.Send(sandbox.Order{UserID: user.ID, Amount: amount, Currency: "USD"})
	if err != nil {
		s.t.Fatal(err)
	}
	return sent
}

// read reads the list to its end, as the engine does.
func (s *shop) read() (items []sdk.ListItem, alerts string, cut bool) {
	s.t.Helper()
	req := sdk.ListRequest{From: dawn().Add(-10 * time.Minute), To: s.Now().Add(10 * time.Minute)}
	for range 60 {
		page, err := s.account.ListTransactions(s.t.Context(), req)
		if err != nil {
			s.t.Fatal(err)
		}
		items, alerts = append(items, page.Items...), join(alerts, page.Alert)
		if page.Next == "" {
			return items, alerts, page.Cut
		}
		req.Cursor = page.Next
	}
	s.t.Fatal("the list has no end")
	return nil, "", false
}

func TestLookUpsAtTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		phone   string
		outcome sdk.Outcome
		reason  sdk.Reason
		code    string
		fault   error
	}{
		"found":              {testPhone, sdk.OutcomeRequiresAction, "", "", nil},
		"nobody by 404":      {"+905551110000", sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, "404", nil},
		"nobody by null":     {"+905551110001", sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, "200", nil},
		"the reply dropped":  {"+905551110002", sdk.OutcomeNotSent, "", "", sdk.ErrUnavailable},
		"refused, well made": {"+905551110401", sdk.OutcomeRejected, sdk.ReasonAuthentication, "401", sdk.ErrAuthentication},
		"limited for ever":   {"+905551110429", sdk.OutcomeNotSent, "", "", sdk.ErrRateLimited},
		"an error":           {"+905551110500", sdk.OutcomeNotSent, "", "500", sdk.ErrUnavailable},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{})
				got := shop.order(c.phone)
				if got.Outcome != c.outcome || got.Reason != c.reason || got.ProviderCode != c.code {
					t.Errorf("want %v (%s) %q, got %v (%s) %q", c.outcome, c.reason, c.code, got.Outcome, got.Reason, got.ProviderCode)
				}
				unknown := c.reason == sdk.ReasonCustomerUnknown
				if (got.NextAction != nil) != (unknown || c.outcome == sdk.OutcomeRequiresAction) {
					t.Errorf("got the next action %+v", got.NextAction)
				}
				customer, err := shop.account.LookupCustomer(t.Context(), c.phone)
				if !errors.Is(err, c.fault) {
					t.Errorf("look-up: want %v, got %v", c.fault, err)
				}
				if err == nil && (customer.ProviderCustomer == "") != unknown {
					t.Errorf("look-up: got %+v", customer)
				}
			})
		}
	}
}

func TestAnAddedUserIsFoundWhateverTheEnding(t *testing.T) {
	shop := newShop(t, wire, sandbox.Options{})
	user, err := shop.AddUser("+905551110000", "maria@example.org")
	if err != nil {
		t.Fatal(err)
	}
	want := sdk.Customer{Phone: "+905551110000", ProviderCustomer: user.ID, Email: "m***@example.org"}
	got, err := shop.account.LookupCustomer(t.Context(), "+905551110000")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("(-want +got): %v\n%s", err, diff)
	}
}

// Two reads of the list fail after a phone that brings its account into trouble.
func TestATroubledAccountsListIsAFaultTwice(t *testing.T) {
	for phone, want := range map[string]error{"+905551110429": sdk.ErrRateLimited, "+905551110500": sdk.ErrUnavailable} {
		for way := range ways {
			t.Run(phone[9:]+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{})
				shop.send(testPhone, "20.00")
				shop.order(phone)
				for range 2 {
					_, err := shop.account.ListTransactions(t.Context(), sdk.ListRequest{})
					var fault *sdk.Error
					if !errors.As(err, &fault) || !errors.Is(err, want) || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
						t.Fatalf("want %v, got %v", want, err)
					}
					if errors.Is(want, sdk.ErrRateLimited) && fault.RetryAfter != 2*time.Second {
						t.Errorf("want 2s, got %s", fault.RetryAfter)
					}
				}
				if items, _, _ := shop.read(); len(items) != 1 {
					t.Errorf("then: got %d items", len(items))
				}
			})
		}
	}
}

// Each row is one of the trigger table: the transfer as it is listed at once,
// after 10 s, after 30 s, and after the window.
func TestTransfersAtTheSandbox(t *testing.T) {
	const paid, declined, pending, unknown, reversed, hidden = "SUCCEEDED", "DECLINED", "PENDING", "UNKNOWN", "REVERSED", "not listed"
	always := func(word string) [4]string { return [4]string{word, word, word, word} }
	for name, c := range map[string]struct {
		amount   string
		outcomes [4]string
		told     sdk.Told
		alert    string
	}{
		"completed":             {"20.00", always(paid), sdk.Told{}, ""},
		"completed, other":      {"20.99", always(paid), sdk.Told{}, ""},
		".01 failed":            {"20.01", always(declined), sdk.Told{}, ""},
		".02 pending for ever":  {"20.02", always(pending), sdk.Told{}, ""},
		".03 completed later":   {"20.03", [4]string{pending, pending, paid, paid}, sdk.Told{}, ""},
		".04 reversed later":    {"20.04", [4]string{paid, reversed, reversed, reversed}, sdk.Told{}, ""},
		".07 another amount":    {"20.07", always(paid), sdk.Told{Amount: "21.07", Currency: "USD"}, ""},
		".08 another currency":  {"20.08", always(paid), sdk.Told{Amount: "20.08", Currency: "EUR"}, ""},
		".09 no status":         {"20.09", always(pending), sdk.Told{}, "without status"},
		".10 an unknown status": {"20.10", always(unknown), sdk.Told{}, `the status "under_review", which has no rule`},
		".11 ahead of time":     {"20.11", always(paid), sdk.Told{}, ""},
		".12 listed late":       {"20.12", [4]string{hidden, hidden, hidden, paid}, sdk.Told{}, ""},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{})
				sent := shop.send(testPhone, c.amount)
				if c.told.Amount == "" {
					c.told = sdk.Told{Amount: c.amount, Currency: "USD"}
				}
				var got [4]string
				for i, wait := range []time.Duration{0, 10 * time.Second, 20 * time.Second, 70 * time.Minute} {
					shop.Advance(wait)
					items, alert, cut := shop.read()
					got[i] = hidden
					if len(items) == 1 {
						got[i] = items[0].Outcome.String()
						checkListed(t, sent, items[0], c.told)
					}
					if cut || alert != c.alert && !strings.Contains(alert, c.alert) || len(items) > 1 {
						t.Errorf("read %d: cut %t, alert %q, items %+v", i, cut, alert, items)
					}
				}
				if diff := cmp.Diff(c.outcomes, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func checkListed(t *testing.T, sent sandbox.Transfer, item sdk.ListItem, told sdk.Told) {
	t.Helper()
	if diff := cmp.Diff(told, item.Told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	created := sent.CreatedAt
	if strings.HasSuffix(sent.Amount, ".11") {
		created = created.Add(2 * time.Minute)
	}
	if item.ID != sent.ID || item.Customer != sent.UserID || !item.CreatedAt.Equal(created) ||
		item.Kind != sdk.KindPayment || item.Ref != "" {
		t.Errorf("want %+v, got %+v", sent, item)
	}
}

func ids(items []sdk.ListItem) []string {
	list := []string{}
	for _, item := range items {
		list = append(list, strings.TrimPrefix(item.ID, "tr_00000"))
	}
	return list
}

// sendSome sends transfers a minute apart: .05 is listed twice, .06 turns the list around.
func (s *shop) sendSome(amounts ...string) {
	s.t.Helper()
	for _, amount := range amounts {
		s.send(testPhone, amount)
		s.Advance(time.Minute)
	}
}

func TestPagesAtTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		options sandbox.Options
		amounts []string
		want    []string
	}{
		"one page":         {sandbox.Options{}, []string{"1.00", "2.00", "3.00"}, []string{"3", "2", "1"}},
		"small pages":      {sandbox.Options{PageMax: 2}, []string{"1.00", "2.00", "3.00"}, []string{"3", "2", "1"}},
		"full pages":       {sandbox.Options{PageMax: 1}, []string{"1.00", "2.00"}, []string{"2", "1"}},
		"ranges ignored":   {sandbox.Options{PageMax: 2, IgnoreRange: true}, []string{"1.00", "2.00", "3.00"}, []string{"3", "2", "1"}},
		".05 on two pages": {sandbox.Options{PageMax: 2}, []string{"1.00", "2.00", "3.05"}, []string{"3", "2", "3", "1"}},
		".05 on one page":  {sandbox.Options{}, []string{"1.00", "2.05"}, []string{"2", "1"}},
		".06 oldest first": {sandbox.Options{PageMax: 2}, []string{"1.00", "2.06", "3.00"}, []string{"1", "2", "3"}},
		".06, range ignored": {
			sandbox.Options{PageMax: 2, IgnoreRange: true}, []string{"1.00", "2.06", "3.00"}, []string{"1", "2", "3"},
		},
		"a page that shifts": {
			sandbox.Options{PageMax: 2, PageShift: true},
			[]string{"1.00", "2.00", "3.00"},
			[]string{"3", "2", "2", "1", "1"},
		},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, c.options)
				shop.sendSome(c.amounts...)
				items, alert, cut := shop.read()
				if diff := cmp.Diff(c.want, ids(items)); diff != "" || alert != "" || cut {
					t.Errorf("(-want +got), alert %q, cut %t:\n%s", alert, cut, diff)
				}
			})
		}
	}
}

func TestAReadOfAllPagesIsCut(t *testing.T) {
	shop := newShop(t, process, sandbox.Options{PageMax: 1})
	for range 51 {
		shop.send(testPhone, "1.00")
	}
	items, alert, cut := shop.read()
	if len(items) != 50 || !cut || !strings.Contains(alert, "no end after 50 pages") {
		t.Errorf("got %d items, cut %t, alert %q", len(items), cut, alert)
	}
	if got := shop.State().Calls[sandbox.OpTransactions]; got != 50 {
		t.Errorf("want 50 calls, got %d", got)
	}
}

func TestAWholeOrder(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			shop := newShop(t, way, sandbox.Options{})
			order := shop.order(testPhone)
			if order.Outcome != sdk.OutcomeRequiresAction || order.Match == nil {
				t.Fatalf("got %+v", order)
			}
			shop.Advance(time.Minute)
			user := order.Match.Customer
			sent := sandbox.Order{UserID: user, Amount: order.Match.Amount.Decimal(), Currency: "USD", Status: "completed"}
			if _, err := shop.Send(sent); err != nil {
				t.Fatal(err)
			}
			items, _, _ := shop.read()
			if len(items) != 1 {
				t.Fatalf("got %d items", len(items))
			}
			got, m := items[0], order.Match
			told, err := money.ParseTold(got.Told.Amount, money.USD)
			if err != nil || got.Outcome != sdk.OutcomeSucceeded || got.Customer != m.Customer || told != m.Amount ||
				got.CreatedAt.Before(m.From) || got.CreatedAt.After(m.Until) {
				t.Errorf("the order %+v is not matched by %+v, %v", m, got, err)
			}
		})
	}
}
