package storetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

func scanTests() map[string]func(*testing.T, store.Store) {
	return map[string]func(*testing.T, store.Store){
		"every transaction is seen once, the oldest first": func(t *testing.T, s store.Store) {
			want := fillForScan(t, s, 5_000)
			equal(t, "pasts", want, scanned(t, s, time.Time{}, Start().Add(time.Hour*24)))
		},
		"the beginning is included and the end is not": func(t *testing.T, s store.Store) {
			all := fillForScan(t, s, 10)
			from, to := all[2].Sample.At, all[7].Sample.At
			equal(t, "pasts", all[2:7], scanned(t, s, from, to))
			equal(t, "nothing", []core.Past(nil), scanned(t, s, to, from))
			equal(t, "long after", []core.Past(nil), scanned(t, s, to.AddDate(1, 0, 0), to.AddDate(2, 0, 0)))
		},
		"of a transaction that was written again the latest is seen": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			ended := Ended(payment, core.StateFailed, Start().Add(time.Second))
			apply(t, s, only(Update(ended, 1, 1)))
			equal(t, "pasts", []core.Past{core.PastOf(ended)}, scanned(t, s, Start(), Start().Add(time.Hour)))
		},
		"an empty store has nothing to see": func(t *testing.T, s store.Store) {
			equal(t, "pasts", []core.Past(nil), scanned(t, s, time.Time{}, Start()))
		},
		"an error of who uses it ends it": func(t *testing.T, s store.Store) {
			fillForScan(t, s, 5_000)
			enough, calls := errors.New("enough"), 0
			err := s.Scan(t.Context(), time.Time{}, Start().Add(time.Hour), func([]core.Past) error {
				calls++
				return enough
			})
			if !errors.Is(err, enough) || calls != 1 {
				t.Errorf("error is %v after %d calls, want %v after one", err, calls, enough)
			}
		},
		"it ends with its context": func(t *testing.T, s store.Store) {
			fillForScan(t, s, 5_000)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := s.Scan(ctx, time.Time{}, Start().Add(time.Hour), func([]core.Past) error {
				cancel()
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v, want %v", err, context.Canceled)
			}
		},
		"who uses it may write": func(t *testing.T, s store.Store) {
			fillForScan(t, s, 10)
			late := Payment(Start().Add(30*time.Minute), 77)
			err := s.Scan(t.Context(), time.Time{}, Start().Add(time.Minute), func([]core.Past) error {
				return s.Apply(t.Context(), only(Create(late)))
			})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "written", late.ID, must(s.Transaction(t.Context(), late.ID))(t).ID)
		},
	}
}

// fillForScan stores n payments, a millisecond apart, and returns their pasts.
func fillForScan(t *testing.T, s store.Store, n int) []core.Past {
	t.Helper()
	var pasts []core.Past
	var c core.Commit
	for i := range n {
		payment := Payment(Start().Add(time.Duration(i)*time.Millisecond), i+1)
		if i%3 == 0 {
			payment = Ended(payment, core.StateSucceeded, payment.CreatedAt.Add(time.Second))
		}
		c.Transactions = append(c.Transactions, Create(payment))
		pasts = append(pasts, core.PastOf(payment))
		if len(c.Transactions) == 500 || i == n-1 {
			apply(t, s, c)
			c = core.Commit{}
		}
	}
	return pasts
}

// scanned returns copies of all that a scan gives.
func scanned(t *testing.T, s store.Store, from, to time.Time) []core.Past {
	t.Helper()
	var all []core.Past
	err := s.Scan(t.Context(), from, to, func(some []core.Past) error {
		for _, past := range some {
			past.Sample.Metadata = maps.Clone(past.Sample.Metadata)
			past.Attempts = slices.Clone(past.Attempts)
			all = append(all, past)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
