package boltstore_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

// ancestors holds a folder a release: a store that its version wrote, and what
// was in it. They are made once, before the release, by
//
//	go test ./core/store/boltstore -run TestAnOldStoreIsOpened -fixture 0.1
//
// and never again: a store that does not open any more is a store that somebody lost.
const (
	ancestors = "testdata/ancestors"
	storeName = "store.db.gz"
	dumpName  = "dump.txt.gz"
)

var fixture = flag.String("fixture", "", "make the fixture of a release")

func TestAnOldStoreIsOpened(t *testing.T) {
	if *fixture != "" {
		makeFixture(t, filepath.Join(ancestors, *fixture))
	}
	releases, err := os.ReadDir(ancestors)
	if err != nil || len(releases) == 0 {
		t.Fatalf("there is no fixture: %v", err)
	}
	opened, newer := 0, 0
	for _, release := range releases {
		ok := t.Run(release.Name(), func(t *testing.T) {
			path := oldStore(t, release.Name())
			holds(t, path, string(unpack(t, filepath.Join(ancestors, release.Name(), dumpName))))
			goesOn(t, path)
		})
		if ok {
			opened++
		}
		if refusesNewer(t, oldStore(t, release.Name())) {
			newer++
		}
	}
	control := controlOfDump(t)
	t.Logf("chaos 38: stores of former versions opened, compared and written on: %d of %d; the same in a newer format: %d of %d refused with what to do, no byte changed; control, a store that lacks one record: noticed %t",
		opened, len(releases), newer, len(releases), control)
}

