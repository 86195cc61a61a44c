package httpapi

import (
	"context"
	"strings"

	"github.com/paymux/paymux/core"
)

// decideInput is a cancel, an approve or a reject.
type decideInput struct {
	ID      string `path:"id"`
	RawBody []byte `contentType:"application/json"`
}

// decision is what somebody decides of a transaction, and why.
type decision func(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error)

// decide returns the handler of a decision on the transactions whose ids begin
// with prefix. Under any other id nothing is there.
func (s *server) decide(prefix string, made decision) func(context.Context, *decideInput) (*transactionOutput, error) {
	return func(ctx context.Context, in *decideInput) (*transactionOutput, error) {
		if !validID(in.ID) || !strings.HasPrefix(in.ID, prefix) {
			return nil, errUnknownTransaction()
		}
		body, err := optionalBody(in.RawBody)
		if err != nil {
			return nil, err
		}
		asked, err := body.Decide()
		if err != nil {
			return nil, err
		}
		tx, err := made(ctx, callerOf(ctx), in.ID, asked.Reason)
		return show(ctx, tx, err)
	}
}
