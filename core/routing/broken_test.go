package routing_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
)

// update says to write the golden files anew: UPDATE=1 go test.
var update = os.Getenv("UPDATE") != ""

// TestEveryDefectIsReportedAtOnce reads every file of testdata/broken, which is
// named after its defect, and compares all that is printed with the .txt beside it.
func TestEveryDefectIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken files: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".yaml"), func(t *testing.T) {
			t.Parallel()
			file, found := routing.Parse("routes.yaml", mustRead(t, name))
			if rules, _ := routing.Compile(file, nil); rules != nil || !core.Failed(found) {
				t.Error("the file was accepted")
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".txt", text(found))
		})
	}
}

// text is what an operator sees of diagnostics.
func text(found []core.Diagnostic) string {
	var lines strings.Builder
	for _, d := range found {
		lines.WriteString(d.String() + "\n")
	}
	return lines.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(mustRead(t, file)), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func mustRead(t testing.TB, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
