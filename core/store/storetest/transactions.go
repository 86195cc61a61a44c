package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

func transactionTests() map[string]func(*testing.T, store.Store) {
	return map[string]func(*testing.T, store.Store){
		"what is applied is read back whole": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			equal(t, "transaction", at(payment, 1), must(s.Transaction(t.Context(), payment.ID))(t))
			equal(t, "history", Entries(payment, 2), must(s.History(t.Context(), payment.ID))(t))
			u, err := core.ULIDOf(payment.ID)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "by ULID", at(payment, 1), must(s.TransactionByULID(t.Context(), u))(t))
		},
		"an update replaces the record and adds to the history": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			waiting := Waiting(payment, Start().Add(time.Second))
			apply(t, s, only(Update(waiting, 1, 1)))
			equal(t, "transaction", at(waiting, 2), must(s.Transaction(t.Context(), payment.ID))(t))
			want := slices.Concat(Entries(payment, 2), Entries(waiting, 1))
			equal(t, "history", want, must(s.History(t.Context(), payment.ID))(t))
		},
		"another version is a conflict and changes nothing": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			refused(t, s, only(Create(payment)), core.ErrConflict)
			waiting := Waiting(payment, Start().Add(time.Second))
			refused(t, s, only(Update(waiting, 2, 1)), core.ErrConflict)
			equal(t, "transaction", at(payment, 1), must(s.Transaction(t.Context(), payment.ID))(t))
		},
		"an update of what is not there is a conflict": func(t *testing.T, s store.Store) {
			refused(t, s, only(Update(Waiting(Payment(Start(), 1), Start()), 1, 1)), core.ErrConflict)
		},
		"a commit of several is whole or not at all": func(t *testing.T, s store.Store) {
			first, second := Payment(Start(), 1), Payment(Start(), 2)
			apply(t, s, only(Create(second)))
			refused(t, s, only(Create(first), Create(second)), core.ErrConflict)
			_, err := s.Transaction(t.Context(), first.ID)
			missing(t, "the first of a refused commit", err)
			third := Payment(Start(), 3)
			apply(t, s, only(Create(first), Create(third)))
			equal(t, "the third", at(third, 1), must(s.Transaction(t.Context(), third.ID))(t))
		},
		"one transaction cannot be twice in a commit": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			refused(t, s, only(Create(payment), Create(payment)), core.ErrInvalidRecord)
		},
		"a history with a gap is refused": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			change := Create(payment)
			change.History = change.History[1:]
			refused(t, s, only(change), core.ErrInvalidRecord)
			apply(t, s, only(Create(payment)))
			waiting := Waiting(payment, Start())
			waiting.Sequence++
			refused(t, s, only(Update(waiting, 1, 1)), core.ErrInvalidRecord)
		},
		"a record that breaks an invariant is refused": func(t *testing.T, s store.Store) {
			twoLive := WithAttempt(Payment(Start(), 1), "numipay", Start())
			refused(t, s, only(Create(twoLive)), core.ErrInvalidRecord)
			timeless := Payment(Start(), 1)
			timeless.Timers = nil
			refused(t, s, only(Create(timeless)), core.ErrInvalidRecord)
		},
		"a read is a copy": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			mine := must(s.Transaction(t.Context(), payment.ID))(t)
			mine.Metadata["cart"] = "changed"
			mine.Attempts[0].Account = "changed"
			mine.Route.Candidates[0] = "changed"
			equal(t, "transaction", at(payment, 1), must(s.Transaction(t.Context(), payment.ID))(t))
		},
		"what is not there is not found": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			for _, id := range []string{ID(core.PrefixPayment, Start(), 2), core.PrefixPayout + payment.ID[4:], "pay_", "", "nonsense"} {
				_, err := s.Transaction(t.Context(), id)
				missing(t, "transaction "+id, err)
			}
			_, err := s.History(t.Context(), ID(core.PrefixPayment, Start(), 2))
			missing(t, "history", err)
		},
		"provider refs are found where they were asked to be": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			waiting := Waiting(payment, Start())
			change := Update(waiting, 1, 1)
			change.IndexProviderRefs = true
			apply(t, s, only(change))
			ref := waiting.Attempts[0].ProviderRef
			found, number, err := s.ByProviderRef(t.Context(), "cinetpay-ci", ref)
			equal(t, "transaction", at(waiting, 2), must(found, err)(t))
			equal(t, "attempt", 1, number)
			_, _, err = s.ByProviderRef(t.Context(), "numipay", ref)
			missing(t, "the same ref at another account", err)
			_, _, err = s.ByProviderRef(t.Context(), "cinetpay-ci", "")
			missing(t, "no ref", err)

			other := Waiting(Payment(Start(), 2), Start())
			apply(t, s, only(Create(other)))
			_, _, err = s.ByProviderRef(t.Context(), "cinetpay-ci", other.Attempts[0].ProviderRef)
			missing(t, "a ref that was not to be indexed", err)
		},
		"a provider's id stays with the first attempt that had it": func(t *testing.T, s store.Store) {
			first, second := Waiting(Payment(Start(), 1), Start()), Waiting(Payment(Start(), 2), Start())
			second.Attempts[0].ProviderRef = first.Attempts[0].ProviderRef
			for _, payment := range []core.Transaction{first, second} {
				change := Create(payment)
				change.IndexProviderRefs = true
				apply(t, s, only(change))
			}
			found, _, err := s.ByProviderRef(t.Context(), "cinetpay-ci", first.Attempts[0].ProviderRef)
			equal(t, "transaction", first.ID, must(found, err)(t).ID)
		},
		"open transactions are counted by merchant": func(t *testing.T, s store.Store) {
			first, second, other := Payment(Start(), 1), Payment(Start(), 2), Payment(Start(), 3)
			other.Merchant = "other"
			ended := Ended(Payment(Start(), 4), core.StateFailed, Start())
			ended.Sequence = 2
			apply(t, s, only(Create(first), Create(second), Create(other), Create(ended)))
			open := func(want int) {
				t.Helper()
				equal(t, "open", want, must(s.Open(t.Context(), "shop"))(t))
			}
			open(2)
			failed := Ended(first, core.StateFailed, Start())
			apply(t, s, only(Update(failed, 1, 1)))
			open(1)
			paid := Ended(first, core.StateSucceeded, Start())
			paid.Sequence++
			apply(t, s, only(Update(paid, 2, 1)))
			open(1)
			review := paid
			review.State, review.Sequence = core.StateReview, paid.Sequence+1
			apply(t, s, only(Update(review, 3, 1)))
			open(2)
			refused(t, s, only(Create(Payment(Start(), 2))), core.ErrConflict)
			open(2)
			equal(t, "open of nobody", 0, must(s.Open(t.Context(), "nobody"))(t))
		},
		"a merchant has at most so many open": func(t *testing.T, s store.Store) {
			bounded := func(x core.Transaction) core.Change {
				change := Create(x)
				change.OpenMax = 2
				return change
			}
			first, other := Payment(Start(), 1), Payment(Start(), 9)
			other.Merchant = "other"
			apply(t, s, only(bounded(first)))
			apply(t, s, only(bounded(Payment(Start(), 2))))
			refused(t, s, only(bounded(Payment(Start(), 3))), core.ErrOpenMax)
			_, err := s.Transaction(t.Context(), Payment(Start(), 3).ID)
			missing(t, "what was one too many", err)
			apply(t, s, only(bounded(other)))
			apply(t, s, only(Create(Payment(Start(), 4)))) // Without a bound nothing is refused.
			ended := Ended(Payment(Start(), 5), core.StateFailed, Start())
			apply(t, s, only(bounded(ended)))
			change := Update(Waiting(first, Start()), 1, 1)
			change.OpenMax = 1 // What is there goes on, whatever the bound.
			apply(t, s, only(change))
		},
		"live attempts are counted by account": func(t *testing.T, s store.Store) {
			first, second := Payment(Start(), 1), Payment(Start(), 2)
			third := Payment(Start(), 3)
			third.Attempts = nil
			third = WithAttempt(third, "numipay", Start())
			apply(t, s, only(Create(first), Create(second), Create(third)))
			equal(t, "live", map[string]int{"cinetpay-ci": 2, "numipay": 1}, must(s.Live(t.Context()))(t))
			apply(t, s, only(Update(Ended(first, core.StateFailed, Start()), 1, 1)))
			apply(t, s, only(Update(Ended(third, core.StateSucceeded, Start()), 1, 1)))
			equal(t, "live", map[string]int{"cinetpay-ci": 1}, must(s.Live(t.Context()))(t))
		},
		"watched attempts are counted by account": func(t *testing.T, s store.Store) {
			live, ended := Payment(Start(), 1), Ended(Payment(Start(), 2), core.StateFailed, Start())
			watched := Ended(Payment(Start(), 3), core.StateFailed, Start())
			watched.Attempts[0].WatchFrom = Start()
			watched.Timers = []core.Timer{{Kind: core.TimerWatch, At: Start().Add(time.Hour), Attempt: 1}}
			apply(t, s, only(Create(live), Create(ended), Create(watched)))
			equal(t, "watched", map[string]int{"cinetpay-ci": 1}, must(s.Watched(t.Context()))(t))
			over := watched
			over.Attempts = slices.Clone(watched.Attempts)
			over.Attempts[0].WatchFrom, over.Timers = time.Time{}, nil
			apply(t, s, only(Update(over, 1, 0)))
			equal(t, "watched after the end", map[string]int{}, must(s.Watched(t.Context()))(t))
		},
	}
}

