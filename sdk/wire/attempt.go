package wire

import (
	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func attemptToProto(a sdk.Attempt) *pb.Attempt {
	return &pb.Attempt{
		TransactionId: a.TransactionID,
		Kind:          kinds.proto[a.Kind],
		Ref:           a.Ref,
		ProviderRef:   a.ProviderRef,
		ProviderData:  a.ProviderData,
		Amount:        moneyToProto(a.Amount),
		StartedAt:     timeToProto(a.StartedAt),
		Decision:      a.Decision,
		Reason:        a.Reason,
		Evidence:      evidenceToProto(a.Evidence),
	}
}

func (r *reader) attempt(a *pb.Attempt) sdk.Attempt {
	return sdk.Attempt{
		TransactionID: a.GetTransactionId(),
		Kind:          kinds.sdk[a.GetKind()],
		Ref:           a.GetRef(),
		ProviderRef:   a.GetProviderRef(),
		ProviderData:  a.GetProviderData(),
		Amount:        r.amount("amount", a.GetAmount()),
		StartedAt:     timeFromProto(a.GetStartedAt()),
		Decision:      a.GetDecision(),
		Reason:        a.GetReason(),
		Evidence:      evidenceFromProto(a.GetEvidence()),
	}
}

func evidenceToProto(e *sdk.Evidence) *pb.Evidence {
	if e == nil {
		return nil
	}
	return &pb.Evidence{Outcome: outcomes.proto[e.Outcome], ProviderRef: e.ProviderRef, Told: toldToProto(e.Told)}
}

func evidenceFromProto(e *pb.Evidence) *sdk.Evidence {
	if e == nil {
		return nil
	}
	return &sdk.Evidence{
		Outcome:     outcomes.sdk[e.GetOutcome()],
		ProviderRef: e.GetProviderRef(),
		Told:        toldFromProto(e.GetTold()),
	}
}

func toldToProto(t sdk.Told) *pb.Told {
	if t == (sdk.Told{}) {
		return nil
	}
	return &pb.Told{Amount: t.Amount, Currency: t.Currency, Reference: t.Reference, Type: t.Type}
}

func toldFromProto(t *pb.Told) sdk.Told {
	return sdk.Told{Amount: t.GetAmount(), Currency: t.GetCurrency(), Reference: t.GetReference(), Type: t.GetType()}
}
