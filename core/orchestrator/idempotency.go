package orchestrator

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
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
		return core.Answer{}, true, inFlight()
	default:
		answer, err := o.adopt(ctx, scope)
		return answer, true, err
	}
}

// free reports whether nobody is answering the row any more: its time is over,
// or its process is gone, which the store's lock proves.
func (o *Orchestrator) free(row core.IdempotencyRow) bool {
	return row.CreatedAt.Before(o.startedAt) || !o.Now().Before(row.Until)
}

// adopt answers a row whose owner is gone with the transaction as it stands.
// Nothing is executed again. Repeats that come at the same time adopt it once,
// because the transaction may change between two of them, and what cannot be
// recorded is not answered.
func (o *Orchestrator) adopt(ctx context.Context, scope core.IdempotencyScope) (core.Answer, error) {
	name := scope.Merchant + "\n" + scope.Route + "\n" + scope.Key
	_, err, _ := o.adopting.Do(name, func() (any, error) { return nil, o.adoptOnce(scope) })
	if err != nil {
		return core.Answer{}, refusal(err)
	}
	row, err := o.Ledger.Idempotency(ctx, scope)
	if err != nil {
		return core.Answer{}, refusal(err)
	}
	if row.Answered == nil {
		return core.Answer{}, inFlight()
	}
	return core.Answer{Transaction: *row.Answered, Replayed: true}, nil
}

func (o *Orchestrator) adoptOnce(scope core.IdempotencyScope) error {
	row, err := o.Ledger.Idempotency(background(), scope)
	if err != nil || row.Answered != nil {
		return err
	}
	tx, err := o.Ledger.Transaction(background(), row.Transaction)
	if err != nil {
		return err
	}
	failpoint.At("adopt a key: before")
	err = o.apply(background(), core.Commit{Idempotency: []core.IdempotencyWrite{{Row: answered(row, tx, o.Now())}}})
	failpoint.At("adopt a key: after")
	return err
}

func answered(row core.IdempotencyRow, tx core.Transaction, at time.Time) core.IdempotencyRow {
	row.DoneAt, row.Answered = at, &tx
	return row
}

// inFlightWait is when a key that is being answered is worth another try: most
// providers have answered by then.
const inFlightWait = 2 * time.Second

func inFlight() error {
	return &core.Problem{
		Code:       core.ErrIdempotencyInFlight.Code,
		Detail:     "a request with this Idempotency-Key is being answered; repeat it later, with the same key",
		RetryAfter: inFlightWait,
	}
}

// key is the row of a request's idempotency key, before it is known whether
// there is one already. A caller that brings no fingerprint gets one of all that
// was asked for.
func (o *Orchestrator) key(caller core.Caller, route, key string, print []byte, req any) core.IdempotencyRow {
	if len(print) == 0 {
		print = fingerprint(req)
	}
	return core.IdempotencyRow{
		Scope:       core.IdempotencyScope{Merchant: caller.Merchant, Route: route, Key: key},
		Fingerprint: print, CreatedAt: o.Now(),
	}
}

// fingerprint is of everything that was asked for but who asked and under which key.
func fingerprint(req any) []byte {
	switch r := req.(type) {
	case core.PaymentRequest:
		r.Caller, r.IdempotencyKey, r.Fingerprint = core.Caller{}, "", nil
		req = r
	case core.PayoutRequest:
		r.Caller, r.IdempotencyKey, r.Fingerprint = core.Caller{}, "", nil
		req = r
	case core.RefundRequest:
		r.Caller, r.IdempotencyKey, r.Fingerprint = core.Caller{}, "", nil
		req = r
	}
	// Only plain data is in a request: there is nothing that could not be encoded.
	text, _ := json.Marshal(req)
	sum := sha256.Sum256(text)
	return sum[:]
}
