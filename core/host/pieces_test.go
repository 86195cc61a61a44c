package host

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// A binary of any length is copied and hashed whole, however gently.
func TestNoPieceOfABinaryIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes} {
		for _, gentle := range []bool{false, true} {
			words := fmt.Sprintf("%d bytes, gentle %t", length, gentle)
			source := filepath.Join(t.TempDir(), "source")
			text := make([]byte, length)
			for i := range text {
				text[i] = byte(i % 251)
			}
			put(t, source, string(text))
			want := sha256.Sum256(text)
			b := &binary{path: filepath.Join(t.TempDir(), "copy"), checksum: hex.EncodeToString(want[:]), gentle: gentle}
			if err := b.fill(t.Context(), source); err != nil {
				t.Fatalf("%s: %v", words, err)
			}
			if got, err := os.ReadFile(b.path); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s: the copy has %d bytes, %v", words, len(got), err)
			}
			if err := b.verify(t.Context()); err != nil {
				t.Errorf("%s: %v", words, err)
			}
			if info, err := os.Stat(b.path); err != nil {
				t.Errorf("%s: %v", words, err)
			} else if info.Mode() != 0o500 {
				t.Errorf("%s: mode %v, want 0500", words, info.Mode())
			}
		}
	}
}

// Who is gentle rests after each piece but the last. Nobody else does.
func TestOnlyWhoIsGentleRests(t *testing.T) {
	for gentle, want := range map[bool]time.Duration{false: 0, true: 3 * pieceRest} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			if err := inPieces(t.Context(), io.Discard, bytes.NewReader(make([]byte, 3*pieceBytes+1)), gentle); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("gentle %t: it took %v, want %v", gentle, took, want)
			}
		})
	}
}

