package coretest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// bankPage is how many transfers a page of a bank's list holds.
const bankPage = 3

// Bank is a provider in memory that tells nobody anything: what customers sent
// is found in its list. Set its fields before it is used; its methods may be
// called concurrently.
type Bank struct {
	// Name is the account's name and the plugin's.
	Name string
	// Window is the time to pay where the merchant set none.
	Window time.Duration
	// Trouble says how the next call goes; nil means well.
	Trouble func() Trouble

	mu        sync.Mutex
	transfers []BankTransfer
	troubles  int
}

// Trouble is how a call to a bank goes wrong.
type Trouble uint8

// The troubles.
const (
	TroubleNone Trouble = iota
	// TroubleFault is no answer.
	TroubleFault
	// TroubleWait is a request to wait for a minute.
	TroubleWait
	// TroubleCut is a list that ends too early, and says so.
	TroubleCut
	// TroubleTwice is a page that shows its first transfer twice.
	TroubleTwice
)

// BankTransfer is money that a customer sent.
type BankTransfer struct {
	ID, Customer string
	Amount       money.Amount
	// Status is Waiting, Paid, Declined or Reversed.
	Status Status
	// CreatedAt is when it was sent, ShownAt when the list shows it first.
	CreatedAt, ShownAt time.Time
	// PaidOnce says that it was Paid, whatever came of it.
	PaidOnce bool
}

// NewBank returns a bank whose customers have an hour to pay.
func NewBank(name string) *Bank { return &Bank{Name: name, Window: time.Hour} }

// Send is a customer who sends money, which the list shows after a time.
func (b *Bank) Send(customer string, amount money.Amount, status Status, shown time.Duration) BankTransfer {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := BankTransfer{
		ID: fmt.Sprintf("%s-%d", b.Name, len(b.transfers)+1), Customer: customer, Amount: amount, Status: status,
		CreatedAt: time.Now(), ShownAt: time.Now().Add(shown), PaidOnce: status == Paid,
	}
	b.transfers = append(b.transfers, t)
	return t
}

// Become changes the status of a transfer.
func (b *Bank) Become(id string, status Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.transfers {
		if b.transfers[i].ID == id {
			b.transfers[i].Status = status
			b.transfers[i].PaidOnce = b.transfers[i].PaidOnce || status == Paid
		}
	}
}

// Transfers returns every transfer, in the order in which they were sent.
func (b *Bank) Transfers() []BankTransfer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.transfers)
}

// Describe returns the manifest.
func (b *Bank) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: b.Name, Version: "1.0.0", Doc: "A bank in memory.", Capabilities: (&branch{b}).Capabilities(),
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {
			Idempotency: sdk.IdempotencyHarmless, QueryBy: sdk.QueryByList, LateSuccess: 48 * time.Hour,
			TellsCurrency: true, Window: b.Window,
		}},
	}
}

// Open returns the account. It has no settings.
func (b *Bank) Open(sdk.Settings) (sdk.Provider, error) { return &branch{b}, nil }

func (b *Bank) trouble() Trouble {
	if b.Trouble == nil {
		return TroubleNone
	}
	next := b.Trouble()
	if next != TroubleNone {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.troubles++
	}
	return next
}

// branch is the plugin's side: what the engine calls.
type branch struct{ *Bank }

var (
	_ sdk.Plugin            = (*Bank)(nil)
	_ sdk.PaymentCreator    = (*branch)(nil)
	_ sdk.TransactionLister = (*branch)(nil)
)

// Capabilities implements sdk.Provider.
func (b *branch) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Identity: b.Name, Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

// CreatePayment implements sdk.PaymentCreator. It creates nothing: it says what
// transfer to wait for.
func (b *branch) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	if b.trouble() == TroubleFault {
		return sdk.Result{}, sdk.Errorf(sdk.KindUnavailable, "connection reset")
	}
	until := req.ExpiresAt
	if until.IsZero() {
		until = time.Now().Add(b.Window)
	}
	return sdk.Result{
		Outcome:    sdk.OutcomeRequiresAction,
		NextAction: &sdk.NextAction{Type: sdk.ActionTransfer, Account: b.Name, Amount: req.Amount, Until: until},
		Match:      &sdk.Match{Customer: req.Customer.ID, Amount: req.Amount, From: time.Now(), Until: until},
	}, nil
}

// ListTransactions implements sdk.TransactionLister. The cursor is the id of the
// last transfer of the page before.
func (b *branch) ListTransactions(_ context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	trouble := b.trouble()
	switch trouble {
	case TroubleFault:
		return sdk.ListPage{}, sdk.Errorf(sdk.KindUnavailable, "connection reset")
	case TroubleWait:
		return sdk.ListPage{}, &sdk.Error{Kind: sdk.KindRateLimited, Message: "too many calls", RetryAfter: time.Minute}
	case TroubleNone, TroubleCut, TroubleTwice:
	}
	shown := b.shown(req)
	page := sdk.ListPage{Cut: trouble == TroubleCut && len(shown) > 1}
	switch {
	case page.Cut:
		shown = shown[:1]
	case len(shown) > bankPage:
		shown = shown[:bankPage]
		page.Next = shown[bankPage-1].ID
	}
	for _, t := range shown {
		page.Items = append(page.Items, t.item())
	}
	if trouble == TroubleTwice && len(page.Items) > 0 {
		page.Items = append(page.Items, page.Items[0])
	}
	return page, nil
}

// shown are the transfers of a time from the cursor on, oldest first.
func (b *branch) shown(req sdk.ListRequest) []BankTransfer {
	all := slices.DeleteFunc(b.Transfers(), func(t BankTransfer) bool {
		return t.ShownAt.After(time.Now()) || t.CreatedAt.Before(req.From) || t.CreatedAt.After(req.To)
	})
	slices.SortStableFunc(all, func(a, b BankTransfer) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	if at := slices.IndexFunc(all, func(t BankTransfer) bool { return t.ID == req.Cursor }); at >= 0 {
		return all[at+1:]
	}
	return all
}

func (t BankTransfer) item() sdk.ListItem {
	return sdk.ListItem{
		ID: t.ID, Customer: t.Customer, Kind: sdk.KindPayment, Outcome: t.Status.outcome(), Status: string(t.Status),
		Told: sdk.Told{Amount: t.Amount.Decimal(), Currency: t.Amount.Currency().String()}, CreatedAt: t.CreatedAt,
	}
}
