package api

import (
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// Refund is the body of POST /v1/payments/{id}/refunds. It may be left out: then
// all that is left is given back.
type Refund struct {
	Amount    string            `json:"amount,omitempty" doc:"Decimal string in the payment's currency; all that is left where absent" example:"2000"`
	Attempt   string            `json:"attempt,omitempty" doc:"att_ id of the attempt that took the money, the one that succeeded first where absent"`
	Reason    string            `json:"reason,omitempty" maxLength:"500"`
	Reference string            `json:"reference,omitempty" maxLength:"255" doc:"Your own reference, unique among your live and succeeded refunds"`
	Metadata  map[string]string `json:"metadata,omitempty" maxProperties:"50" doc:"Names up to 40 characters, values up to 500"`
	Manual    bool              `json:"manual,omitempty" doc:"Records money that was given back outside. The key needs the scope operator too"`
}

// Refund reads the body of a refund. It returns a core.ErrInvalidRequest that
// names every wrong field. What the amount is worth only the payment tells: For.
func (b Body) Refund() (Refund, error) {
	f := fieldsOf(b)
	refund := Refund{
		Amount:    f.word("amount"),
		Attempt:   f.text("attempt", accountMax),
		Reason:    f.text("reason", descriptionMax),
		Reference: f.text("reference", referenceMax),
		Metadata:  f.metadata("metadata"),
		Manual:    f.flag("manual"),
	}
	f.rest()
	return refund, f.problem()
}

// For returns the request as it is meant for payment: the amount in its currency,
// zero for all that is left. Caller, IdempotencyKey and Fingerprint are left to be
// filled in. It returns a core.ErrInvalidRequest where the amount is none or the
// payment has no such attempt.
func (r Refund) For(payment core.Transaction) (core.RefundRequest, error) {
	req := core.RefundRequest{
		Payment: payment.ID, Attempt: r.Attempt, Reason: r.Reason, Reference: r.Reference, Metadata: r.Metadata, Manual: r.Manual,
	}
	if r.Attempt != "" && !slices.ContainsFunc(payment.Attempts, func(a core.Attempt) bool { return a.ID == r.Attempt }) {
		return core.RefundRequest{}, refuse("body.attempt", "is not an attempt of this payment")
	}
	if r.Amount == "" {
		return req, nil
	}
	amount, err := money.ParsePositive(r.Amount, payment.Amount.Currency())
	if err != nil {
		return core.RefundRequest{}, refuse("body.amount", moneyMessage(r.Amount, err))
	}
	req.Amount = amount
	return req, nil
}