func TestHashingEndsWithWhoWaitsForIt(t *testing.T) {
	t.Parallel()
	for _, gentle := range []bool{false, true} {
		over := errors.New("the engine is closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		read := 0
		in := readerFunc(func(p []byte) (int, error) {
			if read += len(p); read > 2*pieceBytes {
				cancel(over)
			}
			return len(p), nil // It never ends.
		})
		if err := inPieces(ctx, io.Discard, in, gentle); !errors.Is(err, over) {
			t.Errorf("gentle %t: %v, want that the engine is closed", gentle, err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWhatCannotBeReadOrWrittenIsNoBinary(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	in := io.MultiReader(bytes.NewReader(make([]byte, pieceBytes+7)), iotest.ErrReader(broken))
	if err := inPieces(t.Context(), io.Discard, in, false); !errors.Is(err, broken) {
		t.Errorf("reading: %v, want what the disk says", err)
	}
	gone := draft(filepath.Join(t.TempDir(), "gone"))
	if err := inPieces(t.Context(), gone, bytes.NewReader([]byte("x")), false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("writing: %v, want that there is no draft", err)
	}
}

// What lies at the source by now may be another binary than was asked for. It is not
// taken for it, whether there is a copy already or not.
func TestACopyIsOfWhatWasAskedForAlone(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		c, source := aCache(t), filepath.Join(t.TempDir(), "source")
		want := put(t, source, "asked for")
		if there {
			mustTake(t, c, source, want)
		}
		other := put(t, source, "another")
		b, err := c.take(t.Context(), "paper", source, want, false)
		if no := (*refusal)(nil); !errors.As(err, &no) || b != nil {
			t.Errorf("with a copy %t: %v, want a refusal", there, err)
		}
		copies, err := filepath.Glob(filepath.Join(c.dir, "*", "*"))
		if err != nil || len(copies) != map[bool]int{false: 0, true: 1}[there] {
			t.Errorf("with a copy %t: copies %v, %v", there, copies, err)
		}
		if left, err := filepath.Glob(filepath.Join(c.dir, "*", draftPattern+"*")); err != nil || len(left) > 0 {
			t.Errorf("with a copy %t: drafts %v, %v", there, left, err)
		}
		put(t, source, "asked for")
		mustTake(t, c, source, want)
		put(t, source, "another")
		mustTake(t, c, source, other)
	}
}

// A fault of the file as it was configured needs a person. What the engine is short of,
// and what is being built at the moment, does not.
func TestOnlyAFaultOfTheFileIsRefusedForGood(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, linked, huge := filepath.Join(dir, "missing"), filepath.Join(dir, "linked"), filepath.Join(dir, "huge")
	if err := os.Symlink(missing, linked); err != nil {
		t.Fatal(err)
	}
	put(t, huge, "")
	if err := os.Truncate(huge, binaryBytesMax+1); err != nil {
		t.Fatal(err)
	}
	for source, say := range map[string]string{missing: "there is no file", linked: "is a symlink", huge: "a binary has at most"} {
		_, err := aCache(t).take(t.Context(), "paper", source, hex.EncodeToString(make([]byte, sha256.Size)), false)
		if no := (*refusal)(nil); !errors.As(err, &no) || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want a refusal with %q", filepath.Base(source), err, say)
		}
	}
	if no := (*refusal)(nil); errors.As(refuse(syscall.EMFILE), &no) {
		t.Error("a lack of descriptors is a refusal")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	source := filepath.Join(dir, "source")
	for want := range map[string]bool{"": true, put(t, source, string(make([]byte, pieceBytes+1))): true} {
		_, err := aCache(t).take(over, "paper", source, want, false)
		if no := (*refusal)(nil); !errors.Is(err, context.Canceled) || errors.As(err, &no) {
			t.Errorf("configured %q, when nobody waits any more: %v, want that alone", want, err)
		}
	}
}

// A copy that cannot be looked at is neither called changed nor made again.
func TestACopyIsNotMadeAgainWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	c, source := aCache(t), filepath.Join(t.TempDir(), "source")
	want := put(t, source, string(make([]byte, pieceBytes+1)))
	mustTake(t, c, source, want)
	before, err := os.Stat(filepath.Join(c.dir, want, "paper"))
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.take(over, "paper", source, want, false); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that nobody waits", err)
	}
	if after, err := os.Stat(filepath.Join(c.dir, want, "paper")); err != nil || !os.SameFile(before, after) {
		t.Errorf("it is another file, or gone: %v", err)
	}
}

// Only a process that is put beside others has its binary hashed gently: for one that is
// started again payments wait. One that runs is hashed ahead, to be believed later.
func TestWhoIsWaitedForIsNotGentle(t *testing.T) {
	t.Parallel()
	h := &Host{cache: aCache(t)}
	h.now.Store(newFleet(nil))
	source := filepath.Join(t.TempDir(), "source")
	o := &order{place: place{plugin: "paper"}, source: Plugin{Path: source, SHA256: put(t, source, "a plugin")}}
	for beside, p := range map[bool]*process{true: h.newProcessAfter(nil, o), false: h.newProcess(o)} {
		for range 2 {
			b, err := p.private(t.Context(), o.source)
			if err != nil {
				t.Fatal(err)
			}
			if b.gentle != beside {
				t.Errorf("beside others %t: gentle %t", beside, b.gentle)
			}
		}
		p.hashAhead(t.Context())
		if !p.binary.gentle {
			t.Errorf("beside others %t: it is not hashed gently while it runs", beside)
		}
		if fingerprintOf("/") != (fingerprint{}) && p.binary.verified == (fingerprint{}) {
			t.Errorf("beside others %t: its fingerprint is not known", beside)
		}
		p.binary.close()
	}
}

// What is built while it is copied is tried again, if any binary may be there.
func TestWhatIsBuiltAtTheMomentIsTriedAgain(t *testing.T) {
	t.Parallel()
	builds := map[string]func(source string) error{
		"other bytes": func(source string) error { return os.WriteFile(source, []byte("the next build"), 0o600) },
		"removed":     os.Remove,
	}
	for words, build := range builds {
		source := filepath.Join(t.TempDir(), "source")
		b := &binary{path: filepath.Join(t.TempDir(), "copy"), checksum: put(t, source, "this build")}
		if err := build(source); err != nil {
			t.Fatal(err)
		}
		err := b.fill(t.Context(), source)
		for want, refused := range map[string]bool{"": false, b.checksum: true} {
			got := unlessBuilt(err, source, want)
			if no := (*refusal)(nil); got == nil || errors.As(got, &no) != refused {
				t.Errorf("%s, configured %q: %v, want a refusal: %t", words, want, got, refused)
			}
		}
	}
}

func aCache(t *testing.T) *cache {
	t.Helper()
	c, err := openCache(filepath.Join(t.TempDir(), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustTake(t *testing.T, c *cache, source, want string) {
	t.Helper()
	b, err := c.take(t.Context(), "paper", source, want, false)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	if err := b.verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// put writes a file and returns its checksum.
func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sum, err := Checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
