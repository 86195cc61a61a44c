package machine_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func isError(err, target error) bool { return errors.Is(err, target) }

func hasEffect(effects []core.Effect, kind core.EffectType) bool {
	return slices.ContainsFunc(effects, func(e core.Effect) bool { return e.Type == kind })
}

// broken names every rule that a transaction breaks.
func broken(tx core.Transaction) []string {
	var problems []string
	live := 0
	for _, a := range tx.Attempts {
		if a.State.Live() {
			live++
		}
		if (a.State.Live() || !a.WatchFrom.IsZero()) && !slices.ContainsFunc(tx.Timers, func(timer core.Timer) bool { return timer.Attempt == a.Number }) {
			problems = append(problems, fmt.Sprintf("attempt %d is %s and has no timer", a.Number, a.State))
		}
	}
	if live > 1 {
		problems = append(problems, fmt.Sprintf("%d attempts are live", live))
	}
	if tx.State.Final() && live > 0 {
		problems = append(problems, "final with a live attempt")
	}
	confirmed := slices.ContainsFunc(tx.Attempts, func(a core.Attempt) bool { return a.State == core.AttemptSucceeded })
	if tx.State == core.StateSucceeded && !confirmed && !tx.Manual {
		problems = append(problems, "succeeded without a confirmed attempt")
	}
	if tx.State == core.StateFailed && confirmed {
		problems = append(problems, "failed with a confirmed attempt")
	}
	if tx.State.Final() && tx.EndedAt.IsZero() {
		problems = append(problems, "final without the time of its end")
	}
	return problems
}

func TestEveryPairOfStateAndSignalIsDecided(t *testing.T) {
	pairs, illegal := 0, 0
	for _, from := range append([]core.State{core.StateNone}, core.States()...) {
		for _, signal := range machine.Signals() {
			to, ok := machine.Step(from, signal)
			pairs++
			if !ok {
				illegal++
			}
			if !ok && to != from {
				t.Errorf("%s with %s is illegal and yet leads to %s", from, signal, to)
			}
			if ok && from.Final() && to != from && !slices.Contains(leaving[from], to) {
				t.Errorf("%s with %s leads to %s, which may not follow an end", from, signal, to)
			}
		}
	}
	t.Logf("chaos 27: %d of %d pairs of state and signal are decided, %d of them refused", pairs, pairs, illegal)
}

// leaving is what may follow an end.
var leaving = map[core.State][]core.State{
	core.StateSucceeded: {core.StateReversed, core.StateReview},
	core.StateReversed:  {core.StateReview},
	core.StateFailed:    {core.StateSucceeded, core.StateReview},
	core.StateCanceled:  {core.StateSucceeded, core.StateReview},
	core.StateExpired:   {core.StateSucceeded, core.StateReview},
}

func TestTheTableReadsAsItIsWritten(t *testing.T) {
	var b strings.Builder
	if err := machine.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "states.txt")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("UPDATE=1 go test rewrites it (-want +got):\n%s", diff)
	}
}

// TestStorms throws random events at transactions. Whatever comes, the rules hold.
func TestStorms(t *testing.T) {
	const long, short, sequences = 1000, 30, 100_000
	length, checks := long, flag.Lookup("rapid.checks")
	if os.Getenv("PAYMUX_CHAOS") != "" {
		usual := checks.Value.String()
		defer func() { _ = checks.Value.Set(usual) }()
		if err := checks.Value.Set(strconv.Itoa(sequences)); err != nil {
			t.Fatal(err)
		}
		length = short
	}
	events, storms := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		tx := anyTransaction(rt)
		now := start
		storms++
		for range length {
			events++
			now = now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(rt, "seconds")) * time.Second)
			e := anyEvent(rt, now, len(tx.Attempts))
			before := tx
			next, effects, err := machine.Next(tx, e)
			if err != nil {
				if diff := cmp.Diff(before, next); diff != "" {
					rt.Fatalf("a refused event changed it:\n%s", diff)
				}
				continue
			}
			if problems := append(broken(next), forbidden(before, next, effects)...); len(problems) > 0 {
				rt.Fatalf("after %s in %s: %v", e.Type, before.State, problems)
			}
			tx = next
		}
	})
	if events < 100_000 {
		t.Errorf("only %d events", events)
	}
	t.Logf("chaos 27: %d storms of %d events, 0 rules broken; control: %d of %d altered transactions are noticed", storms, length, alterations(t), len(altered))
}

