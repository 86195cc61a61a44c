package machine

import (
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// reviewEvery is how often what is in review is asked, so that it can end by itself.
	reviewEvery = 24 * time.Hour
	// jitterShare is the most that a question is put off, as a part of its gap: a tenth.
	jitterShare = 10
	// watchFirst is when an attempt that another one overtook is first asked again.
	watchFirst = 10 * time.Minute
	// createdAgain is when a released payout that was not started is looked at again.
	createdAgain = 5 * time.Second
)

// setTimers derives what must happen by itself from what came out. No attempt
// stays without a timer until its watch is over.
func (s *step) setTimers() {
	before := s.tx.Timers
	s.tx.Timers = nil
	if s.tx.State == core.StateCreated {
		s.timerAt(core.TimerPoll, 0, s.e.At.Add(createdAgain))
	}
	if s.tx.State == core.StateAwaitingApproval {
		s.approvalTimer(before)
	}
	if a := s.live(); a != nil {
		s.liveTimers(a, before)
	}
	for i := range s.tx.Attempts {
		s.watchTimer(&s.tx.Attempts[i], before)
	}
}

func (s *step) timerAt(kind core.TimerKind, attempt int, at time.Time) {
	s.tx.Timers = append(s.tx.Timers, core.Timer{Kind: kind, At: at, Attempt: attempt})
}

// keep sets the attempt's timers of these kinds again, as they were before. It
// reports whether there was one.
func (s *step) keep(before []core.Timer, attempt int, kinds ...core.TimerKind) bool {
	kept := false
	for _, timer := range before {
		if timer.Attempt == attempt && slices.Contains(kinds, timer.Kind) {
			s.tx.Timers = append(s.tx.Timers, timer)
			kept = true
		}
	}
	return kept
}

// approvalTimer runs once from the moment that the approval is waited for. The
// provider's own hold has no end by our clock: it is asked on.
func (s *step) approvalTimer(before []core.Timer) {
	if s.tx.PolicyHeld && !s.keep(before, 0, core.TimerApproval) {
		s.timerAt(core.TimerApproval, 0, s.e.At.Add(s.e.Policy.ApprovalWindow))
	}
}

// liveTimers waits for the answer of the call under way, else for the next
// question. An event about another attempt knows nothing of this one's account
// and leaves its timers alone.
func (s *step) liveTimers(a *core.Attempt, before []core.Timer) {
	other := s.e.Attempt != a.Number && !s.used
	if other && s.keep(before, a.Number, core.TimerCallLost, core.TimerPoll, core.TimerExpire, core.TimerDecide) {
		return
	}
	if a.Calling != core.CallNone {
		s.callLostTimer(a, before)
		return
	}
	s.decideTimer(a, before)
	if s.expires(a) && s.e.At.Before(s.tx.ExpiresAt) {
		s.timerAt(core.TimerExpire, a.Number, s.tx.ExpiresAt)
	}
	s.timerAt(core.TimerPoll, a.Number, s.patient(s.nextQuestion(a)))
}

// patient puts a question off for as long as the provider asks us to wait, though
// never so long that nobody asks any more.
func (s *step) patient(at time.Time) time.Time {
	wait := min(s.e.Result.RetryAfter, retryAfterMax)
	if later := s.e.At.Add(wait); later.After(at) {
		return later
	}
	return at
}

func (s *step) callLostTimer(a *core.Attempt, before []core.Timer) {
	switch {
	case s.used:
		s.timerAt(core.TimerCallLost, a.Number, s.e.Start.CallLostAt)
	case s.called:
		s.timerAt(core.TimerCallLost, a.Number, s.e.CallLostAt)
	case !s.keep(before, a.Number, core.TimerCallLost):
		s.timerAt(core.TimerCallLost, a.Number, s.e.At)
	}
}

// decideTimer repeats a decision whose call was not answered, as long as the
// provider still holds the payout.
func (s *step) decideTimer(a *core.Attempt, before []core.Timer) {
	waiting := s.tx.State == core.StateProcessing && s.tx.Decision != nil && s.tx.Decision.Kind != core.CallCancel && a.Held
	switch {
	case !waiting:
	case s.unheard:
		repeat := min(max(a.Repeats, 1), len(decideRepeats)) - 1
		s.timerAt(core.TimerDecide, a.Number, s.e.At.Add(decideRepeats[repeat]))
	default:
		s.keep(before, a.Number, core.TimerDecide)
	}
}

