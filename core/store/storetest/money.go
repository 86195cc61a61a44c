package storetest

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func transfer(n int) core.Transfer {
	id := ID(core.PrefixTransfer, Start(), n)
	return core.Transfer{
		ID: id, Account: "cenoa", ProviderRef: "t-" + id, ProviderCustomer: "c-7", Amount: money.Of(1000, money.EUR),
		Outcome: sdk.OutcomePending, Status: "processing", CreatedAt: Start(), SeenAt: Start().Add(time.Second),
	}
}

func claim(transaction string, from, until time.Duration) core.Claim {
	return core.Claim{
		Account: "cenoa", Customer: "c-7", Amount: money.Of(1000, money.EUR),
		From: Start().Add(from), Until: Start().Add(until), Transaction: transaction,
	}
}

func moneyTests() map[string]func(*testing.T, store.Store) {
	put := func(transfers ...core.Transfer) core.Commit { return core.Commit{Transfers: transfers} }
	take := func(claims ...core.Claim) core.Commit { return core.Commit{Claims: claims} }
	first, second := Payment(Start(), 1).ID, Payment(Start(), 2).ID
	return map[string]func(*testing.T, store.Store){
		"a transfer is found by id and by the provider's": func(t *testing.T, s store.Store) {
			x := transfer(1)
			apply(t, s, put(x))
			x.Version = 1
			equal(t, "transfer", x, must(s.Transfer(t.Context(), x.ID))(t))
			equal(t, "by ref", x, must(s.TransferByRef(t.Context(), "cenoa", x.ProviderRef))(t))
			_, err := s.TransferByRef(t.Context(), "numipay", x.ProviderRef)
			missing(t, "at another account", err)
		},
		"the provider's transfer is stored once": func(t *testing.T, s store.Store) {
			apply(t, s, put(transfer(1)))
			again := transfer(2)
			again.ProviderRef = transfer(1).ProviderRef
			refused(t, s, put(again), core.ErrConflict)
			refused(t, s, put(transfer(1)), core.ErrConflict)
		},
		"it is given away once": func(t *testing.T, s store.Store) {
			apply(t, s, put(transfer(1)))
			given := transfer(1)
			given.Was, given.Transaction = 1, first
			apply(t, s, put(given))
			given.Transaction = second
			refused(t, s, put(given), core.ErrConflict)
			equal(t, "owner", first, must(s.Transfer(t.Context(), given.ID))(t).Transaction)
		},
		"matched and unmatched ones are listed, newest first": func(t *testing.T, s store.Store) {
			apply(t, s, put(transfer(1), transfer(2), transfer(3), transfer(4)))
			given, top, other := transfer(1), transfer(2), transfer(5)
			given.Was, given.Transaction = 1, first
			top.Was, top.TopUp = 1, "wallet"
			other.Account = "cenoa-2"
			apply(t, s, put(given, top, other))
			page := must(s.Transfers(t.Context(), core.TransferFilter{Account: "cenoa", Unmatched: true, Limit: 1}))(t)
			equal(t, "first page", []string{transfer(4).ID}, idsOf(page.Items, func(x core.Transfer) string { return x.ID }))
			page = must(s.Transfers(t.Context(), core.TransferFilter{Account: "cenoa", Unmatched: true, Limit: 1, Cursor: page.Next}))(t)
			equal(t, "second page", []string{transfer(3).ID}, idsOf(page.Items, func(x core.Transfer) string { return x.ID }))
			page = must(s.Transfers(t.Context(), core.TransferFilter{Matched: true}))(t)
			equal(t, "matched", []string{top.ID, given.ID}, idsOf(page.Items, func(x core.Transfer) string { return x.ID }))
			page = must(s.Transfers(t.Context(), core.TransferFilter{Customer: "c-7"}))(t)
			equal(t, "all", 5, len(page.Items))
			page = must(s.Transfers(t.Context(), core.TransferFilter{Customer: "c-8"}))(t)
			equal(t, "another customer's", 0, len(page.Items))
		},
		"a claim keeps others from a transfer of its shape": func(t *testing.T, s store.Store) {
			apply(t, s, take(claim(first, 0, time.Hour)))
			refused(t, s, take(claim(second, time.Hour, 2*time.Hour)), core.ErrClaimTaken)
			equal(t, "claims", []core.Claim{claim(first, 0, time.Hour)}, must(s.Claims(t.Context(), "cenoa", "c-7"))(t))
			apply(t, s, take(claim(second, time.Hour+1, 2*time.Hour)))
			equal(t, "claims of all customers", 2, len(must(s.Claims(t.Context(), "cenoa", ""))(t)))
			equal(t, "claims of another customer", 0, len(must(s.Claims(t.Context(), "cenoa", "c-"))(t)))
		},
		"another shape is another claim": func(t *testing.T, s store.Store) {
			apply(t, s, take(claim(first, 0, time.Hour)))
			amount, currency, customer, account := claim(second, 0, time.Hour), claim(second, 0, time.Hour), claim(second, 0, time.Hour), claim(second, 0, time.Hour)
			amount.Amount = money.Of(1001, money.EUR)
			currency.Amount = money.Of(1000, money.XOF)
			customer.Customer = "c-8"
			account.Account = "cenoa-2"
			apply(t, s, take(amount, currency, customer, account))
		},
		"a claim is free once it is given back": func(t *testing.T, s store.Store) {
			apply(t, s, take(claim(first, 0, time.Hour)))
			apply(t, s, core.Commit{ClaimsFreed: []core.Claim{claim(first, 0, time.Hour)}, Claims: []core.Claim{claim(second, 0, time.Hour)}})
			equal(t, "claims", []core.Claim{claim(second, 0, time.Hour)}, must(s.Claims(t.Context(), "cenoa", ""))(t))
			apply(t, s, core.Commit{ClaimsFreed: []core.Claim{claim(first, 0, time.Hour)}})
		},
		"a transaction may take its own claim anew": func(t *testing.T, s store.Store) {
			apply(t, s, take(claim(first, 0, time.Hour)))
			apply(t, s, take(claim(first, 0, 2*time.Hour)))
			equal(t, "claims", []core.Claim{claim(first, 0, 2*time.Hour)}, must(s.Claims(t.Context(), "cenoa", ""))(t))
		},
	}
}

func idsOf[T any](items []T, id func(T) string) []string {
	var ids []string
	for _, item := range items {
		ids = append(ids, id(item))
	}
	return ids
}
