package routing

import (
	"strconv"

	"github.com/paymux/paymux/core"
)

// plan is what a rule does, as it goes into a choice.
type plan struct {
	name string
	deny string
	// candidates are the accounts in the order of the file, which is how they are
	// asked unless ranking orders them for each transaction anew.
	candidates []core.Candidate
	ranking    ranking
	failover   failover
}

// ranking puts the accounts of a rule in order for one transaction.
type ranking interface {
	rank(f *facts, market Market) []core.Candidate
}

// accounts returns the accounts in the order of trial, with why they stand there;
// for a request for one account that one alone. A ranking gets facts of its own, so
// that those of the walk need no heap.
func (p *plan) accounts(f *facts, market Market) []core.Candidate {
	if f.sample.Provider != "" {
		return []core.Candidate{{Account: f.sample.Provider, Reason: "asked for by the request"}}
	}
	if p.ranking == nil {
		return p.candidates
	}
	sample := *f.sample
	own := factsOf(&sample)
	return p.ranking.rank(&own, market)
}

func (u *use) plan(name string) plan {
	p := plan{name: name, deny: u.deny, failover: u.failover}
	for i, c := range u.accounts {
		p.candidates = append(p.candidates, core.Candidate{
			Account: c.account, Reason: place(i, len(u.accounts)) + " in the order of " + name,
		})
	}
	switch u.strategy {
	case "split":
		p.ranking = newSplit(u)
	case "cheapest":
		p.ranking = cheapest{accounts: p.candidates}
	case "best":
		p.ranking = newBest(name, p.candidates, u)
	}
	return p
}

// place reads as "number 1 of 2".
func place(index, count int) string {
	return "number " + strconv.Itoa(index+1) + " of " + strconv.Itoa(count)
}

// bind writes into a choice how the rule goes on after a no. Late holds only as
// long as every candidate's provider documents a late no as final.
func (p *plan) bind(choice *core.Choice, market Market) {
	choice.MaxAttempts, choice.Deadline, choice.Cascade = p.failover.attempts, p.failover.deadline, p.failover.on
	if !p.failover.late {
		return
	}
	choice.Late = true
	for _, candidate := range choice.Candidates {
		standing, _ := market.Standing(candidate.Account)
		choice.Late = choice.Late && finalNo(&standing)
	}
}
