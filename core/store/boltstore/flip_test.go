package boltstore_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core/store/boltstore"
)

// TestAFlippedByteIsNeverBelieved flips one byte at a time, in every page of the
// file, as it is after it was closed and as a crash leaves it. Every payment is
// then read right, or not at all: never wrong, and without a crash.
func TestAFlippedByteIsNeverBelieved(t *testing.T) {
	const payments = 40
	step := 3001
	if chaos() {
		step = 97
	}
	closed := filled(t, payments)
	var all flips
	for name, test := range map[string]struct {
		path string
		open func(string) (*boltstore.Store, error)
	}{
		"closed, for reading":  {closed, boltstore.OpenReadOnly},
		"closed, for writing":  {closed, boltstore.Open},
		"crashed, for writing": {crashed(t, closed, payments), boltstore.Open},
	} {
		t.Run(name, func(t *testing.T) {
			whole := usedPages(t, test.path)
			path := newPath(t)
			noticed := all.noticed
			for at := 5; at < len(whole); at += step {
				damaged := append([]byte{}, whole...)
				damaged[at] ^= 0x5a
				if err := os.WriteFile(path, damaged, 0o600); err != nil {
					t.Fatal(err)
				}
				s, err := test.open(path)
				if err != nil {
					if !errors.Is(err, boltstore.ErrFormat) {
						mustFail(t, err, boltstore.ErrDamaged)
					}
					all.refused++
					continue
				}
				if readsAll(t, s, payments) {
					all.harmless++
				} else {
					all.noticed++
				}
				// Closing writes, and may be what notices.
				_ = s.Close()
			}
			if all.noticed == noticed {
				t.Error("no flip was noticed: the test does not reach the records")
			}
		})
	}
	believed, tried := believedPlainly(t, closed)
	t.Logf("chaos 6: %d flips, at least %d in every page: %d refused at opening, %d noticed at reading, %d in bytes that are not "+
		"used or not read, 0 believed; control without checksums: %d of %d in records believed",
		all.refused+all.noticed+all.harmless, 4096/step, all.refused, all.noticed, all.harmless, believed, tried)
	if believed == 0 {
		t.Error("the control believes nothing: the test shows nothing")
	}
}

// flips counts what became of them.
type flips struct{ refused, noticed, harmless int }

// believedPlainly is the control: it flips a byte of each transaction in the file
// and reads the transactions with bbolt alone.
func believedPlainly(t *testing.T, path string) (believed, tried int) {
	t.Helper()
	whole, right := usedPages(t, path), rawTransactions(t, path)
	damaged := newPath(t)
	for key, value := range right {
		flipped := bytes.Clone(whole)
		flipped[bytes.Index(whole, []byte(value))+len(value)/2] ^= 0x5a
		if err := os.WriteFile(damaged, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		tried++
		if got := rawTransactions(t, damaged)[key]; got != "" && got != value {
			believed++
		}
	}
	return believed, tried
}

func rawTransactions(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	edit(t, path, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("transactions")).ForEach(func(key, value []byte) error {
			all[string(key)] = string(value)
			return nil
		})
	})
	return all
}

// crashed returns a copy of the store at path, with one more payment, as a
// process that was killed leaves it.
func crashed(t *testing.T, path string, payments int) string {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	live, left := newPath(t), newPath(t)
	if err := os.WriteFile(live, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, live)
	if err := s.Apply(t.Context(), create(payments)); err != nil {
		t.Fatal(err)
	}
	if whole, err = os.ReadFile(live); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return left
}

// readsAll reports whether all payments could be read; one that is read wrong fails the test.
func readsAll(t *testing.T, s *boltstore.Store, payments int) bool {
	t.Helper()
	all := true
	for n := range payments {
		got, err := s.Transaction(t.Context(), payment(n).ID)
		if err != nil {
			all = false
			continue
		}
		want := payment(n)
		want.Version = 1
		if diff := cmp.Diff(want.Amount.String()+want.Reference, got.Amount.String()+got.Reference); diff != "" {
			t.Errorf("a damaged payment was believed (-want +got):\n%s", diff)
		}
	}
	return all
}
