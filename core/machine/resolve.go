package machine

import (
	"slices"

	"github.com/paymux/paymux/core"
)

// resolve classifies an operator's settlement of what nobody else can settle.
func (s *step) resolve() ([]Signal, error) {
	if s.e.Resolve == nil {
		return nil, s.illegal("resolve without a settlement")
	}
	if s.tx.State != core.StateReview && s.tx.State != core.StateUnknown {
		return nil, s.notAllowed("is %s; only review and unknown can be resolved", s.tx.State)
	}
	if err := s.resolved(); err != nil {
		return nil, err
	}
	switch s.e.Resolve.Verb {
	case "succeeded":
		return s.resolveSucceeded()
	case "failed":
		return s.resolveFailed()
	case "retry":
		return s.resolveRetry()
	default:
		return nil, s.notAllowed("cannot be resolved as %q; known are succeeded, failed and retry", s.e.Resolve.Verb)
	}
}

// resolved finds the attempt that the settlement is about. There may be none: in
// a restored store, of what was sent after the backup.
func (s *step) resolved() error {
	number := s.e.Resolve.Attempt
	if number == 0 {
		number = s.meantNumber()
	}
	s.e.Attempt = number
	if s.attempt() == nil && number != 0 {
		return s.notAllowed("has no attempt %d", number)
	}
	return nil
}

// meantNumber is the attempt that a settlement without a number means: of a
// success the latest that has money, else the live one, else the latest.
func (s *step) meantNumber() int {
	if s.e.Resolve.Verb == "succeeded" {
		for _, a := range slices.Backward(s.tx.Attempts) {
			if a.State == core.AttemptSucceeded || a.State == core.AttemptMismatch {
				return a.Number
			}
		}
	}
	if number := s.liveNumber(); number != 0 {
		return number
	}
	return len(s.tx.Attempts)
}

// resolveSucceeded takes an operator's word, but never against a provider's: what
// it confirmed stays, and what refunds reserve of it.
func (s *step) resolveSucceeded() ([]Signal, error) {
	a, amount := s.attempt(), s.e.Resolve.Amount
	switch {
	case amount.IsZero():
		return only(SignalSettleSucceeded)
	case a == nil && amount != s.tx.Amount:
		return nil, s.notAllowed("was sent whole or not at all, and no attempt of it is known here: give no amount")
	case amount.Currency() != s.tx.Amount.Currency():
		return nil, s.notAllowed("is in %s", s.tx.Amount.Currency())
	case a == nil:
		return only(SignalSettleSucceeded)
	case a.State == core.AttemptSucceeded && amount != a.Confirmed:
		return nil, s.notAllowed("has %s of attempt %d, as its provider confirmed: give no amount", a.Confirmed, a.Number)
	case amount.Minor() < a.Reserved.Minor():
		return nil, s.notAllowed("gives back %s of attempt %d, more than the amount", a.Reserved, a.Number)
	default:
		return only(SignalSettleSucceeded)
	}
}

func (s *step) resolveFailed() ([]Signal, error) {
	for _, a := range s.tx.Attempts {
		if a.State == core.AttemptSucceeded {
			return nil, s.notAllowed("cannot be failed: attempt %d is confirmed by its provider", a.Number)
		}
	}
	return only(SignalSettleFailed)
}

// resolveRetry abandons an attempt whose end is unknown, never where one has money
// or where somebody decided that none shall move.
func (s *step) resolveRetry() ([]Signal, error) {
	if d := s.tx.Decision; d != nil && d.Kind != core.CallApprove {
		return nil, s.decidedBefore()
	}
	if live := s.liveNumber(); live != 0 && live != s.e.Attempt {
		return nil, s.notAllowed("goes on with attempt %d: attempt %d was given up before", live, s.e.Attempt)
	}
	if s.tx.State == core.StateReview && s.reasonCode() != string(core.ReasonOutcomeUnknown) && s.reasonCode() != string(core.ReasonRestored) {
		return nil, s.notAllowed("cannot be tried again: it is in review for %s", s.reasonCode())
	}
	for _, a := range s.tx.Attempts {
		if a.State == core.AttemptSucceeded || a.State == core.AttemptMismatch {
			return nil, s.notAllowed("cannot be tried again: attempt %d has money", a.Number)
		}
	}
	if s.e.Start == nil {
		return nil, s.notAllowed("has no account left to try")
	}
	return only(SignalRetry)
}
