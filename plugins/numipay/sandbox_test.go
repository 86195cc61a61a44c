package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// a genuine webhook of the word.
func genuine(word string) string { return "genuine " + word + " confirm=true" }

const forgedWebhook = "forged  confirm=false"

// TestTheTriggerTable pays every amount of the table over the wire and in
// process, and asks with and without the evidence of webhooks.
func TestTheTriggerTable(t *testing.T) {
	pending, successful := genuine("pending"), genuine("successful")
	told := func(amount string) sdk.Told {
		return sdk.Told{Amount: amount, Currency: "EUR", Reference: testRef, Type: "payment"}
	}
	for name, c := range map[string]struct {
		minor   int64
		outcome sdk.Outcome
		reason  sdk.Reason
		told    sdk.Told
		heard   []string
	}{
		"without a trigger":     {10_000, sdk.OutcomeSucceeded, "", told("100.00"), []string{pending, successful}},
		"no funds":              {10_001, sdk.OutcomeDeclined, sdk.ReasonInsufficientFunds, sdk.Told{}, []string{pending, genuine("rejected")}},
		"do not honor":          {10_002, sdk.OutcomeDeclined, sdk.ReasonDeclined, sdk.Told{}, []string{pending, genuine("rejected")}},
		"expired":               {10_003, sdk.OutcomeExpired, "", sdk.Told{}, []string{pending, genuine("expired")}},
		"pending for ever":      {10_004, sdk.OutcomePending, "", sdk.Told{}, []string{pending}},
		"waits for the page":    {10_005, sdk.OutcomePending, "", sdk.Told{}, []string{pending}},
		"a wrong signature":     {10_008, sdk.OutcomeSucceeded, "", told("100.08"), []string{forgedWebhook, forgedWebhook}},
		"twice, then pending":   {10_009, sdk.OutcomeSucceeded, "", told("100.09"), []string{pending, successful, successful, pending}},
		"a pretty body":         {10_010, sdk.OutcomeSucceeded, "", told("100.10"), []string{pending, successful}},
		"another amount":        {10_012, sdk.OutcomeSucceeded, "", told("101.12"), []string{pending, successful}},
		"rejected at first":     {10_013, sdk.OutcomeDeclined, sdk.ReasonDeclined, sdk.Told{}, []string{pending, genuine("rejected")}},
		"an answer of url only": {10_015, sdk.OutcomeSucceeded, "", told("100.15"), []string{pending, successful}},
		"the webhook first":     {10_016, sdk.OutcomeSucceeded, "", told("100.16"), []string{pending, successful}},
		"an unknown word":       {10_017, sdk.OutcomeUnknown, "", sdk.Told{}, []string{pending, genuine("processing")}},
		"replies of decisions":  {10_018, sdk.OutcomeSucceeded, "", told("100.18"), []string{pending, successful}},
		"another currency": {
			10_019, sdk.OutcomeSucceeded, "",
			sdk.Told{Amount: "100.19", Currency: "GBP", Reference: testRef, Type: "payment"},
			[]string{pending, successful},
		},
		"status lags":    {10_020, sdk.OutcomePending, "", sdk.Told{}, []string{pending, successful}},
		"no webhook":     {10_021, sdk.OutcomeSucceeded, "", told("100.21"), []string{}},
		"the day before": {10_022, sdk.OutcomeSucceeded, "", told("100.22"), []string{pending, successful}},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{}, nil)
				req, created, err := shop.pay(t.Context(), c.minor, nil)
				if err != nil || created.Outcome != sdk.OutcomeRequiresAction || created.NextAction == nil {
					t.Fatalf("create: got %+v, %v", created, err)
				}
				if first := shop.ask(t, req.Attempt); first.Outcome != sdk.OutcomePending {
					t.Errorf("before the end: want PENDING, got %v", first.Outcome)
				}
				shop.Advance(3 * time.Second)
				same(t, c.heard, shop.webhooks())
				for name, got := range map[string]sdk.Result{
					"with evidence": shop.ask(t, req.Attempt), "without": shop.askBlind(t, req.Attempt),
				} {
					if got.Outcome != c.outcome || got.Reason != c.reason {
						t.Errorf("%s: want %v (%s), got %v (%s)", name, c.outcome, c.reason, got.Outcome, got.Reason)
					}
					same(t, c.told, got.Told)
				}
			})
		}
	}
}

func TestCreateCallsThatFailAtTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		minor   int64
		outcome sdk.Outcome
		reason  sdk.Reason
		created bool
	}{
		"500 after creation":      {10_006, sdk.OutcomeUnknown, "", true},
		"429":                     {10_007, sdk.OutcomeRejected, sdk.ReasonRateLimited, false},
		"created, the reply lost": {10_011, sdk.OutcomeUnknown, "", true},
		"500, nothing created":    {10_014, sdk.OutcomeUnknown, "", false},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{}, nil)
				req, got, err := shop.pay(t.Context(), c.minor, nil)
				if outcomeOf(got, err) != c.outcome || got.Reason != c.reason {
					t.Errorf("want %v (%s), got %v (%s), %v", c.outcome, c.reason, got.Outcome, got.Reason, err)
				}
				if c.minor == 10_007 && got.RetryAfter != 2*time.Second {
					t.Errorf("want to wait 2 s, got %v", got.RetryAfter)
				}
				row, ok := shop.Transaction(req.Ref)
				if ok != c.created || ok && row.CreateCalls != 1 {
					t.Errorf("want created %t by one call, got %t by %d", c.created, ok, row.CreateCalls)
				}
				shop.Advance(3 * time.Second)
				want := sdk.OutcomeUnknown
				if c.created {
					want = sdk.OutcomeSucceeded
				}
				if asked := shop.ask(t, req.Attempt); asked.Outcome != want {
					t.Errorf("status: want %v, got %v", want, asked.Outcome)
				}
			})
		}
	}
}

func TestARejectionMayBecomeASuccess(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, nil)
	req, _, err := shop.pay(t.Context(), 10_013, nil)
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(3 * time.Second)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomeDeclined {
		t.Errorf("first: want DECLINED, got %v", got.Outcome)
	}
	shop.Advance(time.Minute)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("later: want SUCCEEDED, got %v", got.Outcome)
	}
	same(t, []string{genuine("pending"), genuine("rejected"), genuine("successful")}, shop.webhooks())
}

func TestAStatusThatLagsIsAskedAgain(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, nil)
	req, _, err := shop.pay(t.Context(), 10_020, nil)
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(31 * time.Second)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomePending {
		t.Errorf("while status lags: want PENDING, got %v", got.Outcome)
	}
	shop.Advance(2 * time.Second)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("afterwards: want SUCCEEDED, got %v", got.Outcome)
	}
}

func TestTheCashierPage(t *testing.T) {
	for action, want := range map[string]sdk.Outcome{"pay": sdk.OutcomeSucceeded, "refuse": sdk.OutcomeDeclined} {
		t.Run(action, func(t *testing.T) {
			shop := newShop(t, "in process", sandbox.Options{}, nil)
			req, created, err := shop.pay(t.Context(), 10_005, nil)
			if err != nil {
				t.Fatal(err)
			}
			press(t, created.NextAction.URL, action)
			if got := shop.ask(t, req.Attempt); got.Outcome != want {
				t.Errorf("want %v, got %v", want, got.Outcome)
			}
		})
	}
}

// press is the customer, who opens the page and presses a button.
func press(t *testing.T, page, action string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport}
	for _, act := range []func() (*http.Response, error){
		func() (*http.Response, error) { return client.Get(page) },
		func() (*http.Response, error) { return client.PostForm(page, url.Values{"action": {action}}) },
	} {
		resp, err := act()
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("HTTP %d, %v", resp.StatusCode, err)
		}
	}
}

