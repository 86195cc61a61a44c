package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestEveryDefectIsReportedAtOnce reads every file of testdata/broken, which is
// named after its defect, and compares all that is printed with the .txt beside it.
func TestEveryDefectIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			cfg, found := config.Parse("paymux.yaml", mustRead(t, file), nil)
			if cfg != nil || !core.Failed(found) {
				t.Error("the file was accepted")
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", text(found))
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
	if strings.Contains(got, "do-not-print-me") || strings.Contains(got, "do_not_print_me") {
		t.Errorf("a value is repeated:\n%s", got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(mustRead(t, file)), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
