package boltstore_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/store/boltstore"
)

// busy is a store that callers write to without a pause.
type busy struct {
	t      *testing.T
	path   string
	store  *boltstore.Store
	mu     sync.Mutex
	acked  []int
	waited []time.Duration
}

// newBusy returns a busy store. The function stops its writers.
func newBusy(t *testing.T) (b *busy, stop func()) {
	t.Helper()
	// Some hundred writes a second, so that the file does not grow faster than it is
	// copied.
	const callers, pace = 8, 2 * time.Millisecond
	path := newPath(t)
	b = &busy{t: t, path: path, store: mustOpen(t, path)}
	over, ticks := make(chan struct{}), time.NewTicker(pace)
	var writers sync.WaitGroup
	for caller := range callers {
		writers.Go(func() {
			for n := caller; ; n += callers {
				select {
				case <-over:
					return
				case <-ticks.C:
					b.write(n)
				}
			}
		})
	}
	return b, func() {
		close(over)
		writers.Wait()
		ticks.Stop()
	}
}

func (b *busy) write(n int) {
	begun := time.Now()
	if err := b.store.Apply(b.t.Context(), create(n)); err != nil {
		b.t.Error(err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acked, b.waited = append(b.acked, n), append(b.waited, time.Since(begun))
}

// sofar returns what was acknowledged until now.
func (b *busy) sofar() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.acked)
}

// p99 is the wait that one write of a hundred passed since the last call.
func (b *busy) p99() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	sorted := slices.Sorted(slices.Values(b.waited))
	b.waited = nil
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)*99/100]
}

// atLeast waits until so many more were acknowledged.
func (b *busy) atLeast(more int) {
	b.t.Helper()
	want := len(b.sofar()) + more
	for deadline := time.Now().Add(time.Minute); len(b.sofar()) < want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%d of %d were acknowledged", len(b.sofar()), want)
		}
	}
}

func TestABackupUnderLoadHoldsAllThatWasAcknowledgedBefore(t *testing.T) {
	backups := 3
	if chaos() {
		backups = 40
	}
	b, stop := newBusy(t)
	b.atLeast(500)
	quiet := b.p99()
	folder := t.TempDir()
	var bytes int64
	var took time.Duration
	gone, held := 0, 0
	for n := range backups {
		b.atLeast(100)
		before := b.sofar()
		copied := filepath.Join(folder, strconv.Itoa(n)+".db")
		begun := time.Now()
		if err := b.store.Backup(t.Context(), copied); err != nil {
			t.Fatal(err)
		}
		took += time.Since(begun)
		bytes += int64(len(bytesOf(t, copied)))
		gone += lost(t, copied, before)
		held += len(before)
		if err := os.Remove(copied); err != nil {
			t.Fatal(err)
		}
	}
	loaded := b.p99()
	damaged := b.copiedPlainly()
	stop()
	t.Logf("chaos 7: %d backups under load, every one whole, %d payments acknowledged before them, %d missing; %.0f MB/s with the "+
		"check; a write's p99 %s, meanwhile %s; control, the file copied page by page: not whole after %d tries",
		backups, held, gone, float64(bytes)/1e6/took.Seconds(), quiet.Round(time.Microsecond), loaded.Round(time.Microsecond), damaged)
	if gone > 0 {
		t.Errorf("%d of %d payments that were acknowledged before their backup are not in it", gone, held)
	}
	if damaged == 0 {
		t.Error("the control is always whole: the test shows nothing")
	}
}

// copiedPlainly is the control: it copies the file under the writers' hands until a
// copy is not whole, and returns how often it had to, zero if that never happened.
func (b *busy) copiedPlainly() (tries int) {
	b.t.Helper()
	const triesMax = 50
	copied := newPath(b.t)
	for try := 1; try <= triesMax; try++ {
		before := b.sofar()
		b.copyPages(copied)
		report, err := boltstore.Check(b.t.Context(), copied)
		if err != nil || !report.OK() || missing(copied, before) > 0 {
			return try
		}
	}
	return 0
}

// copyPages copies as a tool does that knows nothing of commits.
func (b *busy) copyPages(copied string) {
	b.t.Helper()
	from, err := os.Open(b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	to, err := os.Create(copied)
	if err != nil {
		b.t.Fatal(err)
	}
	first := true
	for {
		_, err := io.CopyN(to, from, 4096)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.t.Fatal(err)
		}
		if first {
			b.atLeast(100)
			first = false
		}
	}
	if err := to.Close(); err != nil {
		b.t.Fatal(err)
	}
}

func TestABackupNeverReplacesAnother(t *testing.T) {
	s := mustOpen(t, newPath(t))
	copied := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a backup over another: error is %v, want %v", err, fs.ErrExist)
	}
}

func TestWhatAKilledCopyLeftIsRemoved(t *testing.T) {
	path := filled(t, 1)
	for _, name := range []string{".paymux.db.123.part", ".other.db.123.part", "paymux.db.old"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte("half a copy"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustOpen(t, path)
	if diff := cmp.Diff([]string{".other.db.123.part", "paymux.db", "paymux.db.old"}, namesBeside(t, path)); diff != "" {
		t.Errorf("in the folder (-want +got):\n%s", diff)
	}
}
