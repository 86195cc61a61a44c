package machine

import (
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// retryAfterMax is the longest that a provider may ask us to wait with a question.
	retryAfterMax = time.Hour
	// askEnd is the age after which no schedule asks on by itself.
	askEnd = 48 * time.Hour
	// redirectWindow is the time to pay where neither merchant nor provider says one.
	redirectWindow = 24 * time.Hour
	// approvalWindow is how long a payout waits for our own approval.
	approvalWindow = 72 * time.Hour
)

// pollUnknown are the ages at which an attempt is asked whose create call has no
// answer; hourly after the last one.
var pollUnknown = []time.Duration{
	5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute,
	2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
}

// watchSteps are the times after its end at which an attempt is asked again.
var watchSteps = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 48 * time.Hour}

// PolicyOf returns the policy for attempts at an account with these facts. A
// poll override, if there is one, replaces both schedules and is taken as it is;
// else each schedule goes on hourly until an age of 48 hours.
func PolicyOf(facts sdk.Facts, capabilities sdk.Capabilities, override []time.Duration) core.Policy {
	p := core.Policy{
		PollWaiting: hourly(facts.Poll), PollUnknown: hourly(pollUnknown),
		Watch: watchUntil(facts.LateSuccess), WatchSuccess: facts.Reversals,
		CanCancel: capabilities.Can(sdk.OperationCancel), PaidByLink: facts.PaidByLink,
		LateFailover: facts.DeclinedIsFinal, RedirectWindow: facts.Window, ApprovalWindow: approvalWindow,
	}
	if facts.Reversals {
		p.Watch = watchSteps
	}
	if p.RedirectWindow == 0 {
		p.RedirectWindow = redirectWindow
	}
	if len(override) > 0 {
		p.PollWaiting, p.PollUnknown = override, override
	}
	if facts.QueryBy == sdk.QueryByList {
		p.PollWaiting = nil // Its list is read for all attempts together.
	}
	return p
}

// hourly extends ages to 48 hours.
func hourly(ages []time.Duration) []time.Duration {
	all := slices.Clone(ages)
	if len(all) == 0 {
		all = slices.Clone(pollUnknown)
	}
	for age := all[len(all)-1] + time.Hour; age <= askEnd; age += time.Hour {
		all = append(all, age)
	}
	return all
}

// watchUntil are the watch steps up to how long a provider may pay late, which
// is as long as anything is watched where that is not known.
func watchUntil(late time.Duration) []time.Duration {
	if late == 0 {
		return watchSteps
	}
	var steps []time.Duration
	for _, step := range watchSteps {
		if step <= late {
			steps = append(steps, step)
		}
	}
	return steps
}
