package coretest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/store/storetest"
)

func TestAMortalStoreDiesAtItsCommit(t *testing.T) {
	for written, stored := range map[bool]bool{true: true, false: false} {
		file := coretest.MustOpenStore(t)
		s := coretest.NewMortal(file, 2, written)
		apply := func(n int) (string, error) {
			tx := storetest.Payment(storetest.Start().Add(time.Duration(n)*time.Second), n)
			return tx.ID, s.Apply(t.Context(), core.Commit{Transactions: []core.Change{{Transaction: tx, History: storetest.Entries(tx, 2)}}})
		}
		if _, err := apply(1); err != nil || s.Dead() {
			t.Fatalf("the first commit: %v", err)
		}
		id, err := apply(2)
		if !errors.Is(err, coretest.ErrDied) || !s.Dead() {
			t.Errorf("the last commit returns %v", err)
		}
		if _, err := file.Transaction(t.Context(), id); errors.Is(err, core.ErrNotFound) == stored {
			t.Errorf("written %v: reading the last commit: %v", written, err)
		}
		id, err = apply(3)
		if _, found := file.Transaction(t.Context(), id); !errors.Is(err, coretest.ErrDied) || !errors.Is(found, core.ErrNotFound) {
			t.Errorf("a commit after death: %v, reading it: %v", err, found)
		}
		<-s.Died()
	}
}