func referenceTests() map[string]func(*testing.T, store.Store) {
	// sample returns payment n with the one reference.
	sample := func(n int) core.Transaction {
		payment := Payment(Start(), n)
		payment.Reference = "order-7"
		return payment
	}
	held := func(t *testing.T, s store.Store, by core.Transaction, change core.Change) {
		t.Helper()
		var duplicate *core.DuplicateReferenceError
		if err := s.Apply(t.Context(), only(change)); !errors.As(err, &duplicate) {
			t.Fatalf("Apply: error is %v, want a DuplicateReferenceError", err)
		}
		equal(t, "error", core.DuplicateReferenceError{Reference: "order-7", Transaction: by.ID}, *duplicate)
	}
	means := func(t *testing.T, s store.Store, want core.Transaction) {
		t.Helper()
		got := must(s.ByReference(t.Context(), want.Merchant, want.Kind, "order-7"))(t)
		equal(t, "transaction of the reference", want.ID, got.ID)
	}
	return map[string]func(*testing.T, store.Store){
		"a reference in use is refused": func(t *testing.T, s store.Store) {
			apply(t, s, only(Create(sample(1))))
			held(t, s, sample(1), Create(sample(2)))
			_, err := s.Transaction(t.Context(), sample(2).ID)
			missing(t, "the refused one", err)
			means(t, s, sample(1))
		},
		"it is of one merchant and one kind": func(t *testing.T, s store.Store) {
			apply(t, s, only(Create(sample(1))))
			other := sample(2)
			other.Merchant = "another"
			apply(t, s, only(Create(other)))
			means(t, s, sample(1))
			means(t, s, other)
			_, err := s.ByReference(t.Context(), "nobody", other.Kind, "order-7")
			missing(t, "another merchant's", err)
		},
		"it is free again after a failure": func(t *testing.T, s store.Store) {
			apply(t, s, only(Create(sample(1))))
			apply(t, s, only(Update(Ended(sample(1), core.StateFailed, Start()), 1, 1)))
			means(t, s, sample(1))
			apply(t, s, only(Create(sample(2))))
			means(t, s, sample(2))
			held(t, s, sample(2), Create(sample(3)))
		},
		"it stays in use after a success": func(t *testing.T, s store.Store) {
			apply(t, s, only(Create(sample(1))))
			apply(t, s, only(Update(Ended(sample(1), core.StateSucceeded, Start()), 1, 1)))
			held(t, s, sample(1), Create(sample(2)))
		},
		"a late success holds it beside the newer one": func(t *testing.T, s store.Store) {
			failed := Ended(sample(1), core.StateFailed, Start())
			apply(t, s, only(Create(sample(1))))
			apply(t, s, only(Update(failed, 1, 1)))
			apply(t, s, only(Create(sample(2))))
			apply(t, s, only(Update(Ended(failed, core.StateSucceeded, Start()), 2, 1)))
			means(t, s, sample(2))
			apply(t, s, only(Update(Ended(sample(2), core.StateFailed, Start()), 1, 1)))
			means(t, s, sample(1))
			held(t, s, sample(1), Create(sample(3)))
		},
		"many transactions have none": func(t *testing.T, s store.Store) {
			first, second := Payment(Start(), 1), Payment(Start(), 2)
			first.Reference, second.Reference = "", ""
			apply(t, s, only(Create(first), Create(second)))
		},
	}
}
