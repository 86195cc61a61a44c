package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/paymux/paymux/sdk"
)

func refusedQueryIsNoAnswer() clause {
	return clause{
		name:    "a refused query is not NOT_SENT",
		demands: "A question or a list whose connection is refused says nothing about the attempt: UNKNOWN or a fault, never NOT_SENT or REJECTED.",
		mend:    "Ask with httpx.Ask and return its error as it is. That a question was not sent does not say that the payment was not.",
		check:   checkRefusedQuery,
	}
}

func checkRefusedQuery(ctx context.Context, b *bench) (string, error) {
	cut, err := b.open(ctx, b.proxy.refusing())
	if err != nil {
		return "", err
	}
	if b.can.Can(sdk.OperationList) {
		_, err := cut.ListTransactions(ctx, sdk.ListRequest{From: time.Now().Add(-listRange), To: time.Now()})
		if err == nil {
			return "", broken("a list that nobody gave is empty, and no fault")
		}
		if err := saysNothing(answer{err: err}); err != nil {
			return "", err
		}
	}
	return b.each(func(kind sdk.Kind) (string, error) {
		if !b.can.Can(sdk.OperationQuery) {
			return "the list fails, and says nothing", nil
		}
		o, created, err := b.create(ctx, kind, b.usual(kind))
		if err != nil {
			return "", err
		}
		a := answerOf(cut.QueryStatus(ctx, o.attempt))
		return "created " + created.outcome().String() + ", then nothing is said", saysNothing(a)
	})
}

// saysNothing is broken where the answer to a question that reached nobody says
// something of the attempt.
func saysNothing(a answer) error {
	if a.err == nil && a.Outcome != sdk.OutcomeUnknown {
		return broken("it answers %s", a)
	}
	if fault, ok := errors.AsType[*sdk.Error](a.err); ok && fault.Sent == sdk.NotSent {
		return broken("its fault says not sent: %v", a.err)
	}
	return nil
}