// nextQuestion is the first age of the schedule that lies ahead. Past its end,
// and in review, a question a day goes on.
func (s *step) nextQuestion(a *core.Attempt) time.Time {
	if s.askNow {
		return s.e.At
	}
	base, ages := s.schedule(a)
	if s.tx.State == core.StateReview || len(ages) == 0 {
		return s.jitter(s.e.At, s.e.At.Add(reviewEvery))
	}
	for _, age := range ages {
		if at := base.Add(age); at.After(s.e.At) {
			return s.jitter(s.e.At, at)
		}
	}
	if s.tx.State == core.StateRequiresAction && s.expires(a) {
		return s.jitter(s.e.At, s.e.At.Add(time.Hour))
	}
	return s.jitter(s.e.At, s.e.At.Add(reviewEvery))
}

// jitter spreads questions so that many attempts of one moment are not asked in one moment.
func (s *step) jitter(now, at time.Time) time.Time {
	gap := at.Sub(now)
	return at.Add(gap / jitterShare * time.Duration(s.e.Jitter) / 1000)
}

// schedule returns the ages at which the attempt is asked, and what they count from.
func (s *step) schedule(a *core.Attempt) (time.Time, []time.Duration) {
	switch {
	case s.expires(a) && !s.e.At.Before(s.tx.ExpiresAt):
		return s.tx.ExpiresAt, s.e.Policy.PollUnknown
	case a.State == core.AttemptUnknown:
		return a.StartedAt, s.e.Policy.PollUnknown
	default:
		return a.StartedAt, s.e.Policy.PollWaiting
	}
}

// expires reports whether the time to pay counts for the attempt: only where
// the customer has a link to open or a transfer to send.
func (s *step) expires(a *core.Attempt) bool {
	if s.tx.State != core.StateRequiresAction || s.tx.Kind == sdk.KindPayout || s.tx.ExpiresAt.IsZero() || a.NextAction == nil {
		return false
	}
	if transferUnderWay(a) {
		return false
	}
	return a.NextAction.Type == sdk.ActionRedirect || a.NextAction.Type == sdk.ActionTransfer
}

// transferUnderWay reports whether the customer has sent what has not arrived yet.
func transferUnderWay(a *core.Attempt) bool {
	return a.Match != nil && a.Evidence != nil && a.Evidence.Outcome == sdk.OutcomePending
}

// timeIsOver reports whether a question at the end of the time to pay found nothing.
func (s *step) timeIsOver(a *core.Attempt) bool {
	return s.e.Source == core.SourceQuery && s.expires(a) && !s.e.At.Before(s.tx.ExpiresAt)
}

// scheduleIsOver reports whether this was the last question of the schedule.
// While a time to pay is ahead, that ends the attempt and not the schedule.
func (s *step) scheduleIsOver(a *core.Attempt) bool {
	asking := s.tx.State == core.StateProcessing || s.tx.State == core.StateRequiresAction || s.tx.State == core.StateUnknown
	if !asking || s.e.Source != core.SourceQuery || a.State == core.AttemptSent {
		return false
	}
	if s.expires(a) && s.e.At.Before(s.tx.ExpiresAt) {
		return false
	}
	base, ages := s.schedule(a)
	return len(ages) > 0 && !s.e.At.Before(base.Add(ages[len(ages)-1]))
}

// expireAt sets the end of the time to pay where the merchant set none.
func (s *step) expireAt(a *core.Attempt) {
	if !s.tx.ExpiresAt.IsZero() || s.tx.Kind == sdk.KindPayout || a.NextAction == nil {
		return
	}
	switch a.NextAction.Type {
	case sdk.ActionTransfer, sdk.ActionRedirect:
		s.tx.ExpiresAt = a.NextAction.Until
		if s.tx.ExpiresAt.IsZero() && s.e.Policy.RedirectWindow > 0 {
			s.tx.ExpiresAt = s.e.At.Add(s.e.Policy.RedirectWindow)
		}
	case sdk.ActionPrompt, sdk.ActionSignup, sdk.ActionExternal:
	}
}

// watchTimer asks an ended attempt again until its watch is over. What an event
// about another attempt ended is asked once at least: only an event about itself
// knows how long its provider must be watched.
func (s *step) watchTimer(a *core.Attempt, before []core.Timer) {
	if a.WatchFrom.IsZero() || a.State.Live() {
		a.WatchFrom = time.Time{}
		return
	}
	if s.e.Attempt != a.Number {
		if !s.keep(before, a.Number, core.TimerWatch) {
			s.timerAt(core.TimerWatch, a.Number, s.e.At.Add(watchFirst))
		}
		return
	}
	for _, step := range s.e.Policy.Watch {
		if at := a.WatchFrom.Add(step); at.After(s.e.At) {
			s.timerAt(core.TimerWatch, a.Number, s.jitter(s.e.At, at))
			return
		}
	}
	a.WatchFrom = time.Time{}
}
