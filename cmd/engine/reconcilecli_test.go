package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// november is what is asked for in these tests.
func november(args ...string) []string {
	return append([]string{"reconcile", "--account", httpapitest.Account, "--from", "2026-11-01", "--to", "2026-11-01"}, args...)
}

func heldOf(ref string) core.Held {
	return core.Held{
		ID: "att_" + ref, Ref: ref, Transaction: "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG", Attempt: 1, Kind: sdk.KindPayment,
		Belief: core.BeliefPaid, State: "succeeded", Amount: money.Of(5000, money.XOF), At: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC),
	}
}

func fileWith(t *testing.T, lines ...string) string {
	t.Helper()
	return csvOf(t, append([]string{"reference,provider_reference,amount,currency,status"}, lines...)...)
}

func csvOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "statement.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileIsComparedInParts(t *testing.T) {
	t.Parallel()
	e := &httpapitest.Engine{}
	var lines []string
	for i := range 3 * rowsAtOnce {
		ref := fmt.Sprintf("r%d", i)
		e.Held = append(e.Held, heldOf(ref))
		lines = append(lines, ref+",,5000,XOF,succeeded")
	}
	url := openAPI(t, e)
	code, out, errs := engineAt(url, november("--csv", fileWith(t, lines...))...)
	if code != 0 || !strings.Contains(out, "equal  3000   XOF       15000000  15000000") {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	// A row of the first part again in the last, one too few in the second.
	lines = append(append(append([]string{}, lines[:700]...), lines[701:]...), lines[3])
	code, out, errs = engineAt(url, november("--json", "--csv", fileWith(t, lines...))...)
	var found reconciled
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 1 {
		t.Fatalf("%d %v %s", code, err, errs)
	}
	var got []string
	for _, f := range found.Data {
		got = append(got, f.Class+" "+f.Record.Reference)
	}
	if diff := cmp.Diff([]string{"missing_there r700", "duplicate r3"}, got); diff != "" || found.Differences != 2 {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if !strings.Contains(errs, "engine: differences: 2") {
		t.Errorf("it says %q", errs)
	}
}

// What stands in a file is shown without a card and without a phone.
func TestWhatAFileSaysIsMasked(t *testing.T) {
	t.Parallel()
	url := openAPI(t, &httpapitest.Engine{})
	path := fileWith(t, "4111111111111111,,1,XOF,pending", "+2250707123456,,1,XOF,pending", "r1,4111 1111 1111 1111,1,XOF,pending")
	for _, args := range [][]string{november("--csv", path), november("--json", "--csv", path)} {
		code, out, errs := engineAt(url, args...)
		if code != 1 || strings.Contains(out+errs, "1111") || strings.Contains(out+errs, "0707123456") || strings.Count(out, "missing_here") < 3 {
			t.Errorf("%d %s%s", code, out, errs)
		}
	}
}

func TestAReconciliationIsWholeBeforeItIsSent(t *testing.T) {
	t.Parallel()
	const nowhere = "http://127.0.0.1:1"
	path := fileWith(t, "r1,,1,XOF,pending")
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no account":         {[]string{"reconcile", "--from", "2026-11-01", "--to", "2026-11-01"}, "--account, --from and --to are required"},
		"no time":            {[]string{"reconcile", "--account", "a", "--from", "soon", "--to", "2026-11-01"}, "--from: is no time"},
		"backwards":          {[]string{"reconcile", "--account", "a", "--from", "2026-11-02", "--to", "2026-11-01"}, "--to: must be after --from"},
		"a year":             {[]string{"reconcile", "--account", "a", "--from", "2026-01-01", "--to", "2026-11-01"}, "--to: is more than 31 days"},
		"no zone":            {november("--zone", "Mars"), "--zone: must be a zone"},
		"words without file": {november("--status", "A=failed"), "--status: goes with --csv only"},
		"no such state":      {november("--csv", path, "--status", "A=lost"), "--status: A=\"lost\": must be one of"},
		"no such column":     {november("--csv", path, "--column", "fee=Fee"), "--column: \"fee\" is none of"},
		"no such currency":   {november("--csv", path, "--currency", "CFA"), "--currency: must be an ISO 4217 code"},
		"nobody to ask":      {november("--adopt", "--json"), "--adopt with --json asks nobody: say --yes"},
		"no file":            {november("--csv", path+"x"), "no such file"},
		"a file of no name":  {november("--csv", ""), "--csv: is empty"},
		"a bad row":          {november("--csv", fileWith(t, "r1,,1,XOF,pending", "r2,,1,XOF,STRANGE")), "line 3, column 11: status is the word \"STRANGE\""},
		"nobody there":       {november(), "is an engine running there?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if code, out, errs := engineAt(nowhere, test.args...); code != exitUsage || !strings.Contains(errs, test.says) || out != "" {
				t.Errorf("%d %s%s, want 2 and %q", code, out, errs, test.says)
			}
		})
	}
	e := &httpapitest.Engine{}
	october := []string{"reconcile", "--account", httpapitest.Account, "--from", "2026-10-01", "--to", "2026-10-31", "--zone", "Europe/Paris"}
	if code, _, errs := engineAt(openAPI(t, e), append(october, "--csv", path)...); code != exitNegative || !strings.Contains(errs, "differences: 1") {
		t.Errorf("a month in which summer time ends: %d %s", code, errs)
	}
	if code, _, errs := engineAt(openAPI(t, e), "reconcile", "--account", "nobody", "--from", "2026-11-01", "--to", "2026-11-01"); code != exitUsage || !strings.Contains(errs, "no provider account has this name") {
		t.Errorf("an unknown account: %d %s", code, errs)
	}
}

