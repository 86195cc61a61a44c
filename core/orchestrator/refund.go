package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Refund gives a payment back, whole or in part, at the account of the attempt
// that took the money and nowhere else. It answers as Pay does. It returns
// ErrNotFound, ErrNotAllowed where the payment cannot be refunded,
// ErrInvalidRequest where the amount is more than is left, ErrNotSupported where
// the account has no refunds, and the problems of Pay.
func (o *Orchestrator) Refund(ctx context.Context, req core.RefundRequest) (core.Answer, error) {
	if err := checkRefund(req); err != nil {
		return core.Answer{}, err
	}
	key := o.key(req.Caller, "POST /v1/payments/"+req.Payment+"/refunds", req.IdempotencyKey, req.Fingerprint, req)
	return o.take(ctx, key, func(row core.IdempotencyRow) (*run, error) { return o.acceptRefund(ctx, req, row) })
}

// acceptRefund commits the refund with its reservation at the payment. A payment
// that changed meanwhile is read again: two refunds never share what is left.
func (o *Orchestrator) acceptRefund(ctx context.Context, req core.RefundRequest, row core.IdempotencyRow) (*run, error) {
	defer o.turns.take(req.Payment)()
	for range conflictsMax {
		payment, err := o.Ledger.Transaction(ctx, req.Payment)
		if err != nil {
			return nil, fmt.Errorf("orchestrator: %s: %w", req.Payment, err)
		}
		if payment.Kind != sdk.KindPayment {
			return nil, fmt.Errorf("orchestrator: %s is no payment: %w", req.Payment, core.ErrNotFound)
		}
		tx, account, err := o.refund(req, payment, row.CreatedAt)
		if err != nil {
			return nil, err
		}
		r, err := o.acceptRefundOf(ctx, req, payment, tx, account, row)
		if !errors.Is(err, core.ErrConflict) {
			return r, err
		}
	}
	return nil, fmt.Errorf("orchestrator: %s: %w", req.Payment, core.ErrConflict)
}

func (o *Orchestrator) acceptRefundOf(
	ctx context.Context, req core.RefundRequest, payment, tx core.Transaction, account string, row core.IdempotencyRow,
) (*run, error) {
	after := tx
	after.State = core.StateProcessing
	if tx.Manual {
		after.State = core.StateSucceeded
	}
	reserved, err := machine.Refund(payment, core.Transaction{}, after)
	if err != nil {
		return nil, err
	}
	with := core.Commit{Transactions: []core.Change{{Transaction: reserved, Was: payment.Version}}}
	if tx.Manual {
		with.Audit = []core.AuditEntry{o.audit(req.Caller, "manual refund", tx.ID, req.Reason)}
		return o.acceptAlone(ctx, tx, row, with)
	}
	permit, err := o.Accounts.Acquire(account)
	if err != nil {
		return nil, err
	}
	r := &run{permit: permit, until: row.CreatedAt.Add(o.Deadline), row: &row, done: make(chan struct{})}
	if err := o.open(ctx, r, tx, with); err != nil {
		permit.Release()
		return nil, err
	}
	return r, nil
}

// refund is the transaction as it was asked for, and the account that must give
// the money back.
func (o *Orchestrator) refund(req core.RefundRequest, payment core.Transaction, now time.Time) (core.Transaction, string, error) {
	paid, err := paidAttempt(payment, req.Attempt)
	if err != nil {
		return core.Transaction{}, "", err
	}
	if !req.Manual && o.lacksRefunds(paid.Account) {
		return core.Transaction{}, "", &core.Problem{
			Code:   core.ErrNotSupported.Code,
			Detail: paid.Account + " has no refunds; give the money back in the provider's portal and record it with manual: true",
		}
	}
	amount, err := refundAmount(req.Amount, paid)
	if err != nil {
		return core.Transaction{}, "", err
	}
	tx := o.blank(sdk.KindRefund, req.Caller, amount, now)
	tx.Merchant, tx.Reference, tx.Description, tx.Metadata = payment.Merchant, req.Reference, req.Reason, maps.Clone(req.Metadata)
	tx.Country, tx.Method, tx.Network, tx.Customer = payment.Country, payment.Method, payment.Network, payment.Customer
	tx.Parent, tx.ParentAttempt, tx.Manual = payment.ID, paid.ID, req.Manual
	tx.Route = core.Route{Rule: "refund", Candidates: []string{paid.Account}, MaxAttempts: 1}
	return tx, paid.Account, nil
}

