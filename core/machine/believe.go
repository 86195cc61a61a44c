package machine

import (
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// success classifies a paid answer. The plugin reports what the provider said;
// whether to believe it is decided here.
func (s *step) success(a *core.Attempt) ([]Signal, error) {
	if s.paidByAnother(a) {
		return nil, s.notAllowed("was paid by another transfer, which its provider calls %s", a.Evidence.ProviderRef)
	}
	if s.knownAlready(a) {
		return only(SignalNoted)
	}
	if a.State == core.AttemptSucceeded { // and now reversed
		return only(s.takenBack(a))
	}
	reversed := s.e.Result.Outcome == sdk.OutcomeReversed
	if s.e.Result.Told.Amount == "" && !reversed {
		return only(s.paidWithoutAmount(a))
	}
	confirmed, problem := s.compare(a)
	s.confirmed = confirmed
	if problem != nil {
		s.mismatch = problem
		return only(SignalDiffers)
	}
	if reversed {
		return []Signal{s.paid(a), s.takenBack(a)}, nil
	}
	return only(s.paid(a))
}

// takenBack classifies the end of a success.
func (s *step) takenBack(a *core.Attempt) Signal {
	for _, other := range s.tx.Attempts {
		if other.Number != a.Number && other.State == core.AttemptSucceeded {
			return SignalOneTakenBack
		}
	}
	return SignalTakenBack
}

// paidByAnother reports whether a matched transfer comes to an attempt that has
// one: nothing may be hidden behind it.
func (s *step) paidByAnother(a *core.Attempt) bool {
	paid := a.State == core.AttemptSucceeded || a.State == core.AttemptReversed
	if s.e.Type != core.EventMatched || !paid || a.Evidence == nil || s.e.Evidence == nil {
		return false
	}
	believed := a.Evidence.Outcome == sdk.OutcomeSucceeded || a.Evidence.Outcome == sdk.OutcomeReversed
	return believed && a.Evidence.ProviderRef != s.e.Evidence.ProviderRef
}

// knownAlready reports whether the answer only repeats how the attempt ended.
// Money that was taken back from an attempt that never had any is no news either.
func (s *step) knownAlready(a *core.Attempt) bool {
	reversed := s.e.Result.Outcome == sdk.OutcomeReversed
	switch a.State {
	case core.AttemptSucceeded:
		return !reversed
	case core.AttemptReversed:
		return true
	case core.AttemptMismatch:
		return s.acceptedAmount() == nil
	case core.AttemptSent, core.AttemptRequiresAction, core.AttemptPending, core.AttemptUnknown:
		return false
	case core.AttemptNotSent, core.AttemptRejected, core.AttemptDeclined, core.AttemptCanceled,
		core.AttemptExpired, core.AttemptAbandoned:
		return reversed
	default:
		return true
	}
}

// paidWithoutAmount treats a success without an amount as not over yet. It is no
// word that nobody paid either, so that the time to pay does not end by it.
func (s *step) paidWithoutAmount(a *core.Attempt) Signal {
	s.alert("the provider says paid and tells no amount: treated as pending")
	if !a.State.Live() {
		return SignalNoted
	}
	s.e.Result.Outcome = sdk.OutcomePending
	s.e.Result.NextAction = nil
	if s.scheduleIsOver(a) {
		return SignalExhausted
	}
	return SignalPending
}

// paid classifies a success that agrees with what was asked for.
func (s *step) paid(a *core.Attempt) Signal {
	switch {
	case s.otherSucceeded(a):
		if s.tx.State == core.StateSucceeded || s.tx.State == core.StateReversed || s.tx.State == core.StateReview {
			return SignalPaidAgain
		}
		return SignalPaidLate
	case s.mustStayInReview():
		return SignalAside
	case !a.State.Live():
		return SignalPaidLate
	default:
		return SignalPaid
	}
}

func (s *step) otherSucceeded(a *core.Attempt) bool {
	for _, other := range s.tx.Attempts {
		if other.Number != a.Number && (other.State == core.AttemptSucceeded || other.State == core.AttemptReversed) {
			return true
		}
	}
	return false
}

// compare checks everything that was told of the money against what was asked
// for. It returns the amount that was confirmed, as far as it is of our
// currency, and the first difference, or nil. Only what was taken back comes
// without an amount: there is nothing left to confirm.
func (s *step) compare(a *core.Attempt) (money.Amount, *core.Reason) {
	told := s.e.Result.Told
	currency := s.tx.Amount.Currency()
	nothing := money.Zero(currency)
	if told.Currency != "" && told.Currency != currency.String() {
		return nothing, s.differs(core.ReasonCurrencyMismatch, "currency", told.Currency, currency.String())
	}
	amount, err := s.toldAmount()
	if err != nil {
		return nothing, s.differs(core.ReasonAmountMismatch, "amount", told.Amount, s.tx.Amount.Decimal())
	}
	wanted := s.tx.Amount
	if accepted := s.acceptedAmount(); accepted != nil {
		wanted = *accepted
	}
	switch {
	case amount != wanted:
		return amount, s.differs(core.ReasonAmountMismatch, "amount", amount.Decimal(), wanted.Decimal())
	case told.Reference != "" && told.Reference != a.Ref && s.e.Type != core.EventMatched:
		return amount, s.differs(core.ReasonReferenceMismatch, "reference", told.Reference, a.Ref)
	case told.Type != "" && told.Type != string(s.tx.Kind):
		return amount, s.differs(core.ReasonReferenceMismatch, "type", told.Type, string(s.tx.Kind))
	case s.e.Policy.OverRefund && !a.State.Live():
		return amount, s.differs(core.ReasonAmountMismatch, "refund", amount.Decimal(), "no more than its payment took")
	default:
		return amount, nil
	}
}

func (s *step) toldAmount() (money.Amount, error) {
	if s.e.Result.Told.Amount == "" {
		return s.tx.Amount, nil
	}
	return money.ParseTold(s.e.Result.Told.Amount, s.tx.Amount.Currency())
}

// acceptedAmount is what an operator accepted with a matched transfer, or nil.
func (s *step) acceptedAmount() *money.Amount {
	if s.e.Type != core.EventMatched || s.e.Resolve == nil || s.e.Resolve.Amount.IsZero() {
		return nil
	}
	return &s.e.Resolve.Amount
}

func (s *step) differs(code sdk.Reason, what, told, wanted string) *core.Reason {
	const most = 64 // What a provider tells may be long; the record needs no more.
	if len(told) > most {
		told = told[:most] + "..."
	}
	return &core.Reason{
		Code:            code,
		Message:         fmt.Sprintf("the provider confirmed %s %q, wanted %q", what, told, wanted),
		ProviderCode:    s.e.Result.ProviderCode,
		ProviderMessage: s.e.Result.Message,
	}
}
