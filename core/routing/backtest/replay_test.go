package backtest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/core/routing/backtest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func noon() time.Time { return time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC) }

// history is what was stored, given three at a time.
type history []core.Past

func (h history) Scan(ctx context.Context, from, to time.Time, use func([]core.Past) error) error {
	for len(h) > 0 {
		n := min(3, len(h))
		if err := use(append([]core.Past{}, h[:n]...)); err != nil {
			return err
		}
		h = h[n:]
	}
	return ctx.Err()
}

// past is payment n of a country, a second after the one before.
func past(n int, country string, amount int64) core.Past {
	at := noon().Add(time.Duration(n) * time.Second)
	return core.Past{CreatedAt: at, Sample: core.Sample{
		ID: fmt.Sprintf("pay_%d", n), Merchant: "shop", Kind: sdk.KindPayment, Amount: money.Of(amount, money.XOF),
		Country: country, Method: "any", Network: "MTN", At: at,
	}}
}

// tried returns p after an attempt that ended some time after it was created.
func tried(p core.Past, at string, state core.AttemptState, after time.Duration) core.Past {
	p.Chosen = at
	p.Attempts = append(p.Attempts, core.PastAttempt{Account: at, State: state, EndedAt: p.Sample.At.Add(after)})
	return p
}

func replay(t *testing.T, h history, before, after *routing.Rules) core.Backtest {
	t.Helper()
	report, err := backtest.Run(t.Context(), h, backtest.Question{
		Before: before, After: after, Accounts: accounts(), Measured: account.Measured, From: noon(), To: noon().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAReplayCountsWhatWouldChange(t *testing.T) {
	t.Parallel()
	refund, manual := past(8, "CI", 100), past(9, "CI", 100)
	refund.Sample.Kind, manual.Manual = sdk.KindRefund, true
	report := replay(t, history{
		tried(past(0, "CI", 5000), "cinetpay-ci", core.AttemptSucceeded, time.Second), // Stays.
		tried(past(1, "SN", 1000), "enovepay", core.AttemptSucceeded, time.Second),    // Moves; recorded elsewhere.
		tried(past(2, "SN", 2000), "cinetpay-sn", core.AttemptDeclined, time.Second),  // Moves.
		past(3, "TG", 4000), // Stays.
		past(4, "TG", 6000), // Lost.
		past(5, "TG", 7000), // Lost.
		past(6, "BJ", 100),  // Reordered behind the first.
		past(7, "KP", 100),  // Served by neither.
		refund, manual,      // Not routed.
		past(10, "CI", 2_000_000), // Served by neither: above the bound.
	}, compile(t, rulesBefore), compile(t, rulesAfter))
	const denied = "denied: nobody serves this any more"
	want := core.Backtest{
		From: noon(), To: noon().Add(time.Hour), Transactions: 9, AsRecorded: 2, Unchanged: 2, Reordered: 1, Moved: 2, Neither: 2,
		Lost: core.BacktestServed{
			Transactions: 2, Sums: []money.Amount{money.Of(13_000, money.XOF)},
			Examples: []core.BacktestExample{{Transaction: "pay_4", Rule: "default", Why: denied}, {Transaction: "pay_5", Rule: "default", Why: denied}},
		},
		Moves: []core.BacktestMove{{From: "cinetpay-sn", To: "enovepay", Transactions: 2, Sums: []money.Amount{money.Of(3000, money.XOF)}}},
		// cinetpay-sn has no fees.
		Fees: []core.BacktestFee{{Unknown: 2, Before: money.Zero(money.XOF), After: money.Zero(money.XOF)}},
		Rules: []core.BacktestRule{
			{Name: "closed", Matched: 1},
			{Name: "ivory-coast", Matched: 1},
			{Name: "senegal", Matched: 2},
			{Name: "togo", Matched: 1},
			{Name: "benin", Matched: 1},
			{Name: "euros"},
			{Name: "payouts"},
			{Name: "default", Matched: 3},
		},
	}
	if diff := cmp.Diff(want, report, cmp.Comparer(money.Amount.Equal), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back := replay(t, history{past(0, "TG", 6000)}, compile(t, rulesAfter), compile(t, rulesBefore))
	if back.Gained.Transactions != 1 || back.Gained.Examples[0].Why != denied {
		t.Errorf("gained = %+v", back.Gained)
	}
}

// One of the two networks moves: 2.5 % become 2 % and 15 francs each, exactly.
func TestFeesAreAddedUpExactly(t *testing.T) {
	t.Parallel()
	move := func(account string) *routing.Rules {
		return compile(t, "version: 1\ndefault: { order: ["+account+"] }\n")
	}
	report := replay(t, history{past(0, "CI", 999), past(1, "CI", 1002)}, move("cinetpay-ci"), move("enovepay"))
	want := []core.BacktestFee{{Transactions: 2, Before: money.Of(50, money.XOF), After: money.Of(70, money.XOF)}} // 50.025 and 40.02 + 30.
	if diff := cmp.Diff(want, report.Fees, cmp.Comparer(money.Amount.Equal)); diff != "" {
		t.Errorf("fees (-want +got):\n%s", diff)
	}
}

func TestSharesOfSuccessAreClaimedOnlyWhereEnoughEnded(t *testing.T) {
	t.Parallel()
	before := compile(t, "version: 1\ndefault: { order: [cinetpay-ci] }\n")
	after := compile(t, "version: 1\ndefault: { order: [enovepay] }\n")
	var h history
	for n := range core.BacktestEndsMin {
		state := core.AttemptSucceeded
		if n%10 == 0 {
			state = core.AttemptDeclined
		}
		p := tried(past(n, "CI", 100), "cinetpay-ci", state, time.Second)
		if n > 0 { // One too few at the other.
			p = tried(p, "enovepay", core.AttemptSucceeded, time.Second)
		}
		h = append(h, p)
	}
	if got := replay(t, h, before, after).Moves[0].Success; got != (core.BacktestSuccess{}) {
		t.Errorf("%d ends at one of both, and the claim is %+v", core.BacktestEndsMin-1, got)
	}
	h = append(h, tried(past(200, "CI", 100), "enovepay", core.AttemptDeclined, time.Second), past(201, "SN", 100))
	// Left by the payer, and wrong by our fault: neither says how an account does.
	h = append(h, tried(past(202, "CI", 100), "enovepay", core.AttemptExpired, time.Second))
	move := replay(t, h, before, after).Moves[0]
	want := core.BacktestSuccess{Transactions: 102, Before: 900_000, After: 990_000, EndsBefore: 100, EndsAfter: 100}
	if move.Transactions != 103 || move.Success != want {
		t.Errorf("%d moved, %+v, want 103 and %+v", move.Transactions, move.Success, want)
	}
}

// A rule that goes by success sees what had ended by then, and nothing of later.
func TestAReplayDoesNotKnowTheFuture(t *testing.T) {
	t.Parallel()
	best := compile(t, "version: 1\ndefault: { best: [cinetpay-ci, enovepay], window: 1h }\n")
	other := compile(t, "version: 1\ndefault: { order: [cinetpay-ci, enovepay] }\n")
	var h history
	for n := range 60 { // Every minute cinetpay-ci declines one, half an hour after it began.
		p := past(n*60, "CI", 100)
		h = append(h, tried(p, "cinetpay-ci", core.AttemptDeclined, 30*time.Minute))
	}
	h = append(h, past(4*3600, "CI", 100)) // Long after, all is out of the window.
	report := replay(t, h, other, best)
	if report.Moved != 29 || report.Moved+report.Unchanged != 61 {
		t.Errorf("%d moved and %d stayed: want 29, from the first one after the first end on", report.Moved, report.Unchanged)
	}
}

// A payout is routed when it is approved, which may be days after it was created.
// What came next was decided before that, and still sees what had ended by then.
func TestAPayoutThatWaitedForDaysHidesNothing(t *testing.T) {
	t.Parallel()
	best := compile(t, "version: 1\nrules: [{ name: held, match: { kind: payout }, use: { deny: held } }]\ndefault: { best: [cinetpay-ci, enovepay], explore: 0 }\n")
	other := compile(t, "version: 1\nrules: [{ name: held, match: { kind: payout }, use: { deny: held } }]\ndefault: { order: [cinetpay-ci, enovepay] }\n")
	var h history
	for n := range 2 {
		h = append(h, tried(past(n*60, "CI", 100), "cinetpay-ci", core.AttemptDeclined, time.Second))
	}
	held := past(120, "CI", 100)
	held.Sample.Kind, held.Sample.At = sdk.KindPayout, held.CreatedAt.Add(72*time.Hour)
	h = append(h, held)
	for n := 3; n < 6; n++ {
		h = append(h, tried(past(n*60, "CI", 100), "cinetpay-ci", core.AttemptDeclined, time.Minute))
	}
	if report := replay(t, h, other, best); report.Moved != 4 || report.Neither != 1 {
		t.Errorf("%d moved, want 4: all but the first and the payout", report.Moved)
	}
}

func TestWhatIsTooMuchIsNotGuessed(t *testing.T) {
	t.Parallel()
	_, err := backtest.Run(t.Context(), history{past(0, "SN", math.MaxInt64), past(1, "SN", 1)}, backtest.Question{
		Before: compile(t, rulesBefore), After: compile(t, rulesAfter), Accounts: accounts(), Measured: account.Measured,
	})
	if !errors.Is(err, backtest.ErrTooMuch) {
		t.Errorf("error is %v, want %v", err, backtest.ErrTooMuch)
	}
}

func TestAReplayEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := backtest.Run(ctx, history{past(0, "CI", 1)}, backtest.Question{
		Before: compile(t, rulesBefore), After: compile(t, rulesAfter), Measured: account.Measured,
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}