// lacksRefunds reports whether the account cannot give money back. One whose
// plugin has not said yet what it can do is not ready, which is another matter:
// nobody should give the money back by hand because of it.
func (o *Orchestrator) lacksRefunds(account string) bool {
	standing, configured := o.Accounts.Standing(account)
	known := len(standing.Capabilities.Operations) > 0
	return (known || !configured) && !standing.Capabilities.Can(sdk.OperationRefund)
}

// paidAttempt is the attempt to refund: the one named, else the one that
// succeeded first.
func paidAttempt(payment core.Transaction, id string) (core.Attempt, error) {
	var first core.Attempt
	for _, a := range payment.Attempts {
		if a.ID == id && id != "" {
			return a, nil
		}
		if a.State == core.AttemptSucceeded && (first.ID == "" || a.EndedAt.Before(first.EndedAt)) {
			first = a
		}
	}
	switch {
	case id != "":
		return first, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: payment.ID + " has no attempt " + id,
			Fields: []core.FieldError{{Location: "attempt", Message: "is not an attempt of this payment"}},
		}
	case first.ID == "":
		return first, &core.Problem{
			Code:   core.ErrNotAllowed.Code,
			Detail: fmt.Sprintf("%s is %s; only what succeeded can be refunded", payment.ID, payment.State),
		}
	default:
		return first, nil
	}
}

// refundAmount is what was asked for, else all that is left.
func refundAmount(asked money.Amount, paid core.Attempt) (money.Amount, error) {
	if !asked.IsZero() {
		if asked.Currency() == paid.Confirmed.Currency() {
			return asked, nil
		}
		return asked, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: "the payment was in " + paid.Confirmed.Currency().String(),
			Fields: []core.FieldError{{Location: "amount", Message: "must be in the currency of the payment"}},
		}
	}
	left, err := paid.Confirmed.Sub(paid.Reserved)
	if err != nil || !left.IsPositive() {
		return left, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: "nothing is left to refund of " + paid.ID}
	}
	return left, nil
}

// withParent adds to a refund's commit what it changes at its payment. A late
// success that would give back more than the payment took is told to the machine
// before, which sends it to review.
func (o *Orchestrator) withParent(ctx context.Context, before, after core.Transaction, commit *core.Commit) error {
	if after.Kind != sdk.KindRefund || before.State == after.State {
		return nil
	}
	payment, err := o.Ledger.Transaction(ctx, after.Parent)
	if err != nil {
		return fmt.Errorf("orchestrator: %s: %w", after.Parent, err)
	}
	changed, err := machine.Refund(payment, before, after)
	if err != nil {
		return err
	}
	commit.Transactions = append(commit.Transactions, core.Change{Transaction: changed, Was: payment.Version})
	return nil
}

// overRefund reports whether a success of a refund that had ended would give
// back more than its payment's attempt took.
func (o *Orchestrator) overRefund(ctx context.Context, tx core.Transaction) bool {
	if tx.Kind != sdk.KindRefund || !tx.State.Final() {
		return false
	}
	payment, err := o.Ledger.Transaction(ctx, tx.Parent)
	if err != nil {
		return true // A person looks at what cannot be checked.
	}
	after := tx
	after.State = core.StateSucceeded
	_, err = machine.Refund(payment, tx, after)
	return err != nil
}
