package account

import (
	"context"
	"errors"

	"github.com/paymux/paymux/sdk"
)

// finding is what one call says of the account itself, whatever it says of the
// transaction.
type finding uint8

const (
	// findNothing says nothing: a fault of ours, or nobody waited for the answer.
	findNothing finding = iota
	// findAnswered is any answer that can be read, a decline included.
	findAnswered
	// findUnanswered is a call that may have arrived and has no answer that can be read.
	findUnanswered
	// findUnreachable is a call that provably never left.
	findUnreachable
	// findRefused is a refusal of our credentials.
	findRefused
)

// String is how the reason of a breaker begins.
func (f finding) String() string {
	return [...]string{"nothing", "answered", "unanswered", "unreachable", "authentication"}[f]
}

// findCreate judges a call that creates something. Only a lost or a missing
// answer and refused credentials are the account's own faults: a provider that
// declines or rejects is at work, whatever reason it gives.
func findCreate(ctx context.Context, result sdk.Result, err error) finding {
	if err != nil {
		return findFault(ctx, err)
	}
	switch result.Outcome {
	case sdk.OutcomeUnknown:
		return findUnanswered
	case sdk.OutcomeNotSent:
		return findUnreachable
	case sdk.OutcomeRejected:
		if result.Reason == sdk.ReasonAuthentication {
			return findRefused
		}
		return findAnswered
	default:
		return findAnswered
	}
}

// findFault judges an error. A caller that went away is no fault of the account,
// and neither is a request that the plugin could not make anything of.
func findFault(ctx context.Context, err error) finding {
	if ctx.Err() != nil {
		return findNothing
	}
	fault, ok := errors.AsType[*sdk.Error](err)
	if !ok {
		return findUnanswered
	}
	switch fault.Kind {
	case sdk.KindAuthentication:
		return findRefused
	case sdk.KindInvalid, sdk.KindNotSupported, sdk.KindNotFound:
		return findNothing
	default:
		if fault.Sent == sdk.NotSent {
			return findUnreachable
		}
		return findUnanswered
	}
}