func TestDirectGoesToTheProviderOfTheSettings(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, map[string]any{"mode": "direct", "provider_id": "psp-7"})
	if _, got, err := shop.pay(t.Context(), 10_000, nil); err != nil || got.Outcome != sdk.OutcomeRequiresAction {
		t.Fatalf("got %+v, %v", got, err)
	}
	if row := shop.row(t); row.Op != sandbox.OpDirect || row.ProviderID != "psp-7" {
		t.Errorf("got %+v", row)
	}
}

func TestCorrectedPathsAreUsed(t *testing.T) {
	paths := map[string]string{
		"hosted": "/v2/cashier", "payout": "PUT /v2/withdrawals", "payout_approve": "/v2/withdrawals/approve", "payout_reject": "/v2/withdrawals/reject",
		"status": "/v2/tx/{id}/state", "list": "POST /v2/tx",
	}
	shop := newShop(t, "over the wire", sandbox.Options{Paths: paths}, map[string]any{"paths": paths})
	req, _, err := shop.pay(t.Context(), 10_000, nil)
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(3 * time.Second)
	if got := shop.askBlind(t, req.Attempt); got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("want SUCCEEDED, got %+v", got)
	}
}

func TestTheSandboxKnowsNothingAtTheAssumedPathsOfAnother(t *testing.T) {
	shop := newShop(t, "in process", sandbox.Options{Paths: map[string]string{"hosted": "/elsewhere"}}, nil)
	_, got, err := shop.pay(t.Context(), 10_000, nil)
	if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonProviderUnavailable || got.Alert == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFaultsOfTheSandbox(t *testing.T) {
	for _, kind := range []sandboxkit.FaultKind{
		sandboxkit.FaultDrop, sandboxkit.FaultDropBefore, sandboxkit.FaultGarbage, sandboxkit.FaultHuge, sandboxkit.FaultTruncate, sandboxkit.FaultRedirect,
	} {
		t.Run("create "+string(kind), func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{}, nil)
			inject(t, shop, sandbox.Fault{Op: sandbox.OpHosted, Kind: kind})
			req, got, err := shop.pay(t.Context(), 10_000, nil)
			if outcome := outcomeOf(got, err); outcome != sdk.OutcomeUnknown {
				t.Errorf("want UNKNOWN, got %v, %v", outcome, err)
			}
			if row, ok := shop.Transaction(req.Ref); ok && row.CreateCalls != 1 {
				t.Errorf("hosted was called %d times", row.CreateCalls)
			}
			if followed := shop.State().RedirectsFollowed; followed != 0 {
				t.Errorf("%d redirects were followed", followed)
			}
		})
		for op, want := range map[sandbox.Operation]sdk.Outcome{
			sandbox.OpStatus: sdk.OutcomeUnknown, sandbox.OpList: sdk.OutcomePending,
		} {
			t.Run(string(op)+" "+string(kind), func(t *testing.T) {
				shop := newShop(t, "over the wire", sandbox.Options{}, nil)
				req, _, err := shop.pay(t.Context(), 10_000, nil)
				if err != nil {
					t.Fatal(err)
				}
				shop.Advance(3 * time.Second)
				// net/http repeats a GET by itself where a used connection is cut.
				inject(t, shop, sandbox.Fault{Op: op, Kind: kind, Times: 10})
				got, err := shop.account.QueryStatus(t.Context(), req.Attempt)
				if err == nil && got.Outcome != want {
					t.Errorf("want %v, got %v", want, got.Outcome)
				}
				if err != nil && sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
					t.Errorf("a question says NOT_SENT: %v", err)
				}
				shop.ClearFaults()
				if after := shop.ask(t, req.Attempt); after.Outcome != sdk.OutcomeSucceeded {
					t.Errorf("afterwards: want SUCCEEDED, got %v", after.Outcome)
				}
			})
		}
	}
}

