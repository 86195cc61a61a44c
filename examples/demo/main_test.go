package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/examples/demo/local"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// TestMain gives the demos a folder of their own for temporary files, and fails if
// a file or a process of theirs is left.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", local.DirPrefix)
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if left := errors.Join(filesIn(dir), processesOf(dir)); left != nil {
			fmt.Fprintln(os.Stderr, left)
			code = 1
		}
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}))
}

// filesIn returns an error that names what is in the folder.
func filesIn(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, fmt.Errorf("%s is left", entry.Name()))
	}
	return err
}

// processesOf returns an error that names the processes whose command line names
// the folder, where the system tells.
func processesOf(dir string) error {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if text, gone := os.ReadFile(file); gone == nil && bytes.Contains(text, []byte(dir)) {
			err = errors.Join(err, fmt.Errorf("%s still runs: %q", file, text))
		}
	}
	return err
}

// telling plays the demo, and returns its story line by line and how it ends.
func telling(t *testing.T, keep bool) (story *bufio.Scanner, interrupt func(), ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	read, write := io.Pipe()
	end := make(chan error, 1)
	go func() {
		end <- play(ctx, write, keep)
		_ = write.Close()
	}()
	return bufio.NewScanner(read), cancel, end
}

func TestTheWholeStory(t *testing.T) {
	t.Parallel()
	story, interrupt, ended := telling(t, true)
	var told strings.Builder
	address := regexp.MustCompile(`PAYMUX_URL=(\S+)`)
	for story.Scan() {
		fmt.Fprintln(&told, story.Text())
		if found := address.FindStringSubmatch(story.Text()); found != nil {
			stillServes(t, found[1])
			interrupt()
		}
	}
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	for _, want := range []string{
		"requires_action -> succeeded", "requires_action -> failed", "processing -> unknown", "replayed: true",
		"422 idempotency_key_reused", "kill -9 of the engine", "7 payments, and both books are equal", "the store is whole",
	} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("the story does not tell %q:\n%s", want, told.String())
		}
	}
}

// stillServes checks what -keep promises.
func stillServes(t *testing.T, address string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the engine that is kept answers %s", resp.Status)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptEndsTheStory(t *testing.T) {
	t.Parallel()
	story, interrupt, ended := telling(t, false)
	for story.Scan() {
		if strings.Contains(story.Text(), "opens the page and looks for the phone") {
			interrupt()
		}
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("want it canceled, got %v", err)
	}
}

func TestBooksThatDiffer(t *testing.T) {
	t.Parallel()
	tx := api.Transaction{State: "succeeded", Amount: "5000", AmountReceived: "5000", Currency: "XOF"}
	row := cinetpay.Payment{Amount: "5000", Currency: "XOF", Paid: true, Created: 1, CreateCalls: 1}
	tests := map[string]struct {
		change func(*api.Transaction, *cinetpay.Payment)
		want   string
	}{
		"not at all":              {func(*api.Transaction, *cinetpay.Payment) {}, ""},
		"paid and nobody noticed": {func(tx *api.Transaction, _ *cinetpay.Payment) { tx.State = "requires_action" }, "paid, and not succeeded"},
		"paid by nobody":          {func(_ *api.Transaction, row *cinetpay.Payment) { row.Paid = false }, "succeeded, and not paid"},
		"asked for twice":         {func(_ *api.Transaction, row *cinetpay.Payment) { row.CreateCalls = 2 }, "created more than once, or never"},
		"not known there":         {func(_ *api.Transaction, row *cinetpay.Payment) { *row = cinetpay.Payment{} }, "created more than once, or never"},
		"another amount there":    {func(_ *api.Transaction, row *cinetpay.Payment) { row.Amount = "4995" }, "another amount"},
		"not all of it received":  {func(tx *api.Transaction, _ *cinetpay.Payment) { tx.AmountReceived = "4995" }, "another amount"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tx, row := tx, row
			test.change(&tx, &row)
			if got := differs(tx, row); got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}
