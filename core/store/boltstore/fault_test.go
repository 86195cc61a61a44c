package boltstore_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

func payment(n int) core.Transaction { return storetest.Payment(storetest.Start(), n) }

func create(n int) core.Commit {
	return core.Commit{Transactions: []core.Change{storetest.Create(payment(n))}}
}

// failNext returns an interceptor that fails the first commit with cause,
// before or after it was really made.
func failNext(cause error, afterwards bool) func(func() error) error {
	failed := false
	return func(commit func() error) error {
		if failed {
			return commit()
		}
		failed = true
		if afterwards {
			if err := commit(); err != nil {
				return err
			}
		}
		return cause
	}
}

func mustHave(t *testing.T, s *boltstore.Store, n int) {
	t.Helper()
	if _, err := s.Transaction(t.Context(), payment(n).ID); err != nil {
		t.Errorf("payment %d: %v", n, err)
	}
}

func mustNotHave(t *testing.T, s *boltstore.Store, n int) {
	t.Helper()
	if _, err := s.Transaction(t.Context(), payment(n).ID); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("payment %d: error is %v, want %v", n, err, core.ErrNotFound)
	}
}

func mustFail(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

func TestAFailureOfUnknownFatePoisonsTheStore(t *testing.T) {
	for name, cause := range map[string]error{
		"an I/O error":                          syscall.EIO,
		"an error that nobody expects":          errors.New("cosmic ray"),
		"a resize that failed for other causes": errors.New("file sync error: " + syscall.ENOSPC.Error()),
	} {
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stored %t", name, stored), func(t *testing.T) {
				path := newPath(t)
				s, err := boltstore.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				s.InterceptCommits(failNext(cause, stored))
				mustFail(t, s.Apply(t.Context(), create(1)), core.ErrPoisoned)
				select {
				case <-s.Poisoned():
				default:
					t.Error("Poisoned is not closed")
				}
				mustFail(t, s.Apply(t.Context(), create(2)), core.ErrPoisoned)
				_, err = s.Transaction(t.Context(), payment(1).ID)
				mustFail(t, err, core.ErrPoisoned)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}

				again := mustOpen(t, path)
				mustNotHave(t, again, 2)
				if !stored {
					mustNotHave(t, again, 1)
					return
				}
				history, err := again.History(t.Context(), payment(1).ID)
				if err != nil || history[0].EventID != create(1).Transactions[0].History[0].EventID {
					t.Errorf("the event of the unknown commit is not found: %v", err)
				}
			})
		}
	}
}

func TestAPanicInTheFilePoisonsTheStore(t *testing.T) {
	path := newPath(t)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s.InterceptCommits(func(func() error) error { panic("page 7 already freed") })
	err = s.Apply(t.Context(), create(1))
	mustFail(t, err, core.ErrPoisoned)
	mustFail(t, err, boltstore.ErrDamaged)
	// The bolt transaction of the panic was rolled back, so that closing does not hang.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustNotHave(t, mustOpen(t, path), 1)
}

func noRoom() map[string]error {
	return map[string]error{
		"disk full":       fmt.Errorf("write: %w", syscall.ENOSPC),
		"quota full":      syscall.EDQUOT,
		"file too large":  syscall.EFBIG,
		"read-only mount": syscall.EROFS,
		"no room to grow": errors.New("file resize error: truncate paymux.db: " + syscall.EFBIG.Error()),
	}
}

func TestWithoutRoomTheStoreIsReadAndComesBack(t *testing.T) {
	for name, cause := range noRoom() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mustOpen(t, newPath(t))
				if err := s.Apply(t.Context(), create(1)); err != nil {
					t.Fatal(err)
				}
				s.InterceptCommits(failNext(cause, false))
				mustFail(t, s.Apply(t.Context(), create(2)), core.ErrReadOnly)
				mustFail(t, s.Apply(t.Context(), create(3)), core.ErrReadOnly)
				mustHave(t, s, 1)
				mustNotHave(t, s, 2)
				stats, err := s.Stats(t.Context())
				if err != nil || stats.ReadOnly == "" {
					t.Errorf("Stats tell no reason: %+v, %v", stats, err)
				}

				time.Sleep(boltstore.RetryGap)
				synctest.Wait()
				if err := s.Apply(t.Context(), create(2)); err != nil {
					t.Fatal(err)
				}
				mustHave(t, s, 2)
				mustNotHave(t, s, 3)
			})
		})
	}
}

func TestACommitInFlightIsReadAgain(t *testing.T) {
	for name, cause := range noRoom() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mustOpen(t, newPath(t))
				s.InterceptCommits(failNext(cause, true))
				if err := s.Apply(t.Context(), create(1)); err != nil {
					t.Errorf("the commit is in the file, Apply says %v", err)
				}
				mustHave(t, s, 1)
				mustFail(t, s.Apply(t.Context(), create(2)), core.ErrReadOnly)
			})
		})
	}
}

func TestAnIndexThatIsDamagedIsNotAPanic(t *testing.T) {
	path := newPath(t)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), create(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	damageDueList(t, path)
	s, err = boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Due(t.Context(), storetest.Start().Add(time.Hour), 0, 10)
	mustFail(t, err, boltstore.ErrDamaged)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := boltstore.Check(t.Context(), path)
	if err != nil || report.OK() {
		t.Errorf("Check finds nothing: %+v, %v", report, err)
	}
}
