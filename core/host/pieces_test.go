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
			if info, err := os.Stat(b.path); err != nil || info.Mode() != 0o500 {
				t.Errorf("%s: mode %v, %v; want 0500", words, info.Mode(), err)
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
	for _, source := range []string{missing, linked, huge} {
		_, err := aCache(t).take(t.Context(), "paper", source, hex.EncodeToString(make([]byte, sha256.Size)), false)
		if no := (*refusal)(nil); !errors.As(err, &no) {
			t.Errorf("%s: %v, want a refusal", filepath.Base(source), err)
		}
	}
	for _, err := range []error{syscall.EMFILE, syscall.ENOSPC, context.Canceled, fmt.Errorf("read: %w", context.DeadlineExceeded)} {
		if no := (*refusal)(nil); errors.As(refuse(err), &no) {
			t.Errorf("%v is a refusal", err)
		}
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
