package host

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// A binary of any length is copied and hashed whole, however gently.
func TestNoPieceOfABinaryIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes} {
		text := make([]byte, length)
		for i := range text {
			text[i] = byte(i % 251)
		}
		want := sha256.Sum256(text)
		for _, gentle := range []bool{false, true} {
			path, sum, err := writeDraft(bytes.NewReader(text), t.TempDir(), gentle)
			if err != nil || sum != hex.EncodeToString(want[:]) {
				t.Fatalf("%d bytes, gentle %t: sha256 %s, %v; want %x", length, gentle, sum, err, want)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%d bytes, gentle %t: the copy has %d, %v", length, gentle, len(got), err)
			}
			if again, err := hashFile(path, gentle); err != nil || again != sum {
				t.Errorf("%d bytes, gentle %t: read again %s, %v; want %s", length, gentle, again, err, sum)
			}
		}
	}
}

func TestACopyThatCannotBeMadeLeavesNothing(t *testing.T) {
	t.Parallel()
	dir, broken := t.TempDir(), errors.New("the disk is broken")
	in := io.MultiReader(bytes.NewReader(make([]byte, pieceBytes+7)), iotest.ErrReader(broken))
	if path, _, err := writeDraft(in, dir, false); !errors.Is(err, broken) {
		t.Errorf("%s, %v; want what the disk says", path, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// What lies at the source by now may be another binary than was asked for. It is not
// taken for it, whether there is a copy already or not.
func TestACopyIsOfWhatWasAskedForAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "source")
	write := func(text string) string {
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sum, err := Checksum(source)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	b := &binary{path: filepath.Join(dir, "copy"), checksum: write("asked for")}
	other := write("another")
	if sum, err := b.fill(source); err != nil || sum != other {
		t.Errorf("without a copy: sha256 %s, %v; want %s", sum, err, other)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v; want the source alone", left, err)
	}
	write("asked for")
	if sum, err := b.fill(source); err != nil || sum != b.checksum {
		t.Errorf("as asked for: sha256 %s, %v; want %s", sum, err, b.checksum)
	}
	write("another")
	if sum, err := b.fill(source); err != nil || sum != other {
		t.Errorf("with a copy: sha256 %s, %v; want %s", sum, err, other)
	}
	if got, err := os.ReadFile(b.path); err != nil || string(got) != "asked for" {
		t.Errorf("the copy is %q, %v", got, err)
	}
}
