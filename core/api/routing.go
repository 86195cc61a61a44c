package api

import (
	"slices"
	"time"

	"github.com/paymux/paymux/core"
)

// Routing is the routing decision about one transaction, as it was made, and who
// was passed over later. After an operator's retry it is the latest decision; the
// accounts that were tried before stand first.
type Routing struct {
	Rule          string             `json:"rule" doc:"The rule that matched"`
	Generation    uint64             `json:"generation" doc:"Of the rules"`
	AskedProvider string             `json:"asked_provider" doc:"The account that the request named, empty where the rules chose"`
	AskedBy       string             `json:"asked_by" doc:"The key that named it"`
	DecidedAt     *time.Time         `json:"decided_at" doc:"Null before routing has run"`
	Candidates    []RoutingCandidate `json:"candidates" nullable:"false" doc:"In the order of trial"`
	Removed       []RoutingRemoved   `json:"removed" nullable:"false" doc:"Who was left out, in the order in which that happened"`
	Failover      RoutingFailover    `json:"failover"`
}

// RoutingCandidate is an account to try.
type RoutingCandidate struct {
	Provider string `json:"provider"`
	Reason   string `json:"reason" doc:"Why it stands where it stands; operators only, because it tells fees and shares of success"`
}

// WithoutTerms returns what a merchant may read: nothing of what accounts cost and
// how well they do.
func (r Routing) WithoutTerms() Routing {
	r.Candidates = slices.Clone(r.Candidates)
	for i := range r.Candidates {
		r.Candidates[i].Reason = ""
	}
	return r
}

// RoutingRemoved is an account that was left out.
type RoutingRemoved struct {
	Provider string `json:"provider"`
	Reason   string `json:"reason" doc:"Why it was left out"`
	Passing  bool   `json:"passing" doc:"The reason may be gone soon: not ready, drained, no room"`
	Attempt  int    `json:"attempt" doc:"The attempt that it was passed over for, 0 where the decision left it out"`
}

// RoutingFailover is what bounds the attempts of one request.
type RoutingFailover struct {
	MaxAttempts int      `json:"max_attempts" doc:"0 before routing has run"`
	Deadline    string   `json:"deadline" doc:"All attempts of one request together; empty for that of the configuration" example:"25s"`
	Late        bool     `json:"late" doc:"A late no of a payout goes on, where the provider documents it as final"`
	Reasons     []string `json:"reasons" doc:"For which a definite no goes on; null for the default ones"`
}

// RoutingOf returns what clients may see of the decision about tx.
func RoutingOf(tx core.Transaction) Routing {
	route, words := tx.Route, maskerOf(tx)
	routing := Routing{
		Rule: route.Rule, Generation: route.Generation, AskedProvider: tx.Provider, AskedBy: route.AskedBy,
		Candidates: make([]RoutingCandidate, 0, len(route.Candidates)), Removed: make([]RoutingRemoved, 0, len(route.Removed)),
		Failover: RoutingFailover{MaxAttempts: route.MaxAttempts, Late: route.Late},
	}
	if route.Rule != "" {
		routing.DecidedAt = shownOrNull(tx.Sample().At)
	}
	for i, account := range route.Candidates {
		candidate := RoutingCandidate{Provider: account}
		if i < len(route.Reasons) { // A record of before reasons were kept has none.
			candidate.Reason = words.text(route.Reasons[i])
		}
		routing.Candidates = append(routing.Candidates, candidate)
	}
	for _, r := range route.Removed {
		routing.Removed = append(routing.Removed, RoutingRemoved{
			Provider: r.Account, Reason: words.text(r.Reason), Passing: r.Passing, Attempt: r.Attempt,
		})
	}
	if route.Deadline > 0 {
		routing.Failover.Deadline = route.Deadline.String()
	}
	if route.Cascade != nil {
		routing.Failover.Reasons = make([]string, 0, len(route.Cascade))
	}
	for _, reason := range route.Cascade {
		routing.Failover.Reasons = append(routing.Failover.Reasons, string(reason))
	}
	return routing
}
