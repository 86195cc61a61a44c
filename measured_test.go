package paymux_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// residentMax is the most memory of a plugin at rest, in KiB.
const residentMax = 20 << 10

// areSmall also prints what the figures of core/host/README.md are made of, with -v.
func areSmall(t *testing.T, f fleet) {
	t.Helper()
	resident := residentOf(t, filepath.Join(f.dir, "plugins"))
	if want := len(plugins()); len(resident) != want {
		t.Errorf("%d plugin processes were found, want %d", len(resident), want)
	}
	for name, size := range resident {
		t.Logf("%s: %d KiB resident", name, size)
		if size > residentMax {
			t.Errorf("%s has %d KiB resident, want at most %d", name, size, residentMax)
		}
	}
	t.Logf("all ready %s after the first was launched", untilReady(t, filepath.Join(f.dir, "engine.log")))
}

// residentOf returns the resident memory in KiB of the processes whose binaries
// are below dir, by the names of those.
func residentOf(t *testing.T, dir string) map[string]int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, link := range links {
		binary, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(binary, dir+"/") {
			continue // Another's process, or one that is gone.
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		size, err := strconv.Atoi(strings.Fields(rest + " none")[0])
		if err != nil {
			t.Fatalf("%s: no VmRSS in\n%s", binary, status)
		}
		found[filepath.Base(binary)] = size
	}
	return found
}

// untilReady is the time between the log's first line and its last "plugin is ready".
func untilReady(t *testing.T, log string) time.Duration {
	t.Helper()
	file, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var first, last time.Time
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line struct {
			Message string    `json:"@message"`
			At      time.Time `json:"@timestamp"`
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue // A warning of the configuration.
		}
		if first.IsZero() {
			first = line.At
		}
		if line.Message == "plugin is ready" {
			last = line.At
		}
	}
	if last.IsZero() {
		t.Fatalf("%s tells of no plugin that is ready", log)
	}
	return last.Sub(first)
}