// differing is an engine with one payment that stands otherwise.
func differing() *httpapitest.Engine {
	held := heldOf("r1")
	row := core.StatementRow{Ref: "r1", ProviderRef: "p1", Outcome: sdk.OutcomeDeclined, Status: "NO", Amount: "5000", Currency: "XOF", At: held.At}
	return &httpapitest.Engine{Comparison: core.Comparison{Findings: []core.Finding{
		{Class: core.StatementDifferentState, Row: &row, Held: &held, Why: "the provider says NO", Adoptable: true},
	}}}
}

func TestNothingIsAdoptedUnasked(t *testing.T) {
	t.Parallel()
	url := openAPI(t, differing())
	for said, want := range map[string]string{"n\n": "nothing was adopted", "": "nothing was adopted", "y\n": "pending  succeeded"} {
		var out bytes.Buffer
		root := newRoot()
		root.SetArgs(november("--adopt", "--url", url))
		root.SetIn(strings.NewReader(said))
		root.SetOut(&out)
		root.SetErr(&out)
		err := root.ExecuteContext(t.Context())
		var code *exitError
		if !errors.As(err, &code) || code.code != exitNegative || !strings.Contains(out.String(), want) ||
			!strings.Contains(out.String(), "ask the provider now (attempts: 1, transfers: 0)? [y/N]") {
			t.Errorf("%q: %v\n%s", said, err, out.String())
		}
	}
	if code, out, errs := engineAt(url, november("--adopt", "--yes")...); code != 1 || strings.Contains(errs, "[y/N]") || !strings.Contains(out, "succeeded") {
		t.Errorf("with --yes: %d %s%s", code, out, errs)
	}
	if code, out, _ := engineAt(openAPI(t, &httpapitest.Engine{}), november("--adopt", "--yes")...); code != 0 || !strings.Contains(out, "nothing can be adopted") {
		t.Errorf("nothing: %d %s", code, out)
	}
}