func inject(t *testing.T, shop *shop, fault sandbox.Fault) {
	t.Helper()
	if err := shop.Inject(fault); err != nil {
		t.Fatal(err)
	}
}

func TestAReusedReferenceIsUnknownAndFoundByStatus(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, nil)
	if _, _, err := shop.pay(t.Context(), 10_000, nil); err != nil {
		t.Fatal(err)
	}
	req, again, err := shop.pay(t.Context(), 10_000, nil)
	if err != nil || again.Outcome != sdk.OutcomeUnknown {
		t.Errorf("want UNKNOWN, got %v, %v", again.Outcome, err)
	}
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomePending {
		t.Errorf("want PENDING, got %v", got.Outcome)
	}
	if row := shop.row(t); row.Created != 1 || row.CreateCalls != 2 {
		t.Errorf("got %+v", row)
	}
}

func TestWebhooksThatAreNotTakenComeAgain(t *testing.T) {
	shop := newShop(t, "in process", sandbox.Options{}, nil)
	shop.refuses = true
	if _, _, err := shop.pay(t.Context(), 10_004, nil); err != nil {
		t.Fatal(err)
	}
	shop.Advance(24 * time.Hour)
	if got := len(shop.webhooks()); got != 15 {
		t.Errorf("want 15 tries, got %d", got)
	}
}

func TestTheListGoesThroughAllDays(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			shop := newShop(t, way, sandbox.Options{}, nil)
			for n := range 10 {
				req := request(func(r *sdk.PaymentRequest) {
					r.Ref, r.Amount, r.NotifyURL = fmt.Sprintf("ref%02d", n), money.Of(5_000, money.GBP), shop.notify
				})
				if got, err := shop.account.CreatePayment(t.Context(), req); err != nil || got.Outcome != sdk.OutcomeRequiresAction {
					t.Fatalf("got %+v, %v", got, err)
				}
				shop.Advance(48 * time.Hour)
			}
			seen, pages := map[string]sdk.ListItem{}, 0
			for list := (sdk.ListRequest{From: began(), To: began().AddDate(0, 0, 20)}); ; pages++ {
				page, err := shop.account.ListTransactions(t.Context(), list)
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					seen[item.Ref] = item
				}
				if list.Cursor = page.Next; page.Next == "" {
					break
				}
			}
			if len(seen) != 10 || pages != 3 {
				t.Errorf("want 10 transactions in 4 pages, got %d after %d more", len(seen), pages)
			}
			got := seen["ref00"]
			want := sdk.ListItem{
				ID: got.ID, Ref: "ref00", Customer: "1111222", Kind: sdk.KindPayment, Outcome: sdk.OutcomePending, Status: "successful",
				Told: sdk.Told{Amount: "50.00", Currency: "GBP", Reference: "ref00", Type: "payment"}, CreatedAt: began(),
				Claimed: sdk.OutcomeSucceeded,
			}
			same(t, want, got)
		})
	}
}

func TestANotFoundStatusIsLookedUpInTheList(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, nil)
	req, _, err := shop.pay(t.Context(), 10_000, nil)
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(3 * time.Second)
	inject(t, shop, sandbox.Fault{Op: sandbox.OpStatus, Kind: sandboxkit.FaultStatus, Status: 404})
	got := shop.askBlind(t, req.Attempt)
	if got.Outcome != sdk.OutcomePending || got.ProviderRef != shop.row(t).TransactionID || len(got.Exchanges) != 2 {
		t.Errorf("want PENDING with their id after two calls, got %+v", got)
	}
	if never := shop.askBlind(t, about(func(a *sdk.Attempt) { a.Ref = "never" })); never.Outcome != sdk.OutcomeUnknown {
		t.Errorf("want UNKNOWN, got %v", never.Outcome)
	}
}
