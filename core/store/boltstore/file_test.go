package boltstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk/money"
)

// damageDueList gives the due row of a transaction no value.
func damageDueList(t *testing.T, path string) {
	t.Helper()
	edit(t, path, func(tx *bolt.Tx) error {
		due := tx.Bucket([]byte("due"))
		key, _ := due.Cursor().First()
		return due.Put(append([]byte{}, key...), nil)
	})
}

func edit(t *testing.T, path string, change func(*bolt.Tx) error) {
	t.Helper()
	if err := boltstore.Edit(path, change); err != nil {
		t.Fatal(err)
	}
}

// filled returns the path of a closed store with some payments.
func filled(t *testing.T, payments int) string {
	t.Helper()
	path := newPath(t)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range payments {
		if err := s.Apply(t.Context(), create(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustRefuse(t *testing.T, path string, want error, words string) {
	t.Helper()
	s, err := boltstore.Open(path)
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), path) {
		t.Errorf("Open: error is %v, want %v with %q and the path", err, want, words)
	}
}

func TestASecondOpenerIsRefusedWithinASecond(t *testing.T) {
	path := newPath(t)
	mustOpen(t, path)
	begun := time.Now()
	mustRefuse(t, path, boltstore.ErrInUse, "stop it")
	if _, err := boltstore.OpenReadOnly(path); !errors.Is(err, boltstore.ErrInUse) {
		t.Errorf("OpenReadOnly: error is %v, want %v", err, boltstore.ErrInUse)
	}
	waited := time.Since(begun)
	if waited > 4*time.Second {
		t.Errorf("two refusals took %s, each should take a second", waited)
	}
	free := filled(t, 1)
	begun = time.Now()
	mustOpen(t, free)
	t.Logf("chaos 6: second openers refused: 2 of 2, after %d ms each; control, a store that nobody has open: opened after %d ms",
		waited.Milliseconds()/2, time.Since(begun).Milliseconds())
}

func TestReadersShareAClosedStore(t *testing.T) {
	path := filled(t, 3)
	for range 2 {
		s, err := boltstore.OpenReadOnly(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		mustHave(t, s, 2)
		mustFail(t, s.Apply(t.Context(), create(9)), core.ErrReadOnly)
	}
}

func TestAStoreIsCreatedWholeOrNotAtAll(t *testing.T) {
	path := newPath(t)
	mustOpen(t, path)
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 1 {
		t.Errorf("the folder holds %v, want the store alone", names)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v (%v), want 0600: it holds names and phone numbers", info.Mode(), err)
	}
	_, err = boltstore.Open(filepath.Join(t.TempDir(), "absent", "paymux.db"))
	mustFail(t, err, fs.ErrNotExist)
	_, err = boltstore.OpenReadOnly(filepath.Join(t.TempDir(), "paymux.db"))
	mustFail(t, err, fs.ErrNotExist)
}

func TestAFileOfAnotherFormatIsRefusedInWords(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*bolt.Tx) error
		want   error
		words  string
	}{
		"newer":             {func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{2}) }, boltstore.ErrFormat, "newer version"},
		"older":             {func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0}) }, boltstore.ErrFormat, "older version"},
		"none":              {func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Delete([]byte("format")) }, boltstore.ErrFormat, "no format"},
		"of something else": {func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("meta")) }, boltstore.ErrFormat, "no Paymux store"},
		"without a bucket":  {func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("due")) }, boltstore.ErrDamaged, `"due" is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t, 1)
			mustBeWhole(t, path)
			edit(t, path, test.change)
			mustRefuse(t, path, test.want, test.words)
		})
	}
	t.Log("chaos 6: files of another format: 5 of 5 refused in words; control, each before it was changed: opened")
}

func TestAFileThatIsCutShortIsRefused(t *testing.T) {
	whole := usedPages(t, filled(t, 200))
	sizes := []int{0, 1, 100, 4096, 8192, 12288, 16384, len(whole) / 2, len(whole) - 4096}
	if chaos() {
		for size := 0; size < len(whole); size += 1021 {
			sizes = append(sizes, size)
		}
	}
	for _, size := range sizes {
		path := newPath(t)
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		mustRefuse(t, path, boltstore.ErrDamaged, "restore a backup")
	}
	path := newPath(t)
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	mustHave(t, mustOpen(t, path), 199)
	t.Logf("chaos 6: cut short at %d places, refused %d; control, the whole of it: opened", len(sizes), len(sizes))
}

// usedPages returns the file at path without the room that it keeps for later.
func usedPages(t *testing.T, path string) []byte {
	t.Helper()
	s, err := boltstore.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := s.Stats(t.Context())
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return whole[:stats.Bytes]
}

func TestTextIsNoStore(t *testing.T) {
	path := newPath(t)
	if err := os.WriteFile(path, []byte(strings.Repeat("reference,amount\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, path, boltstore.ErrDamaged, "it is no store")
}

func TestCheckFindsWhatDoesNotAgree(t *testing.T) {
	first := func(name string, change func(b *bolt.Bucket, key, value []byte) error) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte(name))
			key, value := b.Cursor().First()
			return change(b, append([]byte{}, key...), append([]byte{}, value...))
		}
	}
	drop := func(b *bolt.Bucket, key, _ []byte) error { return b.Delete(key) }
	for name, test := range map[string]struct {
		change func(*bolt.Tx) error
		words  string
	}{
		"a payment without its reference": {first("references", drop), "its reference does not lead to it"},
		"a payment without its history":   {first("history", drop), "history entries, its sequence is"},
		"a history without its payment":   {first("transactions", drop), "its transaction is missing"},
		"a payment that is never due":     {first("due", drop), "not in the due list"},
		"work of nobody": {first("due", func(b *bolt.Bucket, key, value []byte) error {
			return b.Put(append(key, 0), value)
		}), "due: 6 rows, 5 records have a time"},
		"a payment that is not open": {first("open", drop), "its row in open is another"},
		"a record with a flipped bit": {first("transactions", func(b *bolt.Bucket, key, value []byte) error {
			value[len(value)/2] ^= 1
			return b.Put(key, value)
		}), "it is damaged"},
		"a record under another's key": {first("transactions", func(b *bolt.Bucket, key, value []byte) error {
			key[15] ^= 0x80
			return b.Put(key, value)
		}), "is under another key"},
		"a wrong count": {func(tx *bolt.Tx) error { return tx.Bucket([]byte("inbox")).SetSequence(7) }, "counted as 7"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t, 5)
			mustBeWhole(t, path)
			edit(t, path, test.change)
			report, err := boltstore.Check(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(report.Problems, "\n"); !strings.Contains(all, test.words) {
				t.Errorf("problems are %q, want %q", all, test.words)
			}
		})
	}
}

// overRefunded is payment n with refunds of more than its provider confirmed.
func overRefunded(n int) core.Commit {
	tx := payment(n)
	tx.Attempts[0].Confirmed, tx.Attempts[0].Reserved = tx.Amount, money.Of(tx.Amount.Minor()+1, tx.Amount.Currency())
	return core.Commit{Transactions: []core.Change{storetest.Create(tx)}}
}

func TestCheckFindsAPaymentThatGivesBackMoreThanItTook(t *testing.T) {
	path := newPath(t)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), overRefunded(0)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := boltstore.Check(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(report.Problems, "\n"); !strings.Contains(all, "its provider confirmed") {
		t.Errorf("problems are %q", all)
	}
}

func TestAPageEndsAfterManyRecordsRead(t *testing.T) {
	const payments = 10_050
	s := mustOpen(t, newPath(t))
	for n := 0; n < payments; n += 50 {
		var c core.Commit
		for i := n; i < n+50; i++ {
			c.Transactions = append(c.Transactions, storetest.Create(payment(i)))
		}
		if err := s.Apply(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	f := core.Filter{Customer: payment(0).Customer.ID, UpdatedBefore: storetest.Start()}
	first, err := s.Transactions(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Items) != 0 || first.Next == "" {
		t.Fatalf("the first page has %d items and next %q, want none and one", len(first.Items), first.Next)
	}
	f.Cursor = first.Next
	last, err := s.Transactions(t.Context(), f)
	if err != nil || last.Next != "" {
		t.Errorf("the last page has next %q (%v), want none", last.Next, err)
	}
}
