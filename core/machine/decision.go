package machine

import (
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// decideRepeats are the times after which a decision that nobody answered is
// sent again. After the last one a person must look.
var decideRepeats = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}

// decision classifies what a person or a merchant asked for. What cannot be
// done is a Problem for the one who asked, never an illegal transition.
func (s *step) decision() ([]Signal, error) {
	decided, cancel := s.tx.Decision != nil, s.e.Decision == core.CallCancel
	switch {
	case s.cancelUnheard():
		s.e.Attempt = s.liveNumber()
		return only(SignalAskCancel)
	case decided && s.tx.Decision.Kind == s.e.Decision:
		return nil, nil
	case s.tx.State.Final() && (cancel || !decided):
		return nil, &core.Problem{Code: core.ErrAlreadyFinal.Code, Detail: fmt.Sprintf("%s is %s", s.tx.ID, s.tx.State)}
	case decided && (!cancel || s.tx.State != core.StateCreated): // Created is approved, and nobody was asked yet.
		return nil, s.decidedBefore()
	case cancel:
		return s.cancel()
	default:
		return s.approval()
	}
}

// approval classifies an approval or a rejection.
func (s *step) approval() ([]Signal, error) {
	if s.e.Decision != core.CallApprove && s.e.Decision != core.CallReject {
		return nil, s.illegal("decision " + string(s.e.Decision))
	}
	if s.tx.State != core.StateAwaitingApproval {
		return nil, &core.Problem{
			Code:   core.ErrNotSupported.Code,
			Detail: fmt.Sprintf("%s is %s; only what is awaiting_approval can be approved or rejected", s.tx.ID, s.tx.State),
		}
	}
	return only(s.decideOn())
}

// cancelUnheard reports whether the same cancel was asked for before and may not
// have arrived. Unlike an approval it is not repeated by a timer: the merchant
// may repeat it, as often as one would be.
func (s *step) cancelUnheard() bool {
	a := s.live()
	return a != nil && s.e.Decision == core.CallCancel && s.tx.State != core.StateReview &&
		s.tx.Decision != nil && s.tx.Decision.Kind == core.CallCancel &&
		a.Calling == core.CallNone && a.Repeats <= len(decideRepeats)
}

func (s *step) decidedBefore() error {
	return &core.Problem{
		Code:   core.ErrDecisionMade.Code,
		Detail: fmt.Sprintf("%s was decided before: %s by %s", s.tx.ID, s.tx.Decision.Kind, s.tx.Decision.Actor),
	}
}

func (s *step) decideOn() Signal {
	switch {
	case s.tx.PolicyHeld && s.e.Decision == core.CallApprove:
		return SignalRelease
	case s.tx.PolicyHeld:
		return SignalClose
	default:
		s.e.Attempt = s.liveNumber()
		return SignalDecide
	}
}

func (s *step) liveNumber() int {
	if a := s.live(); a != nil {
		return a.Number
	}
	return 0
}

// cancel classifies the wish to cancel. It is done at once only where nobody
// can have paid; else the provider is asked, if it can be.
func (s *step) cancel() ([]Signal, error) {
	s.e.Attempt = s.liveNumber()
	a := s.live()
	switch {
	case s.tx.State == core.StateCreated, s.tx.State == core.StateAwaitingApproval && s.tx.PolicyHeld:
		return only(SignalClose)
	case a == nil, s.tx.State == core.StateReview:
	case s.tx.State == core.StateRequiresAction && a.Match != nil && s.e.GoodRead && !transferUnderWay(a):
		return only(SignalClose)
	case s.tx.State == core.StateUnknown && s.tx.Kind == sdk.KindPayment && s.e.Policy.PaidByLink && a.NextAction == nil:
		return only(SignalClose)
	case s.e.Policy.CanCancel && a.Calling == core.CallNone:
		return only(SignalAskCancel)
	}
	return nil, s.cannotCancel()
}

func (s *step) cannotCancel() error {
	detail := fmt.Sprintf("%s is %s and its provider cannot cancel it", s.tx.ID, s.tx.State)
	if !s.tx.ExpiresAt.IsZero() {
		detail += "; it expires at " + s.tx.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return &core.Problem{Code: core.ErrNotSupported.Code, Detail: detail}
}

// decisionResult classifies the answer to an approve, reject or cancel call.
func (s *step) decisionResult() ([]Signal, error) {
	a := s.attempt()
	if a == nil {
		return nil, s.illegal("answer about an attempt that it does not have")
	}
	if a.Calling == core.CallNone || a.Calling == core.CallCreate || !a.State.Live() {
		return only(SignalNoted)
	}
	switch s.e.Verdict.Verdict {
	case sdk.VerdictAccepted:
		return only(SignalAccepted)
	case sdk.VerdictRefused:
		if a.Calling == core.CallCancel {
			return only(SignalNotCanceled)
		}
		return only(s.turnedDown())
	case sdk.VerdictUnknown:
		return only(SignalUnheard)
	default:
		return only(SignalUnheard)
	}
}

// turnedDown is noted only where the provider has moved on meanwhile.
func (s *step) turnedDown() Signal {
	if s.tx.State == core.StateProcessing || s.tx.State == core.StateReview {
		return SignalTurnedDown
	}
	return SignalNotCanceled
}

// decideAgain classifies the timer of a decision that nobody answered.
func (s *step) decideAgain() ([]Signal, error) {
	a := s.live()
	if a == nil || s.tx.Decision == nil || s.tx.State != core.StateProcessing || a.Calling != core.CallNone {
		return only(SignalNoted)
	}
	s.e.Attempt = a.Number
	if a.Repeats > len(decideRepeats) {
		return only(SignalGivenUp)
	}
	return only(SignalDecide)
}

func (s *step) notAllowed(format string, args ...any) error {
	return &core.Problem{Code: core.ErrNotAllowed.Code, Detail: s.tx.ID + " " + fmt.Sprintf(format, args...)}
}
