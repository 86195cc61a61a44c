package orchestrator

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/paymux/paymux/core"
)

// replay answers a request whose key is known. It reports false where the key
// is new. A key that is being answered at this moment is ErrIdempotencyInFlight.
func (o *Orchestrator) replay(ctx context.Context, scope core.IdempotencyScope, print []byte) (core.Answer, bool, error) {
	row, err := o.Ledger.Idempotency(ctx, scope)
	switch {
	case errors.Is(err, core.ErrNotFound):
		return core.Answer{}, false, nil
	case err != nil:
		return core.Answer{}, true, refusal(err)
	case string(row.Fingerprint) != string(print):
		return core.Answer{}, true, &core.Problem{
			Code:        core.ErrIdempotencyKeyReused.Code,
			Detail:      "this Idempotency-Key was used for another request; use a new key for a new request",
			Transaction: row.Transaction,
		}
	case row.Answered != nil:
		return core.Answer{Transaction: *row.Answered, Replayed: true}, true, nil
	case !o.free(row):
		return core.Answer{}, true, inFlight(row.Until.Sub(o.Now()))
	default:
		answer, err := o.adopt(ctx, row)
		return answer, true, err
	}
}

// free reports whether nobody is answering the row any more: its time is over,
// or its process is gone, which the store's lock proves.
func (o *Orchestrator) free(row core.IdempotencyRow) bool {
	return row.CreatedAt.Before(o.startedAt) || !o.Now().Before(row.Until)
}

// adopt answers a row whose owner is gone with the transaction as it stands,
// and records that as the answer. Nothing is executed again.
func (o *Orchestrator) adopt(ctx context.Context, row core.IdempotencyRow) (core.Answer, error) {
	tx, err := o.Ledger.Transaction(ctx, row.Transaction)
	if err != nil {
		return core.Answer{}, refusal(err)
	}
	commit := core.Commit{Idempotency: []core.IdempotencyWrite{{Row: answered(row, tx, o.Now())}}}
	if err := o.apply(ctx, commit); err != nil {
		o.Logger.Error("answer not recorded", "transaction", tx.ID, "error", err)
	}
	return core.Answer{Transaction: tx, Replayed: true}, nil
}

func answered(row core.IdempotencyRow, tx core.Transaction, at time.Time) core.IdempotencyRow {
	row.DoneAt, row.Answered = at, &tx
	return row
}

func inFlight(wait time.Duration) error {
	return &core.Problem{
		Code:       core.ErrIdempotencyInFlight.Code,
		Detail:     "a request with this Idempotency-Key is being answered; repeat it later, with the same key",
		RetryAfter: max(wait, time.Second),
	}
}

// fingerprint is of everything that was asked for, for callers that bring none of their own.
func fingerprint(req core.PaymentRequest) []byte {
	req.Caller, req.IdempotencyKey, req.Fingerprint = core.Caller{}, "", nil
	// Only plain data is in a request: there is nothing that could not be encoded.
	text, _ := json.Marshal(struct {
		core.PaymentRequest
		Amount string
	}{req, req.Amount.String()})
	sum := sha256.Sum256(text)
	return sum[:]
}
