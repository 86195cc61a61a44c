package wire

import (
	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// table maps an enum in both directions. A value that one side does not know is
// the zero value of the other, which means "unknown" everywhere.
type table[S, P comparable] struct {
	proto map[S]P
	sdk   map[P]S
}

func tableOf[S, P comparable](pairs map[S]P) table[S, P] {
	back := make(map[P]S, len(pairs))
	for s, p := range pairs {
		back[p] = s
	}
	return table[S, P]{proto: pairs, sdk: back}
}

var outcomes = tableOf(map[sdk.Outcome]pb.Outcome{
	sdk.OutcomeUnknown:        pb.Outcome_OUTCOME_UNSPECIFIED,
	sdk.OutcomeNotSent:        pb.Outcome_OUTCOME_NOT_SENT,
	sdk.OutcomeRejected:       pb.Outcome_OUTCOME_REJECTED,
	sdk.OutcomeDeclined:       pb.Outcome_OUTCOME_DECLINED,
	sdk.OutcomeDeclinedFinal:  pb.Outcome_OUTCOME_DECLINED_FINAL,
	sdk.OutcomePending:        pb.Outcome_OUTCOME_PENDING,
	sdk.OutcomeRequiresAction: pb.Outcome_OUTCOME_REQUIRES_ACTION,
	sdk.OutcomeSucceeded:      pb.Outcome_OUTCOME_SUCCEEDED,
	sdk.OutcomeCanceled:       pb.Outcome_OUTCOME_CANCELED,
	sdk.OutcomeExpired:        pb.Outcome_OUTCOME_EXPIRED,
	sdk.OutcomeReversed:       pb.Outcome_OUTCOME_REVERSED,
})

var verdicts = tableOf(map[sdk.Verdict]pb.Verdict{
	sdk.VerdictUnknown:  pb.Verdict_VERDICT_UNSPECIFIED,
	sdk.VerdictAccepted: pb.Verdict_VERDICT_ACCEPTED,
	sdk.VerdictRefused:  pb.Verdict_VERDICT_REFUSED,
})

var authenticities = tableOf(map[sdk.Authenticity]pb.Authenticity{
	sdk.Unverified: pb.Authenticity_AUTHENTICITY_UNSPECIFIED,
	sdk.Hint:       pb.Authenticity_AUTHENTICITY_HINT,
	sdk.Genuine:    pb.Authenticity_AUTHENTICITY_GENUINE,
	sdk.Forged:     pb.Authenticity_AUTHENTICITY_FORGED,
	sdk.Ping:       pb.Authenticity_AUTHENTICITY_PING,
})

var kinds = tableOf(map[sdk.Kind]pb.Kind{
	"":              pb.Kind_KIND_UNSPECIFIED,
	sdk.KindPayment: pb.Kind_KIND_PAYMENT,
	sdk.KindPayout:  pb.Kind_KIND_PAYOUT,
	sdk.KindRefund:  pb.Kind_KIND_REFUND,
})

var actions = tableOf(map[sdk.NextActionType]pb.NextActionType{
	"":                 pb.NextActionType_NEXT_ACTION_TYPE_UNSPECIFIED,
	sdk.ActionRedirect: pb.NextActionType_NEXT_ACTION_TYPE_REDIRECT,
	sdk.ActionPrompt:   pb.NextActionType_NEXT_ACTION_TYPE_PROMPT,
	sdk.ActionTransfer: pb.NextActionType_NEXT_ACTION_TYPE_TRANSFER,
	sdk.ActionSignup:   pb.NextActionType_NEXT_ACTION_TYPE_SIGNUP,
	sdk.ActionExternal: pb.NextActionType_NEXT_ACTION_TYPE_EXTERNAL,
})

var faultKinds = tableOf(map[sdk.ErrorKind]pb.FaultKind{
	sdk.KindUnknown:        pb.FaultKind_FAULT_KIND_UNSPECIFIED,
	sdk.KindInvalid:        pb.FaultKind_FAULT_KIND_INVALID,
	sdk.KindAuthentication: pb.FaultKind_FAULT_KIND_AUTHENTICATION,
	sdk.KindRateLimited:    pb.FaultKind_FAULT_KIND_RATE_LIMITED,
	sdk.KindUnavailable:    pb.FaultKind_FAULT_KIND_UNAVAILABLE,
	sdk.KindNotSupported:   pb.FaultKind_FAULT_KIND_NOT_SUPPORTED,
	sdk.KindNotFound:       pb.FaultKind_FAULT_KIND_NOT_FOUND,
	sdk.KindPanic:          pb.FaultKind_FAULT_KIND_PANIC,
})

var sents = tableOf(map[sdk.Sent]pb.Sent{
	sdk.MaybeSent: pb.Sent_SENT_UNSPECIFIED,
	sdk.NotSent:   pb.Sent_SENT_NOT_SENT,
})

var fieldKinds = tableOf(map[sdk.FieldKind]pb.FieldKind{
	"":                pb.FieldKind_FIELD_KIND_UNSPECIFIED,
	sdk.FieldString:   pb.FieldKind_FIELD_KIND_STRING,
	sdk.FieldURL:      pb.FieldKind_FIELD_KIND_URL,
	sdk.FieldDuration: pb.FieldKind_FIELD_KIND_DURATION,
	sdk.FieldBool:     pb.FieldKind_FIELD_KIND_BOOL,
	sdk.FieldInt:      pb.FieldKind_FIELD_KIND_INT,
	sdk.FieldList:     pb.FieldKind_FIELD_KIND_LIST,
	sdk.FieldMap:      pb.FieldKind_FIELD_KIND_MAP,
})

var idempotencies = tableOf(map[sdk.Idempotency]pb.Idempotency{
	"":                             pb.Idempotency_IDEMPOTENCY_UNSPECIFIED,
	sdk.IdempotencyNone:            pb.Idempotency_IDEMPOTENCY_NONE,
	sdk.IdempotencyKey:             pb.Idempotency_IDEMPOTENCY_KEY,
	sdk.IdempotencyUniqueReference: pb.Idempotency_IDEMPOTENCY_UNIQUE_REFERENCE,
	sdk.IdempotencyHarmless:        pb.Idempotency_IDEMPOTENCY_HARMLESS,
})

var queryBys = tableOf(map[sdk.QueryBy]pb.QueryBy{
	"":                     pb.QueryBy_QUERY_BY_UNSPECIFIED,
	sdk.QueryByNone:        pb.QueryBy_QUERY_BY_NONE,
	sdk.QueryByOurRef:      pb.QueryBy_QUERY_BY_OUR_REF,
	sdk.QueryByProviderRef: pb.QueryBy_QUERY_BY_PROVIDER_REF,
	sdk.QueryByList:        pb.QueryBy_QUERY_BY_LIST,
})