// altered are what a machine could do wrong to a transaction whose attempt is live.
var altered = map[string]func(tx *core.Transaction){
	"an end with a live attempt": func(tx *core.Transaction) { tx.State, tx.EndedAt = core.StateFailed, start },
	"a success that nobody told": func(tx *core.Transaction) {
		tx.State, tx.EndedAt, tx.Attempts[0].State = core.StateSucceeded, start, core.AttemptDeclined
	},
	"a live attempt without timer":  func(tx *core.Transaction) { tx.Timers = nil },
	"two live attempts":             func(tx *core.Transaction) { tx.Attempts = append(tx.Attempts, tx.Attempts[0]) },
	"a failure that has the money":  func(tx *core.Transaction) { tx.State, tx.Attempts[0].State = core.StateFailed, core.AttemptSucceeded },
	"another account for the same":  func(tx *core.Transaction) { tx.Attempts[0].Account = "another" },
	"another reference":             func(tx *core.Transaction) { tx.Attempts[0].Ref = "another" },
	"a history that lacks an entry": func(tx *core.Transaction) { tx.Sequence++ },
}

// alterations counts those that the checks of a storm notice.
func alterations(t *testing.T) int {
	t.Helper()
	noticed := 0
	for name, alter := range altered {
		before := payment(t).begun().tx
		after := before
		after.Attempts = slices.Clone(before.Attempts)
		alter(&after)
		if len(append(broken(after), forbidden(before, after, nil)...)) == 0 {
			t.Errorf("%s is not noticed", name)
			continue
		}
		noticed++
	}
	return noticed
}

// forbidden names what must never happen between two states of a transaction.
func forbidden(before, after core.Transaction, effects []core.Effect) []string {
	var problems []string
	if before.State.Final() && before.State != after.State && !slices.Contains(leaving[before.State], after.State) {
		problems = append(problems, fmt.Sprintf("%s -> %s leaves an end", before.State, after.State))
	}
	if before.State == core.StateUnknown && len(after.Attempts) > len(before.Attempts) && !after.DuplicateRisk && after.Kind == sdk.KindPayment {
		problems = append(problems, "failed over from unknown")
	}
	records := 0
	for _, e := range effects {
		if e.Type == core.EffectRecord {
			records++
		}
	}
	if int(after.Sequence-before.Sequence) != records {
		problems = append(problems, "history and sequence disagree")
	}
	for i := range before.Attempts {
		was, is := before.Attempts[i], after.Attempts[i]
		if was.Ref != is.Ref || was.Account != is.Account || was.Number != is.Number {
			problems = append(problems, "an attempt changed what it is")
		}
		if !was.State.Live() && is.State.Live() {
			problems = append(problems, "an attempt came back to life")
		}
		if was.ProviderRef != "" && is.ProviderRef != was.ProviderRef {
			problems = append(problems, "a provider's reference changed")
		}
	}
	return problems
}

