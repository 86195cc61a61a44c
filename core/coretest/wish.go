package coretest

import (
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// wish is what a merchant asks for and finds again in the record.
type wish struct {
	Kind                                                                  sdk.Kind
	Merchant, Reference, Country, Description, Customer, Phone, ReturnURL string
	Parent                                                                string
	Amount                                                                money.Amount
	Metadata                                                              map[string]string
	scope                                                                 core.IdempotencyScope
}

// wishOf reads a request.
func wishOf(request any) wish {
	switch r := request.(type) {
	case core.PaymentRequest:
		return wish{
			sdk.KindPayment, r.Caller.Merchant, r.Reference, r.Country, r.Description, r.Customer.ID, r.Customer.Phone, r.ReturnURL,
			"", r.Amount, r.Metadata,
			core.IdempotencyScope{Merchant: r.Caller.Merchant, Key: r.IdempotencyKey},
		}
	case core.PayoutRequest:
		return wish{
			sdk.KindPayout, r.Caller.Merchant, r.Reference, r.Country, r.Description, r.Recipient.ID, r.Recipient.Phone, "",
			"", r.Amount, r.Metadata,
			core.IdempotencyScope{Merchant: r.Caller.Merchant, Key: r.IdempotencyKey},
		}
	case core.RefundRequest:
		return wish{
			Kind: sdk.KindRefund, Merchant: r.Caller.Merchant, Reference: r.Reference, Description: r.Reason, Parent: r.Payment,
			Amount: r.Amount, Metadata: r.Metadata, scope: core.IdempotencyScope{Merchant: r.Caller.Merchant, Key: r.IdempotencyKey},
		}
	default:
		return wish{}
	}
}

// granted is what the record says of a wish. A refund has where it is, and the
// rest if no amount was named, from its payment.
func (w wish) granted(t core.Transaction) wish {
	found := wish{
		t.Kind, t.Merchant, t.Reference, t.Country, t.Description, t.Customer.ID, t.Customer.Phone, t.ReturnURL,
		t.Parent, t.Amount, t.Metadata, w.scope,
	}
	if w.Kind == sdk.KindRefund {
		found.Country, found.Customer, found.Phone = "", "", ""
		if w.Amount.IsZero() {
			found.Amount = w.Amount
		}
	}
	return found
}

// alike compares records whatever way they came: from memory or from a file.
func alike() []gocmp.Option {
	return []gocmp.Option{gocmp.Comparer(money.Amount.Equal), cmpopts.EquateEmpty(), gocmp.AllowUnexported(wish{})}
}

// kept looks for an acknowledged transaction with its fields.
func (b *book) kept(asked wish, tx core.Transaction) {
	now, ok := b.transactions[tx.ID]
	if !ok {
		b.report(Kept, tx.ID, "was acknowledged and is not there")
		return
	}
	if diff := gocmp.Diff(asked, asked.granted(now), alike()...); diff != "" {
		b.report(Kept, tx.ID, "is not what was asked for (-asked +stored):\n%s", diff)
	}
	if now.Version < tx.Version || now.Sequence < tx.Sequence || len(now.Attempts) < len(tx.Attempts) {
		b.report(Kept, tx.ID, "is older than its acknowledgment: version %d, then %d", tx.Version, now.Version)
	}
	for i := range min(len(tx.Attempts), len(now.Attempts)) {
		if tx.Attempts[i].Ref != now.Attempts[i].Ref || tx.Attempts[i].Account != now.Attempts[i].Account {
			b.report(Kept, tx.ID, "attempt %d is another one than was acknowledged", i+1)
		}
	}
}
