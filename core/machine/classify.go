package machine

import (
	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// classify turns the event and the guards into signals. There is one signal,
// or two for a reversal of what was not known to be paid, or none where the
// same was asked before.
func (s *step) classify() ([]Signal, error) {
	switch s.e.Type {
	case core.EventCreated:
		return s.created()
	case core.EventAttemptStarted:
		return s.started()
	case core.EventOutcome, core.EventMatched:
		return s.outcome()
	case core.EventCallLost:
		return s.callLost()
	case core.EventDecision:
		return s.decision()
	case core.EventDecisionResult:
		return s.decisionResult()
	case core.EventTimer:
		return s.timer()
	case core.EventResolve:
		return s.resolve()
	case core.EventRestored:
		return s.restored()
	default:
		return nil, s.illegal("event " + string(s.e.Type))
	}
}

func only(signal Signal) ([]Signal, error) { return []Signal{signal}, nil }

func (s *step) created() ([]Signal, error) {
	switch {
	case s.tx.Manual:
		return only(SignalManual)
	case s.tx.PolicyHeld:
		return only(SignalHold)
	default:
		return only(SignalCreate)
	}
}

func (s *step) started() ([]Signal, error) {
	if s.e.Start == nil {
		return nil, s.illegal("start without an attempt")
	}
	return only(SignalStart)
}

// outcome classifies what a provider answered about an attempt.
func (s *step) outcome() ([]Signal, error) {
	a := s.attempt()
	if a == nil {
		return nil, s.illegal("outcome of an attempt that it does not have")
	}
	s.e.Result.Outcome = s.e.Result.Outcome.Known()
	if s.fromCreate() {
		return s.createAnswer(a)
	}
	if s.e.Result.Outcome.CreateOnly() {
		return nil, s.illegal(s.e.Result.Outcome.String() + " from anything but the create call")
	}
	return s.laterAnswer(a)
}

func (s *step) fromCreate() bool {
	return s.e.Type == core.EventOutcome && s.e.Source == core.SourceCreate
}

// attempt returns the attempt that the event is about, or nil.
func (s *step) attempt() *core.Attempt {
	if s.e.Attempt < 1 || s.e.Attempt > len(s.tx.Attempts) {
		return nil
	}
	return &s.tx.Attempts[s.e.Attempt-1]
}

// live returns the live attempt, or nil.
func (s *step) live() *core.Attempt {
	for i := range s.tx.Attempts {
		if s.tx.Attempts[i].State.Live() {
			return &s.tx.Attempts[i]
		}
	}
	return nil
}

// createAnswer classifies the answer of the call that created the attempt.
// Once something else has moved the attempt it is no news any more.
func (s *step) createAnswer(a *core.Attempt) ([]Signal, error) {
	if a.State != core.AttemptSent && a.State != core.AttemptUnknown {
		return only(SignalLateAnswer)
	}
	switch s.e.Result.Outcome {
	case sdk.OutcomeUnknown:
		if a.State == core.AttemptUnknown {
			return only(SignalNoted)
		}
		return only(SignalUnanswered)
	case sdk.OutcomeNotSent, sdk.OutcomeRejected, sdk.OutcomeDeclined:
		if s.mayGoOn(a) {
			return only(SignalNext)
		}
		return s.refused()
	case sdk.OutcomePending, sdk.OutcomeRequiresAction:
		return only(s.waiting(a))
	case sdk.OutcomeDeclinedFinal, sdk.OutcomeCanceled, sdk.OutcomeExpired:
		return s.refused()
	case sdk.OutcomeSucceeded, sdk.OutcomeReversed:
		return s.success(a)
	default:
		return only(SignalUnanswered)
	}
}

// laterAnswer classifies what a query, a notification or a transfer said.
func (s *step) laterAnswer(a *core.Attempt) ([]Signal, error) {
	switch s.e.Result.Outcome {
	case sdk.OutcomeSucceeded, sdk.OutcomeReversed:
		return s.success(a)
	case sdk.OutcomePending, sdk.OutcomeRequiresAction:
		return only(s.stillWaiting(a))
	case sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal, sdk.OutcomeCanceled, sdk.OutcomeExpired:
		if !a.State.Live() {
			return only(SignalNoted)
		}
		if s.e.Source == core.SourceTransfer {
			return only(SignalPending) // A transfer that failed is no end: another one may come.
		}
		if s.mayGoOnLate() {
			return only(SignalNext)
		}
		return s.refused()
	default:
		return only(s.silent(a))
	}
}

// mayGoOn reports whether a definite no of the create call goes on with the next account.
func (s *step) mayGoOn(a *core.Attempt) bool {
	if s.e.Start == nil || s.tx.State != core.StateProcessing || a.State != core.AttemptSent {
		return false
	}
	return s.tx.Route.GoesOn(s.e.Result.Outcome, s.e.Result.Reason)
}

// mayGoOnLate reports whether a late no may go to the next account, which only
// payouts may whose rule says so and whose provider documents its no as final. One
// that somebody decided not to pay goes nowhere.
func (s *step) mayGoOnLate() bool {
	inTime := s.tx.State == core.StateProcessing || s.tx.State == core.StateUnknown
	wanted := s.tx.Decision == nil || s.tx.Decision.Kind == core.CallApprove
	return s.e.Start != nil && s.e.Policy.LateFailover && s.tx.Kind == sdk.KindPayout && inTime && wanted &&
		s.tx.Route.GoesOnLate(s.e.Result.Outcome, s.e.Result.Reason)
}

// refused classifies a definite no after which nobody else is asked.
func (s *step) refused() ([]Signal, error) {
	if s.mustStayInReview() {
		return only(SignalAside)
	}
	switch {
	case s.e.Result.Outcome == sdk.OutcomeExpired:
		return only(SignalExpired)
	case s.e.Result.Outcome == sdk.OutcomeCanceled, s.rejectedByUs():
		return only(SignalCanceled)
	default:
		return only(SignalNo)
	}
}

// rejectedByUs reports whether the no is the provider's word for our own rejection.
func (s *step) rejectedByUs() bool {
	return s.tx.Decision != nil && s.tx.Decision.Kind == core.CallReject
}

// mustStayInReview reports whether a person must decide, whatever a provider says now.
func (s *step) mustStayInReview() bool {
	return s.tx.State == core.StateReview && s.reasonCode() != string(core.ReasonOutcomeUnknown)
}

// waiting classifies "not over yet" as the create call's answer.
func (s *step) waiting(a *core.Attempt) Signal {
	result := s.e.Result
	if result.Outcome == sdk.OutcomePending && result.Held && s.tx.Kind == sdk.KindPayout {
		return s.held(a)
	}
	if result.Outcome == sdk.OutcomeRequiresAction && result.NextAction != nil {
		return SignalAction
	}
	return SignalPending
}

// held classifies a payout that the provider holds. Once a decision is
// recorded that is no news, except that ours, made before there was an attempt,
// must now be told to the provider.
func (s *step) held(a *core.Attempt) Signal {
	switch {
	case s.tx.Decision == nil:
		return SignalHeld
	case s.tx.Decision.Kind == core.CallApprove && a.Repeats == 0 && s.tx.State != core.StateAwaitingApproval && s.tx.State != core.StateReview:
		return SignalDecide
	default:
		return SignalPending
	}
}

// stillWaiting classifies "not over yet" as the answer to a question.
func (s *step) stillWaiting(a *core.Attempt) Signal {
	switch {
	case !a.State.Live():
		return SignalNoted
	case s.timeIsOver(a):
		return SignalExpired
	case s.scheduleIsOver(a):
		return SignalExhausted
	default:
		return s.waiting(a)
	}
}

// silent classifies a question without an answer.
func (s *step) silent(a *core.Attempt) Signal {
	if a.State.Live() && s.scheduleIsOver(a) {
		return SignalExhausted
	}
	return SignalSilent
}

// callLost classifies the timer of a call that was sent and not answered.
func (s *step) callLost() ([]Signal, error) {
	a := s.attempt()
	switch {
	case a == nil:
		return nil, s.illegal("lost call of an attempt that it does not have")
	case a.Calling == core.CallCreate && a.State == core.AttemptSent:
		return only(SignalUnanswered)
	case a.Calling == core.CallNone || a.Calling == core.CallCreate:
		return only(SignalNoted)
	default:
		return only(SignalUnheard)
	}
}

func (s *step) timer() ([]Signal, error) {
	switch s.e.Timer {
	case core.TimerApproval:
		if s.tx.State == core.StateAwaitingApproval && s.tx.PolicyHeld {
			return only(SignalApprovalOver)
		}
		return only(SignalNoted)
	case core.TimerDecide:
		return s.decideAgain()
	case core.TimerCallLost:
		return s.callLost()
	case core.TimerPoll, core.TimerExpire, core.TimerWatch:
		return nil, s.illegal("timer " + string(s.e.Timer) + " without the answer to its question")
	default:
		return nil, s.illegal("timer " + string(s.e.Timer))
	}
}

// restored asks what is live at once: nobody knows what came of it after the backup.
func (s *step) restored() ([]Signal, error) {
	s.e.Attempt, s.askNow = s.liveNumber(), true
	if s.tx.Kind == sdk.KindPayment || s.tx.State.Final() {
		return only(SignalNoted)
	}
	return only(SignalRestored)
}
