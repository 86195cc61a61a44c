package record

import (
	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

func attemptOut(a core.Attempt) *Attempt {
	return &Attempt{
		Id: a.ID, Number: int64(a.Number), Account: a.Account, Ref: a.Ref, ProviderRef: a.ProviderRef,
		ProviderData: a.ProviderData, State: number[AttemptState](attemptStates(), a.State),
		Outcome: outcomeNumber(a.Outcome), Told: toldOut(a.Told),
		ProviderStatus: a.ProviderStatus, ProviderCode: a.ProviderCode, Message: a.Message, PaidWith: a.PaidWith,
		Reason: string(a.Reason), NextAction: nextActionOut(a.NextAction), Match: matchOut(a.Match),
		Held: a.Held, Calling: string(a.Calling), SendBy: nanos(a.SendBy), StartedAt: nanos(a.StartedAt),
		AnsweredAt: nanos(a.AnsweredAt), EndedAt: nanos(a.EndedAt), Confirmed: amountOut(a.Confirmed),
		Reserved: amountOut(a.Reserved), Evidence: evidenceOut(a.Evidence),
		Repeats: int64(a.Repeats), WatchFrom: nanos(a.WatchFrom),
	}
}

func attemptIn(m *Attempt) core.Attempt {
	return core.Attempt{
		ID: m.GetId(), Number: int(m.GetNumber()), Account: m.GetAccount(), Ref: m.GetRef(), ProviderRef: m.GetProviderRef(),
		ProviderData: copied(m.GetProviderData()), State: word(attemptStates(), m.GetState(), core.AttemptState(none)),
		Outcome: outcomeWord(m.GetOutcome()), Told: toldIn(m.GetTold()),
		ProviderStatus: m.GetProviderStatus(), ProviderCode: m.GetProviderCode(),
		Message: m.GetMessage(), PaidWith: m.GetPaidWith(),
		Reason: sdk.Reason(m.GetReason()), NextAction: nextActionIn(m.GetNextAction()), Match: matchIn(m.GetMatch()),
		Held: m.GetHeld(), Calling: core.Call(m.GetCalling()), SendBy: instant(m.GetSendBy()), StartedAt: instant(m.GetStartedAt()),
		AnsweredAt: instant(m.GetAnsweredAt()), EndedAt: instant(m.GetEndedAt()), Confirmed: amountIn(m.GetConfirmed()),
		Reserved: amountIn(m.GetReserved()), Evidence: evidenceIn(m.GetEvidence()),
		Repeats: int(m.GetRepeats()), WatchFrom: instant(m.GetWatchFrom()),
	}
}

func toldOut(t sdk.Told) *Told {
	if t == (sdk.Told{}) {
		return nil
	}
	return &Told{Amount: t.Amount, Currency: t.Currency, Reference: t.Reference, Type: t.Type}
}

func toldIn(m *Told) sdk.Told {
	return sdk.Told{Amount: m.GetAmount(), Currency: m.GetCurrency(), Reference: m.GetReference(), Type: m.GetType()}
}

func nextActionOut(a *sdk.NextAction) *NextAction {
	if a == nil {
		return nil
	}
	return &NextAction{
		Type: string(a.Type), Url: a.URL, Message: a.Message, Instructions: a.Instructions,
		Account: a.Account, Amount: amountOut(a.Amount), Until: nanos(a.Until),
	}
}

func nextActionIn(m *NextAction) *sdk.NextAction {
	if m == nil {
		return nil
	}
	return &sdk.NextAction{
		Type: sdk.NextActionType(m.GetType()), URL: m.GetUrl(), Message: m.GetMessage(), Instructions: m.GetInstructions(),
		Account: m.GetAccount(), Amount: amountIn(m.GetAmount()), Until: instant(m.GetUntil()),
	}
}

func matchOut(m *sdk.Match) *Match {
	if m == nil {
		return nil
	}
	return &Match{Customer: m.Customer, Amount: amountOut(m.Amount), From: nanos(m.From), Until: nanos(m.Until)}
}

func matchIn(m *Match) *sdk.Match {
	if m == nil {
		return nil
	}
	return &sdk.Match{
		Customer: m.GetCustomer(), Amount: amountIn(m.GetAmount()), From: instant(m.GetFrom()), Until: instant(m.GetUntil()),
	}
}

func evidenceOut(e *sdk.Evidence) *Evidence {
	if e == nil {
		return nil
	}
	return &Evidence{Outcome: outcomeNumber(e.Outcome), ProviderRef: e.ProviderRef, Told: toldOut(e.Told)}
}

func evidenceIn(m *Evidence) *sdk.Evidence {
	if m == nil {
		return nil
	}
	return &sdk.Evidence{Outcome: outcomeWord(m.GetOutcome()), ProviderRef: m.GetProviderRef(), Told: toldIn(m.GetTold())}
}
