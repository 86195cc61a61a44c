package boltstore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

// asItIs prepares nothing.
func asItIs(context.Context, *boltstore.Store) error { return nil }

// adding prepares the copy with one more payment.
func adding(n int) func(context.Context, *boltstore.Store) error {
	return func(ctx context.Context, s *boltstore.Store) error { return s.Apply(ctx, create(n)) }
}

func TestABackupBecomesTheStore(t *testing.T) {
	backup, path := filled(t, 3), newPath(t)
	before := bytesOf(t, backup)
	kept, err := boltstore.Restore(t.Context(), boltstore.Restoration{Backup: backup, Path: path, Prepare: adding(3)})
	if err != nil || kept != "" {
		t.Fatalf("kept %q, %v", kept, err)
	}
	mustBeWhole(t, path)
	s := mustOpen(t, path)
	for n := range 4 {
		mustHave(t, s, n)
	}
	if !bytes.Equal(before, bytesOf(t, backup)) {
		t.Error("the backup was changed")
	}
	if diff := cmp.Diff([]string{"paymux.db"}, namesBeside(t, path)); diff != "" {
		t.Errorf("in the folder (-want +got):\n%s", diff)
	}
}

func TestAStoreIsReplacedOnlyWhereThatIsAllowed(t *testing.T) {
	backup, path := filled(t, 3), filled(t, 5)
	before := bytesOf(t, path)
	_, err := boltstore.Restore(t.Context(), boltstore.Restoration{Backup: backup, Path: path, Prepare: asItIs})
	mustFail(t, err, fs.ErrExist)
	if !bytes.Equal(before, bytesOf(t, path)) {
		t.Error("the store was changed")
	}
	for _, want := range []string{path + ".old", path + ".old.2"} {
		r := boltstore.Restoration{Backup: backup, Path: path, Replace: true, Prepare: asItIs}
		kept, err := boltstore.Restore(t.Context(), r)
		if err != nil || kept != want {
			t.Fatalf("kept %q, %v, want %q", kept, err, want)
		}
		mustBeWhole(t, kept)
	}
	if !bytes.Equal(before, bytesOf(t, path+".old")) {
		t.Error("what was kept is not the store as it was")
	}
	s := mustOpen(t, path)
	mustHave(t, s, 2)
	mustNotHave(t, s, 3)
}