// A list that is too long for one answer is compared in halves, and what still
// cannot be read is told.
func TestATimeThatIsTooLongIsHalved(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	e := differing()
	e.Comparison.Unread = "the list was cut"
	e.Before = func(context.Context) error { asked.Add(1); return nil }
	code, out, errs := engineAt(openAPI(t, e), "reconcile", "--account", httpapitest.Account, "--from", "2026-11-01T10:00:00Z", "--to", "2026-11-01T11:00:00Z")
	if code != 1 || asked.Load() != 7 || strings.Count(out, "not compared: ") != 4 || !strings.Contains(errs, "differences: 1") {
		t.Errorf("asked %d times: %d %s%s", asked.Load(), code, out, errs)
	}
	e.Comparison.Findings = nil
	if code, _, errs := engineAt(openAPI(t, e), november()...); code != 1 || !strings.Contains(errs, "not all of the list was read") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestWhoAsksToWaitIsWaitedFor(t *testing.T) {
	t.Parallel()
	e := differing()
	refused := 3
	e.Before = func(context.Context) error {
		if refused--; refused >= 0 {
			return &core.Problem{Code: core.ErrProviderUnavailable.Code, Detail: "too often", RetryAfter: 7 * time.Second}
		}
		return nil
	}
	c, err := client.New(openAPI(t, e), "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	r := newReconciliation(c, httpapitest.Account, from, from.Add(time.Hour))
	var waited []time.Duration
	r.wait = func(_ context.Context, wait time.Duration) error { waited = append(waited, wait); return nil }
	if err := r.compareList(t.Context()); err != nil || r.differences() != 1 {
		t.Errorf("%v, %d differences", err, r.differences())
	}
	if diff := cmp.Diff([]time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}, waited); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	refused = 100
	if err := r.compareList(t.Context()); !errors.Is(err, core.ErrProviderUnavailable) || len(waited) != 3+waitsMost {
		t.Errorf("%v after %d waits", err, len(waited)-3)
	}
}

func TestASumThatDoesNotFitIsTold(t *testing.T) {
	t.Parallel()
	s := sum{amount: money.Of(1<<62, money.XOF)}
	s.add(money.Of(1<<62, money.XOF))
	if !strings.HasPrefix(s.String(), "more than ") {
		t.Errorf("the sum is %s", s)
	}
}

// Neighbouring times show the same row, and may each see a half of a pair.
func TestNeighbouringTimesAreOne(t *testing.T) {
	t.Parallel()
	r := newReconciliation(nil, "a", time.Time{}, time.Time{})
	record := api.Record{ID: "att_1", Amount: "5000", Currency: "XOF"}
	row := api.StatementRow{ProviderReference: "p1", Amount: "5000", Currency: "XOF"}
	r.takeAll([]api.Finding{{Class: "missing_there", Record: &record}})
	r.takeAll([]api.Finding{{Class: "equal", Row: &row, Record: &record}})
	r.takeAll([]api.Finding{{Class: "equal", Row: &row, Record: &record}})
	r.finish()
	if len(r.findings) != 0 || r.tally.counts[core.StatementEqual] != 1 {
		t.Errorf("%d findings, %d equal", len(r.findings), r.tally.counts[core.StatementEqual])
	}
	second := row
	second.ProviderReference = "p2"
	r.takeAll([]api.Finding{{Class: "equal", Row: &second, Record: &record}})
	if r.differences() != 1 || r.findings[0].Class != "duplicate" {
		t.Errorf("a second payment of one order: %+v", r.findings)
	}
}

// Ids that are written as card numbers are all shown as the same dots.
func TestRowsThatLookAlikeAreAllCounted(t *testing.T) {
	t.Parallel()
	r := newReconciliation(nil, "a", time.Time{}, time.Time{})
	at := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	hidden := api.StatementRow{ProviderReference: "•••••", Amount: "5000", Currency: "XOF", State: "succeeded", CreatedAt: &at}
	one, other := api.Record{ID: "att_1", Amount: "5000", Currency: "XOF"}, api.Record{ID: "att_2", Amount: "5000", Currency: "XOF"}
	r.takeAll([]api.Finding{
		{Class: "equal", Row: &hidden, Record: &one},
		{Class: "equal", Row: &hidden, Record: &other},
		{Class: "missing_here", Row: &hidden},
		{Class: "missing_here", Row: &hidden},
		{Class: "duplicate", Row: &hidden, Record: &one},
	})
	r.finish()
	if r.tally.counts[core.StatementEqual] != 2 || r.differences() != 3 {
		t.Errorf("%d equal, differences: %+v", r.tally.counts[core.StatementEqual], r.findings)
	}
}

// A row of a later part that has money which is not here stays what it is.
func TestMoneyThatIsNotHereIsNeverOnlyADuplicate(t *testing.T) {
	t.Parallel()
	r := newReconciliation(nil, "a", time.Time{}, time.Time{})
	record := api.Record{ID: "att_1", Amount: "5000", Currency: "XOF", State: "declined"}
	refused, paid := api.StatementRow{Line: 2, State: "failed"}, api.StatementRow{Line: 3, State: "succeeded"}
	r.takeAll([]api.Finding{{Class: "equal", Row: &refused, Record: &record}})
	r.takeAll([]api.Finding{{Class: "different_state", Row: &paid, Record: &record, Adoptable: true}})
	if r.differences() != 1 || r.findings[0].Class != "different_state" || !r.findings[0].Adoptable {
		t.Errorf("%+v", r.findings)
	}
}

// The wrong file, or the wrong zone, is not the same as no difference.
func TestRowsOfAnotherTimeAreCounted(t *testing.T) {
	t.Parallel()
	const head = "reference,amount,currency,status,created_at"
	e := &httpapitest.Engine{Held: []core.Held{heldOf("r1")}}
	url := openAPI(t, e)
	code, out, errs := engineAt(url, november("--csv", csvOf(t, head, "r1,5000,XOF,succeeded,2026-11-01", "r2,1,XOF,succeeded,2026-11-03"))...)
	if code != 0 || !strings.Contains(out, "of another time: 1 row of the file") {
		t.Errorf("one of two: %d %s%s", code, out, errs)
	}
	e.Held = nil
	code, out, errs = engineAt(url, november("--csv", csvOf(t, head, "r1,5000,XOF,succeeded,2026-10-01"))...)
	if code != exitUsage || !strings.Contains(errs, "nothing was compared: no row of the file is of that time") {
		t.Errorf("none: %d %s%s", code, out, errs)
	}
	if code, out, errs = engineAt(url, november("--csv", csvOf(t, head))...); code != 0 {
		t.Errorf("no row at all, and none expected: %d %s%s", code, out, errs)
	}
}

// What was compared is not lost with an adoption that fails.
func TestAnAdoptionThatFailsStillTellsWhatWasCompared(t *testing.T) {
	t.Parallel()
	e := differing()
	calls := 0
	e.Before = func(context.Context) error {
		if calls++; calls > 1 {
			return core.ErrStoreUnavailable
		}
		return nil
	}
	code, out, errs := engineAt(openAPI(t, e), november("--json", "--adopt", "--yes")...)
	var found reconciled
	if err := json.Unmarshal([]byte(out), &found); err != nil || found.Differences != 1 || code != exitNegative || !strings.Contains(errs, "store_unavailable") {
		t.Errorf("%d %v %s%s", code, err, out, errs)
	}
}
