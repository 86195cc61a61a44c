package record

import (
	"bytes"
	"math"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// none stands where a number of the record means nothing; Check refuses it.
const none = math.MaxUint8

// The words of core by their number in a record. Positions never change.
func states() []core.State {
	return []core.State{
		core.StateNone, core.StateCreated, core.StateAwaitingApproval, core.StateProcessing,
		core.StateRequiresAction, core.StateUnknown, core.StateReview, core.StateSucceeded,
		core.StateFailed, core.StateCanceled, core.StateExpired, core.StateReversed,
	}
}

func attemptStates() []core.AttemptState {
	return []core.AttemptState{
		none, core.AttemptSent, core.AttemptRequiresAction, core.AttemptPending, core.AttemptUnknown,
		core.AttemptSucceeded, core.AttemptNotSent, core.AttemptRejected, core.AttemptDeclined,
		core.AttemptCanceled, core.AttemptExpired, core.AttemptReversed, core.AttemptMismatch,
		core.AttemptAbandoned,
	}
}

func outcomes() []sdk.Outcome {
	return []sdk.Outcome{
		sdk.OutcomeUnknown, sdk.OutcomeNotSent, sdk.OutcomeRejected, sdk.OutcomeDeclined,
		sdk.OutcomeDeclinedFinal, sdk.OutcomePending, sdk.OutcomeRequiresAction, sdk.OutcomeSucceeded,
		sdk.OutcomeCanceled, sdk.OutcomeExpired, sdk.OutcomeReversed,
	}
}

func authenticities() []sdk.Authenticity {
	return []sdk.Authenticity{sdk.Unverified, sdk.Hint, sdk.Genuine, sdk.Forged, sdk.Ping}
}

// number returns the position of word, zero for one that this version does not know.
func number[N ~int32, W comparable](words []W, word W) N {
	return N(max(slices.Index(words, word), 0))
}

// word returns the word at position n, or otherwise for a position that this version does not know.
func word[N ~int32, W comparable](words []W, n N, otherwise W) W {
	if n < 0 || int(n) >= len(words) {
		return otherwise
	}
	return words[n]
}

func outcomeNumber(o sdk.Outcome) Outcome { return number[Outcome](outcomes(), o) }

// outcomeWord never makes a failure of a number that this version does not know.
func outcomeWord(n Outcome) sdk.Outcome { return word(outcomes(), n, sdk.OutcomeUnknown) }

func stateNumber(s core.State) State { return number[State](states(), s) }

func stateWord(n State) core.State { return word(states(), n, core.State(none)) }

// StateByte returns the number of s in a record, for an index.
func StateByte(s core.State) byte { return byte(stateNumber(s)) }

// nanos returns the record's form of an instant.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// storable reports whether an instant survives being stored.
func storable(t time.Time) bool {
	return t.IsZero() || (t.UnixNano() > 0 && t.Year() >= 1970 && t.Year() < 2262)
}

func amountOut(a money.Amount) *Amount {
	if a == (money.Amount{}) {
		return nil
	}
	return &Amount{Minor: a.Minor(), Currency: uint32(a.Currency())}
}

func amountIn(a *Amount) money.Amount {
	if a == nil {
		return money.Amount{}
	}
	return money.Of(a.GetMinor(), money.Currency(a.GetCurrency()))
}

// copied returns bytes of its own, nil for nil: records outlive what they were read from.
func copied(b []byte) []byte { return bytes.Clone(b) }
