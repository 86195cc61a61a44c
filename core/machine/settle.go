package machine

import (
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// decide records the decision before anything is called.
func (s *step) decide() {
	if s.tx.Decision == nil || s.tx.Decision.Kind != s.e.Decision {
		s.tx.Decision = &core.Decision{Kind: s.e.Decision, Actor: s.e.Actor, Reason: s.e.Cause, At: s.e.At}
	}
	s.tx.UpdatedAt = s.e.At
}

// doClose ends at once what nobody can have paid. An attempt is watched all
// the same: if somebody did pay, it is a late success.
func (s *step) doClose() {
	s.decide()
	if a := s.attempt(); a != nil {
		finish(a, core.AttemptCanceled, s.e.At)
		a.WatchFrom = s.e.At
	}
	s.tx.PolicyHeld = false
	code := core.ReasonCanceledByMerchant
	if s.e.Decision == core.CallReject {
		code = core.ReasonRejectedByOperator
	}
	s.because(code, s.e.Cause)
}

// doDecide marks the call before it is sent: an approval, a rejection or a cancel.
func (s *step) doDecide() {
	if s.e.Decision != core.CallNone {
		s.decide()
	}
	a := s.attempt()
	if s.e.Type == core.EventOutcome {
		s.absorb(a)
		a.State, a.Held = core.AttemptPending, true
	}
	a.Calling = s.tx.Decision.Kind
	if a.Calling != core.CallCancel { // A person repeats it; no timer does, so there is nothing to count.
		a.Repeats++
	}
	s.called = true
	s.tx.Reason = nil
	s.effect(core.Effect{Type: core.EffectCall, Attempt: a.Number, Call: a.Calling})
}

func (s *step) doRelease() {
	s.decide()
	s.tx.PolicyHeld = false
	s.effect(core.Effect{Type: core.EffectRoute})
}

// answered takes the mark of a decision's call off.
func (s *step) answered() *core.Attempt {
	a := s.attempt()
	a.Calling = core.CallNone
	if s.e.Verdict.ProviderData != nil && len(s.e.Verdict.ProviderData) <= sdk.ProviderDataMax {
		a.ProviderData = s.e.Verdict.ProviderData
	}
	if s.e.Verdict.Alert != "" {
		s.alert(s.e.Verdict.Alert)
	}
	s.tx.UpdatedAt = s.e.At
	return a
}

// doAccepted believes nothing yet: only a question tells what became of the money.
func (s *step) doAccepted() {
	a := s.answered()
	a.Repeats = len(decideRepeats) + 1
	s.askNow = true
}

func (s *step) doTurnedDown() {
	a := s.answered()
	a.Held, a.Repeats = true, 0
	s.tx.Decision = nil
	if s.tx.State == core.StateReview {
		return
	}
	s.tx.Reason = &core.Reason{
		Code: s.e.Verdict.Reason, Message: "the provider refused the decision",
		ProviderCode: s.e.Verdict.ProviderCode, ProviderMessage: s.e.Verdict.Message,
	}
}

func (s *step) doNotCanceled() {
	a := s.answered()
	a.Repeats = 0
	s.tx.Decision = nil
	s.askNow = true
}

func (s *step) doUnheard() {
	s.answered()
	s.unheard = true
	s.askNow = true
}

func (s *step) doApprovalOver() {
	s.tx.PolicyHeld = false
	s.because(core.ReasonApprovalExpired, "nobody approved it in time")
}

// doSettleSucceeded takes an operator's word for the money. How much it was is
// what its provider confirmed, else what the operator says, else what a provider
// told, else what was asked for. Without an attempt it is a record only.
func (s *step) doSettleSucceeded() {
	s.tx.Reason = nil
	a := s.attempt()
	if a == nil {
		s.tx.Manual = true
		return
	}
	switch {
	case a.State == core.AttemptSucceeded:
	case !s.e.Resolve.Amount.IsZero():
		a.Confirmed = s.e.Resolve.Amount
	case a.State != core.AttemptMismatch || a.Confirmed.IsZero():
		a.Confirmed = s.tx.Amount
	}
	finish(a, core.AttemptSucceeded, s.e.At)
	s.watchSuccess(a)
}

// doSettleFailed keeps the reason's code, which says why a person had to decide.
func (s *step) doSettleFailed() {
	code := core.ReasonOutcomeUnknown
	if s.tx.Reason != nil {
		code = s.tx.Reason.Code
	}
	s.because(code, "resolved as failed: "+s.e.Resolve.Reason)
}

// doRetry gives an attempt up without knowing its end. It is watched, and the
// transaction is marked: both attempts may be paid.
func (s *step) doRetry() {
	if a := s.live(); a != nil {
		s.overtake(a, core.StateProcessing)
	}
	s.tx.DuplicateRisk = true
	s.tx.Reason, s.tx.Decision = nil, nil
	s.renewExpiry()
	s.start()
}

// renewExpiry gives the next attempt the whole time to pay: the merchant's, else
// what its own provider will say.
func (s *step) renewExpiry() {
	s.tx.ExpiresAt = time.Time{}
	if s.tx.ExpiresIn > 0 {
		s.tx.ExpiresAt = s.e.At.Add(s.tx.ExpiresIn)
	}
}

func (s *step) doRestored() {
	s.tx.PolicyHeld = false
	s.because(core.ReasonRestored, "the store was restored: it may have been sent after the backup")
}