func anyTransaction(t *rapid.T) core.Transaction {
	kind := rapid.SampledFrom([]sdk.Kind{sdk.KindPayment, sdk.KindPayout}).Draw(t, "kind")
	tx := core.Transaction{
		ID: core.PrefixOf(kind) + "01JZZZZZZZZZZZZZZZZZZZZZZZ", Kind: kind, Amount: money.Of(5000, money.XOF),
		CreatedAt: start, Route: core.Route{MaxAttempts: 3},
		PolicyHeld: kind == sdk.KindPayout && rapid.Bool().Draw(t, "policy_held"),
	}
	tx, _, err := machine.Next(tx, core.Event{Type: core.EventCreated, At: start, Policy: core.Policy{ApprovalWindow: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func anyEvent(t *rapid.T, now time.Time, attempts int) core.Event {
	e := core.Event{
		ID: "evt_01JZZZZZZZZZZZZZZZZZZZZZZZ", At: now, Jitter: rapid.IntRange(0, 999).Draw(t, "jitter"),
		Type:     rapid.SampledFrom(eventTypes).Draw(t, "type"),
		Source:   rapid.SampledFrom([]core.Source{core.SourceCreate, core.SourceQuery, core.SourceNotification}).Draw(t, "source"),
		Attempt:  rapid.IntRange(0, attempts+1).Draw(t, "attempt"),
		Timer:    rapid.SampledFrom([]core.TimerKind{core.TimerApproval, core.TimerDecide, core.TimerCallLost, core.TimerPoll}).Draw(t, "timer"),
		Decision: rapid.SampledFrom([]core.Call{core.CallApprove, core.CallReject, core.CallCancel}).Draw(t, "decision"),
		Resolve:  &core.Resolution{Verb: rapid.SampledFrom([]string{"succeeded", "failed", "retry", "wish"}).Draw(t, "verb")},
		Verdict:  sdk.VerdictResult{Verdict: sdk.Verdict(rapid.IntRange(0, 3).Draw(t, "verdict"))},
		Result:   rapid.SampledFrom(results).Draw(t, "result"),
		GoodRead: rapid.Bool().Draw(t, "good_read"),
		Policy:   rapid.SampledFrom(policies).Draw(t, "policy"),
	}
	e.CallLostAt = now.Add(time.Minute)
	if attempts < 30 && rapid.Bool().Draw(t, "start") {
		e.Start = &core.Start{AttemptID: "att_x", Account: "next", SendBy: now, CallLostAt: now.Add(time.Minute)}
	}
	return e
}

var eventTypes = []core.EventType{
	core.EventCreated, core.EventAttemptStarted, core.EventOutcome, core.EventOutcome, core.EventOutcome, core.EventOutcome,
	core.EventCallLost, core.EventDecision, core.EventDecisionResult, core.EventTimer, core.EventResolve,
	core.EventMatched, core.EventRestored, "nonsense",
}

var results = []sdk.Result{
	redirect, prompt, pending, held, silence, paid, underpaid, reversed, declined, final, rejected, notSent,
	{Outcome: sdk.OutcomeCanceled},
	{Outcome: sdk.OutcomeExpired},
	{Outcome: sdk.OutcomeSucceeded},
	{Outcome: 200},
	{Outcome: sdk.OutcomeRequiresAction},
	{Outcome: sdk.OutcomePending, ProviderRef: "p1"},
	{Outcome: sdk.OutcomePending, ProviderRef: "p2"},
}

var policies = []core.Policy{
	machine.PolicyOf(sdk.Facts{}, sdk.Capabilities{}, nil),
	machine.PolicyOf(sdk.Facts{LateSuccess: 48 * time.Hour, Reversals: true, PaidByLink: true}, sdk.Capabilities{Operations: []sdk.Operation{sdk.OperationCancel}}, nil),
	machine.PolicyOf(sdk.Facts{LateSuccess: time.Hour}, sdk.Capabilities{}, []time.Duration{time.Second}),
}

func BenchmarkNext(b *testing.B) {
	f := payment(&testing.T{}).begun().create(redirect)
	e := core.Event{Type: core.EventOutcome, Source: core.SourceQuery, Attempt: 1, Result: paid, At: f.now, Policy: f.policy}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := machine.Next(f.tx, e); err != nil {
			b.Fatal(err)
		}
	}
}
