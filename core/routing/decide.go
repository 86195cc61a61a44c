package routing

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Rules are a file that holds no error, ready to decide. They never change, and
// are used concurrently.
type Rules struct {
	matches []match
	// plans are what the matches lead to; the last one is the default.
	plans      []plan
	tests      []test
	accounts   map[string]core.Standing
	generation uint64
}

// WithGeneration returns the same rules, whose choices carry the given number.
func (r *Rules) WithGeneration(number uint64) *Rules {
	numbered := *r
	numbered.generation = number
	return &numbered
}

// Names returns the names of the rules in their order, that of the default last.
func (r *Rules) Names() []string {
	names := make([]string, len(r.plans))
	for i := range r.plans {
		names[i] = r.plans[i].name
	}
	return names
}

// Decide chooses the accounts for a sample, in the order of trial, with the
// reason of each one chosen and left out. Choice.Rules stays empty.
func (r *Rules) Decide(sample core.Sample, market Market) core.Choice {
	return r.walk(&sample, market, nil)
}

// Explain chooses as Decide does and says of every rule why it matched or not.
func (r *Rules) Explain(sample core.Sample, market Market) core.Choice {
	verdicts := make([]core.RuleVerdict, 0, len(r.plans))
	choice := r.walk(&sample, market, &verdicts)
	for _, skipped := range r.plans[len(verdicts):] {
		verdicts = append(verdicts, core.RuleVerdict{Name: skipped.name, Why: "not asked: " + choice.Rule + " matched before"})
	}
	choice.Rules = verdicts
	return choice
}

func (r *Rules) walk(sample *core.Sample, market Market, verdicts *[]core.RuleVerdict) core.Choice {
	f, choice := factsOf(sample), core.Choice{Generation: r.generation}
	p := r.find(&f, &choice, verdicts)
	choice.Rule, choice.Denied = p.name, p.deny
	if p.deny != "" {
		return choice
	}
	candidates := p.accounts(&f, market)
	for _, candidate := range candidates {
		if reason, passing := obstacle(candidate.Account, market, &f); reason != "" {
			choice.Removed = append(choice.Removed, core.Removed{Account: candidate.Account, Reason: reason, Passing: passing})
			continue
		}
		if choice.Candidates == nil {
			choice.Candidates = make([]core.Candidate, 0, len(candidates))
		}
		choice.Candidates = append(choice.Candidates, candidate)
	}
	p.bind(&choice, market)
	return choice
}

// find returns the plan of the first rule that matches, else the default's. It
// writes into the choice which conditions could not be told, and what it saw into
// verdicts, unless that is nil.
func (r *Rules) find(f *facts, choice *core.Choice, verdicts *[]core.RuleVerdict) *plan {
	for i := range r.matches {
		missed := r.matches[i].misses(f)
		if missed == clauseWhen && f.untold {
			choice.Errors = append(choice.Errors, core.RuleError{Rule: r.plans[i].name, Why: r.matches[i].narrow.when.untold(f)})
		}
		if verdicts != nil {
			*verdicts = append(*verdicts, r.matches[i].verdict(r.plans[i].name, missed, f))
		}
		if missed == clauseNone {
			return &r.plans[i]
		}
	}
	last := &r.plans[len(r.matches)]
	if verdicts != nil {
		*verdicts = append(*verdicts, core.RuleVerdict{Name: last.name, Matched: true, Why: "no rule matched"})
	}
	return last
}

// obstacle returns why an account cannot be asked for the transaction, and
// whether that may be gone soon; "" if it can be asked. A lasting reason goes
// before a passing one, because a merchant should not try again in vain.
func obstacle(account string, market Market, f *facts) (reason string, passing bool) {
	if slices.Contains(f.sample.Tried, account) {
		return "already tried", false
	}
	standing, ok := market.Standing(account)
	if !ok {
		return "is not configured", false
	}
	if !standing.Enabled {
		return "disabled in the configuration", false
	}
	known := len(standing.Capabilities.Operations) > 0
	if known {
		if reason := lasting(&standing.Capabilities, f); reason != "" {
			return reason, false
		}
	}
	if why := standing.Obstacle(); why != "" {
		return why, true
	}
	if !known {
		return "has not said yet what it can do", true
	}
	return "", false
}

func lasting(c *sdk.Capabilities, f *facts) string {
	if reason := lacks(c, f); reason != "" {
		return reason
	}
	return needs(c.Needs[sdk.Operation(f.sample.Kind)], f)
}

// needs names the request fields that are needed and not there.
func needs(fields []string, f *facts) string {
	var absent []string
	for _, field := range fields {
		if !f.present(field) {
			absent = append(absent, field)
		}
	}
	if len(absent) == 0 {
		return ""
	}
	return "needs " + strings.Join(absent, ", ")
}
