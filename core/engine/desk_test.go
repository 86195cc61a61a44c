package engine_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// desk is a provider that does everything and keeps a ledger of what it was told
// to do. What it answers can be changed while it runs.
type desk struct {
	name  string
	facts sdk.Facts

	mu sync.Mutex
	// create and status are what it answers to a creating call and to a question.
	create, status sdk.Result
	verdict        sdk.VerdictResult
	verdictErr     error
	// list is what its list shows: all of it, or, where it is paged, what was
	// created in the time that is asked for, newest first, so many on a page, of
	// which it gives pagesMax. A page takes paging.
	list            []sdk.ListItem
	paged, pagesMax int
	paging          time.Duration
	listFault       error
	// keeps is how far back its list goes, zero for ever.
	keeps time.Duration
	// reads are the first pages that it was asked for.
	reads []sdk.ListRequest
	// calls are what it was told to do, in order.
	calls []string
	match *sdk.Match
}

func (d *desk) Describe() sdk.Manifest {
	return sdk.Manifest{Name: d.name, Version: "1.0.0", Facts: map[sdk.Kind]sdk.Facts{
		sdk.KindPayment: d.facts, sdk.KindPayout: d.facts, sdk.KindRefund: d.facts,
	}}
}

func (d *desk) Open(sdk.Settings) (sdk.Provider, error) { return d, nil }

func (d *desk) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}, {Kind: sdk.KindPayout}, {Kind: sdk.KindRefund}}}
}

func (d *desk) told(call string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, call)
}

func (d *desk) creates(call string) (sdk.Result, error) {
	d.told(call)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.create, nil
}

func (d *desk) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	result, err := d.creates("payment " + req.Amount.Decimal())
	if d.match != nil {
		match := *d.match
		match.Amount, match.From, match.Until = req.Amount, time.Now(), time.Now().Add(time.Hour)
		result = sdk.Result{
			Outcome: sdk.OutcomeRequiresAction, Match: &match,
			NextAction: &sdk.NextAction{Type: sdk.ActionTransfer, Until: match.Until, Amount: req.Amount},
		}
	}
	return result, err
}

func (d *desk) CreatePayout(_ context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return d.creates("payout " + req.Amount.Decimal() + " to " + req.Recipient.Name)
}

func (d *desk) CreateRefund(_ context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return d.creates("refund " + req.Amount.Decimal() + " of " + req.Payment.Amount.Decimal())
}

func (d *desk) decision(call string) (sdk.VerdictResult, error) {
	d.told(call)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.verdict, d.verdictErr
}

func (d *desk) ApprovePayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return d.decision("approve")
}

func (d *desk) RejectPayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return d.decision("reject")
}

func (d *desk) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status, nil
}

func (d *desk) ListTransactions(_ context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	time.Sleep(d.paging)
	d.mu.Lock()
	defer d.mu.Unlock()
	if req.Cursor == "" {
		d.reads = append(d.reads, req)
	}
	if d.keeps != 0 && req.From.Before(time.Now().Add(-d.keeps)) {
		return sdk.ListPage{}, sdk.Errorf(sdk.KindInvalid, "too long ago")
	}
	if d.listFault != nil {
		return sdk.ListPage{}, d.listFault
	}
	if d.paged == 0 {
		return sdk.ListPage{Items: slices.Clone(d.list)}, nil
	}
	items := slices.DeleteFunc(slices.Clone(d.list), func(item sdk.ListItem) bool {
		return item.CreatedAt.Before(req.From) || item.CreatedAt.After(req.To)
	})
	slices.SortStableFunc(items, func(a, b sdk.ListItem) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return d.page(items, req.Cursor)
}

func (d *desk) page(items []sdk.ListItem, cursor string) (sdk.ListPage, error) {
	number, _ := strconv.Atoi(cursor) // The first page has no cursor.
	begin, end := min(number*d.paged, len(items)), min((number+1)*d.paged, len(items))
	page := sdk.ListPage{Items: items[begin:end]}
	switch {
	case end == len(items):
	case number+1 == d.pagesMax:
		page.Cut = true
	default:
		page.Next = strconv.Itoa(number + 1)
	}
	return page, nil
}

// HandleNotification takes every notification for genuine; its body is our reference.
func (d *desk) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	return sdk.Notification{Authenticity: sdk.Genuine, Ref: string(req.Body), DedupeKey: string(req.Body)}, nil
}

// will changes what the desk answers from now on.
func (d *desk) will(change func(*desk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

func (d *desk) wasTold() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.calls...)
}

// office is an engine with desks, in virtual time.
type office struct {
	*testing.T
	engine *engine.Engine
}

// open runs a test with an engine over desks, tried in this order.
func open(t *testing.T, test func(o *office), configure func(*config.Config), desks ...*desk) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		accounts := map[string]engine.Provider{}
		var names []string
		for _, d := range desks {
			accounts[d.name] = engine.Provider{Plugin: d}
			names = append(names, d.name)
		}
		cfg := coretest.MustConfig(t, t.TempDir())
		if configure != nil {
			configure(cfg)
		}
		e, err := engine.New(t.Context(), engine.Options{Config: cfg, Rules: coretest.Rules(names...), Providers: accounts})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}()
		test(&office{T: t, engine: e})
	})
}

func (o *office) pay(key string, amount int64) core.Transaction {
	o.Helper()
	answer, err := o.engine.Pay(o.Context(), core.PaymentRequest{IdempotencyKey: key, Amount: money.Of(amount, money.XOF)})
	if err != nil {
		o.Fatal(err)
	}
	return answer.Transaction
}

func (o *office) payout(key string, amount int64) core.Transaction {
	o.Helper()
	answer, err := o.engine.Payout(o.Context(), core.PayoutRequest{
		IdempotencyKey: key, Amount: money.Of(amount, money.XOF), Recipient: sdk.Customer{Name: "Awa", Phone: "+2250707123456"},
	})
	if err != nil {
		o.Fatal(err)
	}
	return answer.Transaction
}

// is waits for a state, in virtual time.
func (o *office) is(id string, state core.State) core.Transaction {
	o.Helper()
	var tx core.Transaction
	for range 600 {
		var err error
		if tx, err = o.engine.Transaction(o.Context(), operator, id); err != nil {
			o.Fatal(err)
		}
		if tx.State == state {
			return tx
		}
		time.Sleep(time.Second)
	}
	o.Fatalf("it is %s (%+v), want %s", tx.State, tx.Reason, state)
	return tx
}

var (
	heldOne  = sdk.Result{Outcome: sdk.OutcomePending, Held: true}
	waiting  = sdk.Result{Outcome: sdk.OutcomePending}
	accepted = sdk.VerdictResult{Verdict: sdk.VerdictAccepted}
	refused  = sdk.VerdictResult{Verdict: sdk.VerdictRefused, Reason: sdk.ReasonDeclined}
	declined = sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}
)

func paidOf(amount string) sdk.Result {
	return sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: amount, Currency: "XOF"}}
}