func TestWhatCannotBeRestoredLeavesEverythingAsItWas(t *testing.T) {
	damagedBackup := filled(t, 3)
	edit(t, damagedBackup, flipOf("transactions"))
	text := newPath(t)
	if err := os.WriteFile(text, []byte(strings.Repeat("reference,amount\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no")
	for name, test := range map[string]struct {
		backup  string
		open    bool
		reading bool
		prepare func(context.Context, *boltstore.Store) error
		want    error
	}{
		"a damaged backup":      {backup: damagedBackup, prepare: asItIs, want: boltstore.ErrDamaged},
		"a backup that is none": {backup: text, prepare: asItIs, want: boltstore.ErrDamaged},
		"no backup":             {backup: newPath(t), prepare: asItIs, want: fs.ErrNotExist},
		"a store that is open":  {backup: filled(t, 3), open: true, prepare: asItIs, want: boltstore.ErrInUse},
		"one that is only read": {backup: filled(t, 3), reading: true, prepare: asItIs, want: boltstore.ErrInUse}, // As after a full disk.
		"a preparation that fails": {
			backup: filled(t, 3), want: cause,
			prepare: func(context.Context, *boltstore.Store) error { return cause },
		},
		"a preparation that damages": {
			backup: filled(t, 3), want: boltstore.ErrDamaged,
			prepare: func(ctx context.Context, s *boltstore.Store) error { return s.Apply(ctx, overRefunded(9)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t, 5)
			if test.open {
				mustOpen(t, path)
			}
			if test.reading {
				reader, err := boltstore.OpenReadOnly(path)
				if err != nil {
					t.Fatal(err)
				}
				defer reader.Close()
			}
			before := bytesOf(t, path)
			r := boltstore.Restoration{Backup: test.backup, Path: path, Replace: true, Prepare: test.prepare}
			_, err := boltstore.Restore(t.Context(), r)
			mustFail(t, err, test.want)
			if !test.open && !bytes.Equal(before, bytesOf(t, path)) {
				t.Error("the store was changed")
			}
			if diff := cmp.Diff([]string{"paymux.db"}, namesBeside(t, path)); diff != "" {
				t.Errorf("in the folder (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADamagedStoreIsReplacedByItsBackup(t *testing.T) {
	for name, damage := range map[string]func(whole []byte) []byte{
		"cut short": func(whole []byte) []byte { return whole[:len(whole)/2] },
		"empty":     func([]byte) []byte { return nil },
		"of text":   func([]byte) []byte { return bytes.Repeat([]byte("letter"), 5000) },
		"of other pages": func(whole []byte) []byte {
			clear(whole[4*4096:])
			return whole
		},
	} {
		t.Run(name, func(t *testing.T) {
			backup, path := filled(t, 3), filled(t, 5)
			if err := os.WriteFile(path, damage(usedPages(t, path)), 0o600); err != nil {
				t.Fatal(err)
			}
			if report, err := boltstore.Check(t.Context(), path); err == nil && report.OK() {
				t.Error("the damage is not noticed: nothing is shown")
			}
			r := boltstore.Restoration{Backup: backup, Path: path, Replace: true, Prepare: asItIs}
			if kept, err := boltstore.Restore(t.Context(), r); err != nil || kept != path+".old" {
				t.Fatalf("kept %q, %v", kept, err)
			}
			mustHave(t, mustOpen(t, path), 2)
		})
	}
	t.Log("chaos 6: a damaged store is replaced by its backup: 4 of 4; control, the damaged one: not whole before")
}

func TestCompactingKeepsEverythingButFreePages(t *testing.T) {
	path := sparse(t)
	copied := filepath.Join(t.TempDir(), "compact.db")
	aside, err := boltstore.Compact(t.Context(), path, copied)
	if err != nil {
		t.Fatal(err)
	}
	if aside.Before.FreeBytes == 0 || aside.After.Bytes >= aside.Before.Bytes-aside.Before.FreeBytes/2 {
		t.Errorf("%+v became %+v", aside.Before, aside.After)
	}
	before := contents(t, path)
	inPlace, err := boltstore.Compact(t.Context(), path, "")
	if err != nil || inPlace.After.Bytes != aside.After.Bytes {
		t.Fatalf("in its place: %+v, %v; aside %+v", inPlace.After, err, aside.After)
	}
	for _, compacted := range []string{path, copied} {
		mustBeWhole(t, compacted)
		if diff := cmp.Diff(before, contents(t, compacted)); diff != "" {
			t.Errorf("what it holds (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"paymux.db"}, namesBeside(t, path)); diff != "" {
		t.Errorf("in the folder (-want +got):\n%s", diff)
	}
	if err := mustOpen(t, path).Apply(t.Context(), create(1_000_000)); err != nil {
		t.Error(err)
	}
	_, err = boltstore.Compact(t.Context(), copied, path)
	mustFail(t, err, fs.ErrExist)
}

func TestWhatCannotBeCompactedIsLeftAlone(t *testing.T) {
	inUse, damaged := filled(t, 5), filled(t, 5)
	mustOpen(t, inUse)
	edit(t, damaged, flipOf("history"))
	for path, want := range map[string]error{
		inUse: boltstore.ErrInUse, damaged: boltstore.ErrDamaged, newPath(t): fs.ErrNotExist,
	} {
		_, err := boltstore.Compact(t.Context(), path, "")
		mustFail(t, err, want)
		if names := namesBeside(t, path); len(names) > 1 {
			t.Errorf("in the folder: %v", names)
		}
	}
}

func TestACopyIsReadWhileTheStoreGoesOn(t *testing.T) {
	path := newPath(t)
	s := mustOpen(t, path)
	if err := s.Apply(t.Context(), create(1)); err != nil {
		t.Fatal(err)
	}
	made, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), create(2)); err != nil {
		t.Fatal(err)
	}
	received := newPath(t)
	err = boltstore.Receive(t.Context(), received, func(w io.Writer) error {
		n, err := io.Copy(w, made)
		if n != made.Size {
			t.Errorf("%d bytes, announced were %d", n, made.Size)
		}
		return err
	})
	if err := errors.Join(err, made.Close()); err != nil {
		t.Fatal(err)
	}
	copied := mustOpen(t, received)
	mustHave(t, copied, 1)
	mustNotHave(t, copied, 2)
	if diff := cmp.Diff([]string{"paymux.db"}, namesBeside(t, path)); diff != "" {
		t.Errorf("beside the store (-want +got):\n%s", diff)
	}
}

// A copy that was cut on its way is not taken for a backup.
func TestWhatIsReceivedInPartIsNoBackup(t *testing.T) {
	whole := usedPages(t, filled(t, 50))
	for name, test := range map[string]struct {
		write func(io.Writer) error
		want  error
	}{
		"all but its last page": {func(w io.Writer) error { _, err := w.Write(whole[:len(whole)-4096]); return err }, boltstore.ErrDamaged},
		"nothing":               {func(io.Writer) error { return nil }, boltstore.ErrDamaged},
		"an error on the way":   {func(io.Writer) error { return io.ErrUnexpectedEOF }, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			mustFail(t, boltstore.Receive(t.Context(), path, test.write), test.want)
			if names := namesBeside(t, path); len(names) != 0 {
				t.Errorf("in the folder: %v", names)
			}
		})
	}
}

// flipOf flips a bit in the first record of a bucket.
func flipOf(bucket string) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		key, value := b.Cursor().First()
		flipped := bytes.Clone(value)
		flipped[len(flipped)/2] ^= 1
		return b.Put(bytes.Clone(key), flipped)
	}
}

// sparse returns the path of a closed store of which most is free.
func sparse(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 50 {
		ended := storetest.Ended(payment(n), core.StateSucceeded, storetest.Start())
		row := storetest.Row(ended, strings.Repeat("k", n+1))
		row.Fingerprint = bytes.Repeat([]byte{1}, 20_000)
		c := core.Commit{Transactions: []core.Change{storetest.Create(ended)}, Idempotency: []core.IdempotencyWrite{{Row: row, New: true}}}
		if err := s.Apply(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	pruned, err := s.Prune(t.Context(), store.PrunePolicy{Now: storetest.Start().AddDate(0, 1, 0)})
	if err != nil || pruned.Idempotency != 50 {
		t.Fatalf("%d rows pruned, %v", pruned.Idempotency, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// contents are all transactions and histories of a store.
func contents(t *testing.T, path string) map[string]any {
	t.Helper()
	s, err := boltstore.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	page, err := s.Transactions(t.Context(), core.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	for _, tx := range page.Items {
		history, err := s.History(t.Context(), tx.ID)
		if err != nil {
			t.Fatal(err)
		}
		all[tx.ID] = []any{tx.State.String(), tx.Version, tx.Amount.String(), len(history)}
	}
	return all
}

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func namesBeside(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// The store may be known by a link, and by its own name as well: both stay one store.
func TestAStoreBehindALinkIsReplacedWhereItIs(t *testing.T) {
	backup, path := filled(t, 3), filled(t, 5)
	link := newPath(t)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := boltstore.Compact(t.Context(), link, ""); err != nil {
		t.Fatal(err)
	}
	kept, err := boltstore.Restore(t.Context(), boltstore.Restoration{Backup: backup, Path: link, Replace: true, Prepare: asItIs})
	if err != nil || kept != path+".old" {
		t.Fatalf("kept %q, %v", kept, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	s := mustOpen(t, path)
	mustHave(t, s, 2)
	mustNotHave(t, s, 3)
}

// An engine that was started meanwhile has begun a store of its own.
func TestAStoreThatCameMeanwhileIsNotReplaced(t *testing.T) {
	path := newPath(t)
	_, err := boltstore.Restore(t.Context(), boltstore.Restoration{
		Backup: filled(t, 3), Path: path, Replace: true,
		Prepare: func(context.Context, *boltstore.Store) error {
			s := mustOpen(t, path)
			return errors.Join(s.Apply(t.Context(), create(7)), s.Close())
		},
	})
	if err == nil {
		t.Error("it was replaced")
	}
	s := mustOpen(t, path)
	mustHave(t, s, 7)
	mustNotHave(t, s, 2)
}

// Two who back up to one name at the same time make one backup.
func TestABackupThatCameMeanwhileIsNotReplaced(t *testing.T) {
	path := newPath(t)
	other := bytesOf(t, filled(t, 5))
	backup := bytesOf(t, filled(t, 3))
	err := boltstore.Receive(t.Context(), path, func(w io.Writer) error {
		_, err := w.Write(backup)
		return errors.Join(err, os.WriteFile(path, other, 0o600))
	})
	mustFail(t, err, fs.ErrExist)
	if !bytes.Equal(other, bytesOf(t, path)) {
		t.Error("it was replaced")
	}
}