// makeFixture writes a store and what is in it into a folder that must not be there.
func makeFixture(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatalf("a fixture is made once: %v", err)
	}
	path := written(t, wholeStore())
	for name, text := range map[string][]byte{storeName: usedPages(t, path), dumpName: []byte(dump(t, path))} {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		if _, err := writer.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// written returns the path of a closed store with some commits.
func written(t *testing.T, commits []core.Commit) string {
	t.Helper()
	path := newPath(t)
	s := mustOpen(t, path)
	for i, commit := range commits {
		if err := s.Apply(t.Context(), commit); err != nil {
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// oldStore returns the path of a copy of a release's store.
func oldStore(t *testing.T, release string) string {
	t.Helper()
	path := newPath(t)
	if err := os.WriteFile(path, unpack(t, filepath.Join(ancestors, release, storeName)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func unpack(t *testing.T, from string) []byte {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// holds checks that a store is whole and has all that was in it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	mustBeWhole(t, path)
	for _, line := range lacking(want, dump(t, path)) {
		t.Errorf("not as it was: %s", line)
	}
}

// lacking returns the lines of want that are not in got. What is there besides was
// not known then.
func lacking(want, got string) []string {
	has := map[string]bool{}
	for line := range strings.Lines(got) {
		has[line] = true
	}
	return slices.DeleteFunc(slices.Collect(strings.Lines(want)), func(line string) bool { return has[line] })
}

// goesOn checks that an old store can be written: every transaction once more, and a new one.
func goesOn(t *testing.T, path string) {
	t.Helper()
	s := mustOpen(t, path)
	page, err := s.Transactions(t.Context(), core.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tx := range page.Items {
		tx.Sequence++
		was := tx.Version
		if err := s.Apply(t.Context(), core.Commit{Transactions: []core.Change{storetest.Update(tx, was, 1)}}); err != nil {
			t.Errorf("%s: %v", tx.ID, err)
		}
	}
	if err := s.Apply(t.Context(), create(7)); err != nil {
		t.Error(err)
	}
}

// refusesNewer reports whether a store of a later format is refused with what to do,
// and left as it is: an operator who went back a version must be able to go on again.
func refusesNewer(t *testing.T, path string) bool {
	t.Helper()
	edit(t, path, func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{2}) })
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const say = "written by a newer version of Paymux, and this version reads 1: use that version"
	mustRefuse(t, path, boltstore.ErrFormat, say)
	for words, open := range map[string]func() error{
		"read only": func() error { _, err := boltstore.OpenReadOnly(path); return err },
		"check":     func() error { _, err := boltstore.Check(t.Context(), path); return err },
		"compact":   func() error { _, err := boltstore.Compact(t.Context(), path, path+".copy"); return err },
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want %q", words, err, say)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the refused store was changed")
	}
	return !t.Failed()
}

// controlOfDump reports whether the comparison notices a record that is not there.
func controlOfDump(t *testing.T) bool {
	t.Helper()
	all := wholeStore()
	whole, less := dump(t, written(t, all)), dump(t, written(t, all[1:]))
	if found := lacking(whole, whole); len(found) > 0 {
		t.Errorf("a store differs from itself: %v", found)
	}
	return len(lacking(whole, less)) > 0
}

// dump is all that the methods of a store tell of what is in it, a line a value.
func dump(t *testing.T, path string) string {
	t.Helper()
	s, err := boltstore.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var out strings.Builder
	ctx := context.WithoutCancel(t.Context())
	page, err := s.Transactions(ctx, core.Filter{})
	note(&out, "transactions", page, err)
	for _, tx := range page.Items {
		history, err := s.History(ctx, tx.ID)
		note(&out, tx.ID+" history", history, err)
		inbox, err := s.InboxOf(ctx, tx.ID)
		note(&out, tx.ID+" inbox", inbox, err)
		row, err := s.Idempotency(ctx, storetest.Scope("key-"+tx.State.String()))
		note(&out, tx.ID+" idempotency", row, err)
		found, err := s.ByReference(ctx, tx.Merchant, tx.Kind, tx.Reference)
		note(&out, tx.ID+" by reference", found.ID, err)
		for _, a := range tx.Attempts {
			found, number, err := s.ByProviderRef(ctx, a.Account, a.ProviderRef)
			note(&out, a.Ref+" by the provider's", fmt.Sprint(found.ID, " ", number), err)
		}
		event, err := s.Outbox(ctx, storetest.Event(tx, 0).ID)
		note(&out, tx.ID+" event", event, err)
	}
	dumpBesides(ctx, &out, s)
	return out.String()
}

func dumpBesides(ctx context.Context, out *strings.Builder, s *boltstore.Store) {
	last := wholeStore()
	besides := last[len(last)-1]
	for _, row := range besides.Inbox {
		found, err := s.Inbox(ctx, row.ID)
		note(out, row.ID, found, err)
	}
	transfers, err := s.Transfers(ctx, core.TransferFilter{})
	note(out, "transfers", transfers, err)
	claims, err := s.Claims(ctx, "account", "")
	note(out, "claims", claims, err)
	work, err := s.AccountWork(ctx, "account")
	note(out, "account", work, err)
	audit, err := s.Audit(ctx, core.AuditFilter{})
	note(out, "audit", audit, err)
	deduped, err := s.Deduped(ctx, "account", "told")
	note(out, "deduped", deduped, err)
	live, err := s.Live(ctx)
	note(out, "live", live, err)
	due, err := s.NextDue(ctx)
	note(out, "due", due, err)
	stats, err := s.Stats(ctx)
	note(out, "rows", []int{stats.Inbox, stats.Outbox}, err)
}

// note writes every value in one that is not zero, with the way to it.
func note(out *strings.Builder, way string, one any, err error) {
	if err != nil {
		fmt.Fprintf(out, "%s: error %v\n", way, err)
		return
	}
	noteValue(out, way, reflect.ValueOf(one))
}

func noteValue(out *strings.Builder, way string, v reflect.Value) {
	if !v.IsValid() || v.IsZero() {
		return
	}
	switch one := v.Interface().(type) {
	case time.Time:
		fmt.Fprintf(out, "%s: %s\n", way, one.UTC().Format(time.RFC3339Nano))
		return
	case []byte:
		fmt.Fprintf(out, "%s: %q\n", way, one)
		return
	case fmt.Stringer:
		fmt.Fprintf(out, "%s: %s\n", way, one)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		noteValue(out, way, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			noteValue(out, way+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			noteValue(out, fmt.Sprintf("%s[%d]", way, i), v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			noteValue(out, fmt.Sprintf("%s[%v]", way, key), v.MapIndex(key))
		}
	default:
		fmt.Fprintf(out, "%s: %v\n", way, v.Interface())
	}
}
