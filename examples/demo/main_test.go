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
		"422 idempotency_key_reused", "kill -9 of the engine", "cenoa-usd is ready, plugin cenoa",
		"requires_action at enovepay", "requires_action at numipay", "403 forbidden", "awaiting_approval -> processing", "processing -> canceled",
		"cinetpay-ci said no (rejected)", "unknown at enovepay", "transfer_matched", "a top-up of c-9",
		"the engine was not restarted", "acmepay-eu is ready, plugin acmepay", "refunded 80.00 of 80.00 EUR", "asks for 19.91 EUR back, refused", "requires_action -> canceled", "409 already_final",
		"24 entries, and the books of all five providers and of the engine are equal", "the store is whole",
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
	paid := entry{State: "succeeded", Created: true, Paid: true, Amount: "5000", Currency: "XOF"}
	there := row{Amount: "5000", Currency: "XOF", Paid: true, Created: 1, CreateCalls: 1}
	tests := map[string]struct {
		change func(*entry, *row)
		want   string
	}{
		"not at all":              {func(*entry, *row) {}, ""},
		"paid and nobody noticed": {func(e *entry, _ *row) { e.Paid = false }, "paid, and not succeeded"},
		"paid by nobody":          {func(_ *entry, found *row) { found.Paid = false }, "succeeded, and not paid"},
		"asked for twice":         {func(_ *entry, found *row) { found.CreateCalls = 2 }, "created more than once, or never"},
		"not known there":         {func(_ *entry, found *row) { *found = row{} }, "created more than once, or never"},
		"another amount there":    {func(_ *entry, found *row) { found.Amount = "4995" }, "another amount"},
		"another currency there":  {func(_ *entry, found *row) { found.Currency = "XAF" }, "another amount"},
		"not all of it received":  {func(e *entry, _ *row) { e.Amount = "4995" }, "another amount"},
		"refused but there":       {func(e *entry, _ *row) { e.Created, e.Paid = false, false }, "created, and nobody knows"},
		"refused and not there":   {func(e *entry, found *row) { *e, *found = entry{}, row{} }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, found := paid, there
			test.change(&e, &found)
			if got := differs(e, found); got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}

func TestARowThatTheEngineDoesNotKnowIsFound(t *testing.T) {
	t.Parallel()
	at := place{accountCinetPay, "a"}
	entries := []entry{{place: at, Created: true, Paid: true, Amount: "5000", Currency: "XOF"}}
	rows := map[place]row{at: {Amount: "5000", Currency: "XOF", Paid: true, Created: 1, CreateCalls: 1}}
	if err := audit(io.Discard, entries, rows); err != nil {
		t.Fatal(err)
	}
	rows[place{accountEnovePay, "a"}] = rows[at]
	if err := audit(io.Discard, entries, rows); err == nil || !strings.Contains(err.Error(), "have 1 that the engine does not know") {
		t.Errorf("want the row of EnovePay found, got %v", err)
	}
}

func TestWhatTheBooksHoldOfAnAttempt(t *testing.T) {
	t.Parallel()
	id := "pay_1"
	transfers := []api.Transfer{{Provider: accountCenoa, ProviderRef: "tr_1", Transaction: &id}}
	tests := map[string]struct {
		attempt api.Attempt
		want    entry
	}{
		"paid": {
			api.Attempt{Provider: accountEnovePay, Ref: "a", State: "succeeded"},
			entry{place{accountEnovePay, "a"}, "order-1", "succeeded", true, true, "7.00", "USD"},
		},
		"refused": {
			api.Attempt{Provider: accountEnovePay, Ref: "a", State: "rejected"},
			entry{place{accountEnovePay, "a"}, "order-1", "rejected", false, false, "8.00", "USD"},
		},
		"nobody knows": {
			api.Attempt{Provider: accountEnovePay, Ref: "a", State: "unknown"},
			entry{place{accountEnovePay, "a"}, "order-1", "succeeded", true, false, "8.00", "USD"},
		},
		"paid by a transfer": {
			api.Attempt{Provider: accountCenoa, Ref: "a", State: "succeeded"},
			entry{place{accountCenoa, "tr_1"}, "order-1", "succeeded", true, true, "7.00", "USD"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx := api.Transaction{ID: id, Reference: "order-1", State: "succeeded", Amount: "8.00", AmountReceived: "7.00", Currency: "USD"}
			if got := attemptEntry(tx, test.attempt, transfers); got != test.want {
				t.Errorf("want %+v, got %+v", test.want, got)
			}
		})
	}
}
