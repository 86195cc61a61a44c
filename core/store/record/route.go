package record

import (
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

func routeOut(r core.Route) *Route {
	return &Route{
		Rule: r.Rule, Generation: r.Generation, Candidates: r.Candidates, Reasons: r.Reasons,
		Removed: each(r.Removed, removedOut), MaxAttempts: int64(r.MaxAttempts), Deadline: int64(r.Deadline),
		Late: r.Late, Cascade: cascadeOut(r.Cascade), At: nanos(r.At), AskedBy: r.AskedBy, Card: r.Card,
	}
}

func routeIn(m *Route) core.Route {
	return core.Route{
		Rule: m.GetRule(), Generation: m.GetGeneration(), Candidates: m.GetCandidates(), Reasons: m.GetReasons(),
		Removed: each(m.GetRemoved(), removedIn), MaxAttempts: int(m.GetMaxAttempts()), Deadline: time.Duration(m.GetDeadline()),
		Late: m.GetLate(), Cascade: cascadeIn(m.GetCascade()), At: instant(m.GetAt()), AskedBy: m.GetAskedBy(), Card: m.GetCard(),
	}
}

// cascadeOut keeps nil apart from an empty list: one leaves it to the default, the
// other lets nothing go on.
func cascadeOut(reasons []sdk.Reason) *Cascade {
	if reasons == nil {
		return nil
	}
	return &Cascade{Reasons: each(reasons, func(r sdk.Reason) string { return string(r) })}
}

func cascadeIn(m *Cascade) []sdk.Reason {
	if m == nil {
		return nil
	}
	reasons := make([]sdk.Reason, 0, len(m.GetReasons()))
	for _, reason := range m.GetReasons() {
		reasons = append(reasons, sdk.Reason(reason))
	}
	return reasons
}

func removedOut(r core.Removed) *Removed {
	return &Removed{Account: r.Account, Reason: r.Reason, Passing: r.Passing, Attempt: int64(r.Attempt)}
}

func removedIn(m *Removed) core.Removed {
	return core.Removed{
		Account: m.GetAccount(), Reason: m.GetReason(), Passing: m.GetPassing(), Attempt: int(m.GetAttempt()),
	}
}
