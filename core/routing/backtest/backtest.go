package backtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// History gives what was stored, the oldest first.
type History interface {
	Scan(ctx context.Context, from, to time.Time, use func([]core.Past) error) error
}

// Question is what is to be replayed.
type Question struct {
	Before, After *routing.Rules
	// Accounts are the configured accounts; nil where every name is one that can do all.
	Accounts map[string]core.Standing
	// Measured reports whether the end of an attempt, of which State and Reason are there, says how well its account
	// does, and if so whether it succeeded. It is required.
	Measured func(core.Attempt) (succeeded, counts bool)
	// From is included and To is not.
	From, To time.Time
}

// Run replays the history. It returns the history's error, or ErrTooMuch.
func Run(ctx context.Context, history History, q Question) (core.Backtest, error) {
	r := newReplay(q)
	if err := history.Scan(ctx, q.From, q.To, r.add); err != nil {
		return core.Backtest{}, fmt.Errorf("backtest: %w", err)
	}
	report, err := r.report()
	if err != nil {
		return core.Backtest{}, fmt.Errorf("backtest: %w", err)
	}
	return report, nil
}

// replay counts while it reads.
type replay struct {
	question      Question
	ended         *ends
	before, after side
	counted       core.Backtest
	kinds         map[kind]*sum
	matched       map[string]uint64
}

// kind is what transactions that are counted together share.
type kind struct {
	like     like
	currency money.Currency
	// from and to are the first accounts before and after, empty where nobody is asked.
	from, to string
}

// like is what attempts have in common whose successes are compared.
type like struct {
	kind                     sdk.Kind
	country, method, network string
}

// sum counts transactions and adds their amounts up.
type sum struct {
	transactions uint64
	minor        int64
}

// kindsMax bounds what is counted: far above the corridors of all providers together.
const kindsMax = 100_000

// ErrTooMuch means that more is stored than can be counted: ask for a shorter time.
var ErrTooMuch = errors.New("more than can be counted: ask for a shorter time")

var errKinds = fmt.Errorf("kinds of transactions: %w", ErrTooMuch)

func newReplay(q Question) *replay {
	r := &replay{question: q, ended: newEnds(), kinds: map[kind]*sum{}, matched: map[string]uint64{}}
	accounts := routing.AtRest(q.Accounts)
	r.before = side{rules: q.Before, market: newMarket(accounts, r.ended)}
	r.after = side{rules: q.After, market: newMarket(accounts, r.ended)}
	return r
}

// side is one of both rules, with its choices for the transactions at hand.
type side struct {
	rules   *routing.Rules
	market  *market
	choices []core.Choice
}

func (s *side) decide(pasts []core.Past) {
	s.choices = s.choices[:0]
	for i := range pasts {
		s.market.now = pasts[i].Sample.At
		s.choices = append(s.choices, s.rules.Decide(pasts[i].Sample, s.market))
	}
}

// add replays some transactions. Both sides decide at once: neither changes what the other reads.
func (r *replay) add(pasts []core.Past) error {
	pasts = slices.DeleteFunc(pasts, func(p core.Past) bool { return p.Manual || p.Sample.Kind == sdk.KindRefund })
	for i := range pasts {
		if err := r.ended.add(&pasts[i], r.question.Measured); err != nil {
			return err
		}
	}
	if len(pasts) > 0 {
		defer r.ended.decided(pasts[len(pasts)-1].CreatedAt)
	}
	var both sync.WaitGroup
	both.Go(func() { r.before.decide(pasts) })
	both.Go(func() { r.after.decide(pasts) })
	both.Wait()
	for i := range pasts {
		if err := r.count(&pasts[i], &r.before.choices[i], &r.after.choices[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) count(past *core.Past, before, after *core.Choice) error {
	from, to := first(before), first(after)
	c := &r.counted
	c.Transactions++
	if past.Chosen != "" && from == past.Chosen {
		c.AsRecorded++
	}
	switch {
	case from == "" && to == "":
		c.Neither++
	case to == "":
		exemplify(&c.Lost, past, after)
	case from == "":
		exemplify(&c.Gained, past, before)
	case from != to:
		c.Moved++
	case slices.EqualFunc(before.Candidates, after.Candidates, sameAccount):
		c.Unchanged++
	default:
		c.Reordered++
	}
	r.matched[after.Rule]++
	return r.sum(past, from, to)
}

func first(c *core.Choice) string {
	if len(c.Candidates) == 0 {
		return ""
	}
	return c.Candidates[0].Account
}

func sameAccount(a, b core.Candidate) bool { return a.Account == b.Account }

// examplesMax is how many transactions are named of those that only one side serves.
const examplesMax = 10

// exemplify counts a transaction that refusal, the choice of the other side, does not serve.
func exemplify(served *core.BacktestServed, past *core.Past, refusal *core.Choice) {
	served.Transactions++
	if len(served.Examples) < examplesMax {
		served.Examples = append(served.Examples, core.BacktestExample{
			Transaction: past.Sample.ID, Rule: refusal.Rule, Why: whyNobody(refusal),
		})
	}
}

func whyNobody(c *core.Choice) string {
	if c.Denied != "" {
		return "denied: " + c.Denied
	}
	text := ""
	for _, removed := range c.Removed {
		if text != "" {
			text += "; "
		}
		text += removed.Account + ": " + removed.Reason
	}
	if text == "" {
		return "the rule names no account"
	}
	return text
}

// sum adds the transaction to those of its kind. What stays where it is needs no sums.
func (r *replay) sum(past *core.Past, from, to string) error {
	if from == to {
		return nil
	}
	s := &past.Sample
	k := kind{like: likeOf(s), currency: s.Amount.Currency(), from: from, to: to}
	total, ok := r.kinds[k]
	if !ok {
		if len(r.kinds) == kindsMax {
			return errKinds
		}
		total = &sum{}
		r.kinds[k] = total
	}
	total.transactions++
	total.minor += s.Amount.Minor()
	if total.minor < 0 {
		return errSum
	}
	return nil
}

var errSum = fmt.Errorf("amounts: %w", ErrTooMuch)

func likeOf(s *core.Sample) like {
	return like{kind: s.Kind, country: s.Country, method: cmp.Or(s.Method, "any"), network: s.Network}
}
