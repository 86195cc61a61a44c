package machine

import (
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// actions say what each signal does to the attempt that it is about. A signal
// without an action changes the state alone.
var actions = [signalCount]func(*step){
	SignalManual:          (*step).doManual,
	SignalStart:           (*step).doStart,
	SignalAction:          (*step).doAction,
	SignalPending:         (*step).doPending,
	SignalHeld:            (*step).doHeld,
	SignalPaid:            (*step).doPaid,
	SignalPaidLate:        (*step).doPaidLate,
	SignalPaidAgain:       (*step).doPaidAgain,
	SignalDiffers:         (*step).doDiffers,
	SignalAside:           (*step).doAside,
	SignalNext:            (*step).doNext,
	SignalNo:              (*step).doNo,
	SignalCanceled:        (*step).doCanceled,
	SignalExpired:         (*step).doExpired,
	SignalTakenBack:       (*step).doTakenBack,
	SignalOneTakenBack:    (*step).doTakenBack,
	SignalUnanswered:      (*step).doUnanswered,
	SignalSilent:          (*step).doNoted,
	SignalExhausted:       (*step).doExhausted,
	SignalLateAnswer:      (*step).doLateAnswer,
	SignalNoted:           (*step).doNoted,
	SignalClose:           (*step).doClose,
	SignalAskCancel:       (*step).doDecide,
	SignalRelease:         (*step).doRelease,
	SignalDecide:          (*step).doDecide,
	SignalAccepted:        (*step).doAccepted,
	SignalTurnedDown:      (*step).doTurnedDown,
	SignalNotCanceled:     (*step).doNotCanceled,
	SignalUnheard:         (*step).doUnheard,
	SignalGivenUp:         (*step).doExhausted,
	SignalApprovalOver:    (*step).doApprovalOver,
	SignalSettleSucceeded: (*step).doSettleSucceeded,
	SignalSettleFailed:    (*step).doSettleFailed,
	SignalRetry:           (*step).doRetry,
	SignalRestored:        (*step).doRestored,
}

// finish ends an attempt.
func finish(a *core.Attempt, state core.AttemptState, at time.Time) {
	a.State = state
	a.Calling = core.CallNone
	a.Held = false
	a.NextAction = nil
	a.EndedAt = at
}

// absorb keeps what was answered: the provider's words verbatim, its reference
// and the plugin's data.
func (s *step) absorb(a *core.Attempt) {
	result := s.e.Result
	a.Outcome = result.Outcome
	a.Told = result.Told
	a.ProviderStatus, a.ProviderCode = result.ProviderStatus, result.ProviderCode
	a.Message, a.Reason = result.Message, result.Reason
	if result.PaidWith != "" {
		a.PaidWith = result.PaidWith
	}
	if result.Match != nil {
		a.Match = result.Match
	}
	if s.e.Evidence != nil {
		a.Evidence = s.e.Evidence
	}
	if s.fromCreate() && a.AnsweredAt.IsZero() {
		a.AnsweredAt = s.e.At
	}
	if result.Alert != "" {
		s.alert(result.Alert)
	}
	s.identify(a)
	s.tx.UpdatedAt = s.e.At
}

// identify keeps the provider's reference and the plugin's data. A reference
// that was told before stays: another one means that a person should look.
func (s *step) identify(a *core.Attempt) {
	result := s.e.Result
	if a.ProviderRef == "" {
		a.ProviderRef = result.ProviderRef
	}
	if result.ProviderRef != "" && result.ProviderRef != a.ProviderRef {
		s.alert("the provider now calls the attempt " + result.ProviderRef + ", before " + a.ProviderRef)
	}
	if result.ProviderData == nil {
		return
	}
	if len(result.ProviderData) > sdk.ProviderDataMax {
		s.alert("the plugin returned more provider_data than 4 KiB: dropped")
		return
	}
	a.ProviderData = result.ProviderData
}

// because records why the transaction is where it goes.
func (s *step) because(code sdk.Reason, message string) {
	s.tx.Reason = &core.Reason{
		Code: code, Message: message,
		ProviderCode: s.e.Result.ProviderCode, ProviderMessage: s.e.Result.Message,
	}
}

func (s *step) doManual() {
	s.tx.Received = money.Zero(s.tx.Amount.Currency())
}

func (s *step) doStart() { s.start() }

// start appends the attempt of the event. Its number is one more than the
// last, and its reference follows from that.
func (s *step) start() {
	s.used = true
	if s.e.Start.Route != nil {
		s.tx.Route = *s.e.Start.Route
	}
	number := len(s.tx.Attempts) + 1
	ref, err := core.Ref(s.tx.ID, number)
	if err != nil {
		// The store refuses an attempt without its reference, so nothing is sent.
		s.alert("no reference: " + err.Error())
	}
	s.tx.Attempts = append(s.tx.Attempts, core.Attempt{
		ID: s.e.Start.AttemptID, Number: number, Account: s.e.Start.Account, Ref: ref,
		State: core.AttemptSent, Calling: core.CallCreate,
		StartedAt: s.e.At, SendBy: s.e.Start.SendBy,
		Confirmed: money.Zero(s.tx.Amount.Currency()), Reserved: money.Zero(s.tx.Amount.Currency()),
	})
	s.tx.UpdatedAt = s.e.At
	s.effect(core.Effect{Type: core.EffectCall, Attempt: number, Call: core.CallCreate})
}

func (s *step) doAction() {
	a := s.attempt()
	s.absorb(a)
	a.State, a.Calling = core.AttemptRequiresAction, s.stillCalling(a)
	a.NextAction = s.e.Result.NextAction
	s.expireAt(a)
}

// stillCalling keeps the mark of an approve, reject or cancel that is under
// way: only its own answer ends it. The create call is answered.
func (s *step) stillCalling(a *core.Attempt) core.Call {
	if a.Calling == core.CallCreate {
		return core.CallNone
	}
	return a.Calling
}

func (s *step) doPending() {
	a := s.attempt()
	s.absorb(a)
	a.Calling = s.stillCalling(a)
	if a.State != core.AttemptRequiresAction {
		a.State = core.AttemptPending
	}
	a.Held = s.e.Result.Held && a.Held
}

func (s *step) doHeld() {
	a := s.attempt()
	s.absorb(a)
	a.State, a.Calling, a.Held = core.AttemptPending, s.stillCalling(a), true
	a.NextAction = s.e.Result.NextAction
}

func (s *step) doPaid() {
	a := s.attempt()
	s.absorb(a)
	finish(a, core.AttemptSucceeded, s.e.At)
	a.Confirmed = s.confirmed
	s.watchSuccess(a)
	s.tx.Reason = nil
}

// watchSuccess asks about a success again where it may be taken back.
func (s *step) watchSuccess(a *core.Attempt) {
	a.WatchFrom = time.Time{}
	if s.e.Policy.WatchSuccess {
		a.WatchFrom = s.e.At
	}
}

func (s *step) doPaidLate() {
	s.doPaid()
	s.tx.Late = true
	s.alert("paid after it had ended or gone on: late success")
	s.effect(core.Effect{Type: core.EffectEmit, Name: "transaction.late_success"})
}

func (s *step) doPaidAgain() {
	s.doPaid()
	s.tx.Late = true
	s.because(core.ReasonDuplicateSuccess, "two attempts were paid")
	s.effect(core.Effect{Type: core.EffectEmit, Name: "transaction.duplicate_success"})
}

func (s *step) doDiffers() {
	a := s.attempt()
	s.absorb(a)
	finish(a, core.AttemptMismatch, s.e.At)
	a.Confirmed = s.confirmed
	if s.tx.Kind == sdk.KindRefund && !s.e.Policy.OverRefund {
		a.Reserved = s.tx.Amount
	}
	a.WatchFrom = time.Time{}
	if !s.mustStayInReview() {
		s.tx.Reason = s.mismatch
	}
	s.alert(s.mismatch.Message)
}

// doAside ends the attempt while the transaction waits for a person.
func (s *step) doAside() {
	if s.e.Result.Outcome == sdk.OutcomeSucceeded || s.e.Result.Outcome == sdk.OutcomeReversed {
		reason := s.tx.Reason
		s.doPaid()
		s.tx.Reason = reason
		return
	}
	s.lose(s.attempt())
}

// doNext begins the next attempt in the same commit. The one before is not
// watched: its transaction goes on, and a late success still finds it.
func (s *step) doNext() {
	a := s.attempt()
	s.lose(a)
	a.WatchFrom = time.Time{}
	s.keepPassedOver()
	s.start()
}

// keepPassedOver keeps with the route who was passed over in the search for the next attempt.
func (s *step) keepPassedOver() {
	s.tx.Route.Removed = slices.Concat(s.tx.Route.Removed, s.e.PassedOver)
}

func (s *step) doNo() {
	a := s.attempt()
	s.lose(a)
	s.keepPassedOver()
	code := a.Reason
	if code == sdk.ReasonNone {
		code = reasonOf(a.Outcome)
	}
	s.because(code, s.e.Result.Message)
}

// reasonOf is the reason of a no that came without one.
func reasonOf(outcome sdk.Outcome) sdk.Reason {
	if outcome == sdk.OutcomeNotSent {
		return sdk.ReasonProviderUnavailable
	}
	return sdk.ReasonDeclined
}

// lose ends an attempt with a no. It is watched unless nothing was created.
func (s *step) lose(a *core.Attempt) {
	s.absorb(a)
	finish(a, lostState(a.Outcome), s.e.At)
	if !a.Outcome.CreateOnly() {
		a.WatchFrom = s.e.At
	}
	if action := s.e.Result.NextAction; action != nil && action.Type == sdk.ActionSignup {
		a.NextAction = action // Who is not known there yet can sign up and pay again.
	}
}

func lostState(outcome sdk.Outcome) core.AttemptState {
	switch outcome {
	case sdk.OutcomeNotSent:
		return core.AttemptNotSent
	case sdk.OutcomeRejected:
		return core.AttemptRejected
	case sdk.OutcomeCanceled:
		return core.AttemptCanceled
	case sdk.OutcomeExpired, sdk.OutcomePending, sdk.OutcomeRequiresAction:
		return core.AttemptExpired // Still waiting when the time is over.
	case sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal:
		return core.AttemptDeclined
	case sdk.OutcomeUnknown, sdk.OutcomeSucceeded, sdk.OutcomeReversed:
		return core.AttemptAbandoned
	default:
		return core.AttemptAbandoned
	}
}

func (s *step) doCanceled() {
	s.lose(s.attempt())
	s.because(s.canceledBy(), s.e.Result.Message)
}

// canceledBy says on whose behalf the provider closed it.
func (s *step) canceledBy() sdk.Reason {
	switch {
	case s.tx.Decision != nil && s.tx.Decision.Kind == core.CallReject:
		return core.ReasonRejectedByOperator
	case s.tx.Decision != nil && s.tx.Decision.Kind == core.CallCancel:
		return core.ReasonCanceledByMerchant
	case s.e.Result.Reason != sdk.ReasonNone:
		return s.e.Result.Reason
	default:
		return sdk.ReasonCanceledByCustomer
	}
}

func (s *step) doExpired() {
	s.lose(s.attempt())
	s.because(sdk.ReasonExpired, "the time to pay is over and no money was found")
}

func (s *step) doTakenBack() {
	a := s.attempt()
	s.absorb(a)
	finish(a, core.AttemptReversed, s.e.At)
	a.WatchFrom = time.Time{}
	s.alert("the provider took a success back")
}

func (s *step) doUnanswered() {
	a := s.attempt()
	if s.e.Type == core.EventOutcome {
		s.absorb(a)
		a.AnsweredAt = time.Time{} // Nothing that can be trusted was answered.
	}
	a.State, a.Calling, a.Outcome = core.AttemptUnknown, core.CallNone, sdk.OutcomeUnknown
	s.tx.UpdatedAt = s.e.At
}

// doNoted keeps what may help the next question; the attempt's state stays.
func (s *step) doNoted() {
	a := s.attempt()
	if a == nil {
		return
	}
	if s.e.Evidence != nil {
		a.Evidence = s.e.Evidence
	}
	if s.e.Result.Alert != "" {
		s.alert(s.e.Result.Alert)
	}
	if s.e.Type == core.EventOutcome {
		s.identify(a)
	}
}

func (s *step) doExhausted() {
	s.doNoted()
	s.because(core.ReasonOutcomeUnknown, "the provider was asked as long as is sensible and gave no end")
}

// doLateAnswer fills in only what no later answer could know.
func (s *step) doLateAnswer() {
	a := s.attempt()
	s.identify(a)
	if a.AnsweredAt.IsZero() {
		a.AnsweredAt = s.e.At
	}
	if a.Calling == core.CallCreate {
		a.Calling = core.CallNone
	}
	if a.State.Live() && a.NextAction == nil {
		a.NextAction = s.e.Result.NextAction
	}
}
