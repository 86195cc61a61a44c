package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

func callerTests() map[string]func(*testing.T, store.Store) {
	return map[string]func(*testing.T, store.Store){
		"of many who change one version, one wins": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			waiting := Waiting(payment, Start())
			results := together(32, func(int) error { return s.Apply(t.Context(), only(Update(waiting, 1, 1))) })
			equal(t, "winners", 1, count(results, nil))
			equal(t, "conflicts", 31, count(results, core.ErrConflict))
			equal(t, "version", uint64(2), must(s.Transaction(t.Context(), payment.ID))(t).Version)
			equal(t, "history", 3, len(must(s.History(t.Context(), payment.ID))(t)))
		},
		"of many who take one key, one wins": func(t *testing.T, s store.Store) {
			results := together(32, func(n int) error {
				payment := Payment(Start(), n)
				c := only(Create(payment))
				c.Idempotency = []core.IdempotencyWrite{{Row: Row(payment, "k1"), New: true}}
				return s.Apply(t.Context(), c)
			})
			equal(t, "winners", 1, count(results, nil))
			equal(t, "refused", 31, count(results, core.ErrKeyTaken))
			equal(t, "transactions", 1, len(must(s.Transactions(t.Context(), core.Filter{}))(t).Items))
		},
		"refusals do not harm the commits beside them": func(t *testing.T, s store.Store) {
			taken := Payment(Start(), 1000)
			apply(t, s, only(Create(taken)))
			results := together(64, func(n int) error {
				if n%2 == 0 {
					return s.Apply(t.Context(), only(Create(taken)))
				}
				return s.Apply(t.Context(), only(Create(Payment(Start(), n))))
			})
			equal(t, "applied", 32, count(results, nil))
			equal(t, "refused", 32, count(results, core.ErrConflict))
			equal(t, "transactions", 33, len(must(s.Transactions(t.Context(), core.Filter{}))(t).Items))
		},
		"whoever is told that it is written can read it": func(t *testing.T, s store.Store) {
			results := together(64, func(n int) error {
				payment := Payment(Start(), n)
				if err := s.Apply(t.Context(), only(Create(payment))); err != nil {
					return err
				}
				_, err := s.Transaction(t.Context(), payment.ID)
				return err
			})
			equal(t, "read", 64, count(results, nil))
		},
		"a caller who is gone stores nothing": func(t *testing.T, s store.Store) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := s.Apply(ctx, only(Create(Payment(Start(), 1)))); !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v, want %v", err, context.Canceled)
			}
			_, err := s.Transaction(t.Context(), Payment(Start(), 1).ID)
			missing(t, "transaction", err)
		},
		"an unknown fate is found out by event id": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			change := Create(payment)
			apply(t, s, only(change))
			want := change.History[1].EventID
			history := must(s.History(t.Context(), payment.ID))(t)
			equal(t, "event", want, history[len(history)-1].EventID)
		},
		"a closed store says so": func(t *testing.T, s store.Store) {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			refused(t, s, only(Create(Payment(Start(), 1))), store.ErrClosed)
			if _, err := s.Due(t.Context(), time.Now(), 0, 1); !errors.Is(err, store.ErrClosed) {
				t.Errorf("Due: error is %v, want %v", err, store.ErrClosed)
			}
			if err := s.Close(); err != nil {
				t.Errorf("closing twice: %v", err)
			}
		},
	}
}

// together runs do n times at once.
func together(n int, do func(int) error) []error {
	results := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { results[i] = do(i) })
	}
	all.Wait()
	return results
}

// count returns how many results are want, nil for no error.
func count(results []error, want error) int {
	n := 0
	for _, err := range results {
		if errors.Is(err, want) {
			n++
		}
	}
	return n
}
