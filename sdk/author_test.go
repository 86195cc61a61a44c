package sdk_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAPluginOfItsOwnModuleBuildsAndPassesItsTests does what the author of
// testdata/acmepay does, in a folder outside of this repository.
func TestAPluginOfItsOwnModuleBuildsAndPassesItsTests(t *testing.T) {
	t.Parallel()
	look(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "acmepay"))); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// The checksums of this repository are all that the plugin needs, so that nothing is downloaded.
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"mod", "edit", "-replace", "github.com/paymux/paymux=" + root},
		{"build", "-mod=mod", "-o", "acmepay", "."},
		{"vet", "-mod=mod", "./..."},
		{"test", "-mod=mod", "./..."},
	} {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir, command.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, output)
		}
	}
}

// look looks into every folder of the sdk: the go command repeats the
// result of a test until something changes that the test itself looked at.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(_ string, _ fs.DirEntry, err error) error { return err })
	if err != nil {
		t.Fatal(err)
	}
}
