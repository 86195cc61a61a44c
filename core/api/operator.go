package api

import (
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// Decide is the body of a cancel, an approve, a reject, a drain and a resume. It
// may be left out.
type Decide struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why; kept in the history of a transaction, and in the audit of what operators do"`
}

// Resolve is the body of POST /v1/transactions/{id}/resolve.
type Resolve struct {
	State   string `json:"state" enum:"succeeded,failed,retry" doc:"retry abandons the live attempt and goes to the next account, with duplicate_risk"`
	Attempt string `json:"attempt,omitempty" doc:"att_ id; where absent the one that has money, else the live or latest"`
	Amount  string `json:"amount,omitempty" doc:"With succeeded: what was received, the transaction's amount where absent"`
	Reason  string `json:"reason" maxLength:"500" doc:"Kept in the history and the audit"`
}

// Decide reads the body of a decision. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Decide() (Decide, error) {
	f := fieldsOf(b)
	decide := Decide{Reason: f.text("reason", descriptionMax)}
	f.rest()
	return decide, f.problem()
}

// Resolve reads the body of a resolve. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Resolve() (Resolve, error) {
	f := fieldsOf(b)
	resolve := Resolve{
		State:   f.choice("state", "", []string{"succeeded", "failed", "retry"}),
		Attempt: f.text("attempt", accountMax),
		Amount:  f.word("amount"),
		Reason:  f.text("reason", descriptionMax),
	}
	f.require("state", "is required: succeeded, failed or retry")
	f.require("reason", "is required: say why, it is kept")
	if resolve.Amount != "" && resolve.State != "succeeded" {
		f.refuse("amount", "goes with state succeeded only")
	}
	f.rest()
	return resolve, f.problem()
}

func (f *fields) require(name, message string) {
	if !f.has(name) {
		f.refuse(name, message)
	}
}

// has reports whether a member is there in meaning.
func (f *fields) has(name string) bool {
	value := f.take(name)
	return value != nil && value != ""
}

// For returns the resolution as it is meant for tx: the attempt by its number, the
// amount in the currency of tx. It returns a core.ErrInvalidRequest where tx has
// no such attempt or the amount is not one.
func (r Resolve) For(tx core.Transaction) (core.Resolution, error) {
	resolution := core.Resolution{Verb: r.State, Reason: r.Reason}
	if r.Attempt != "" {
		at := slices.IndexFunc(tx.Attempts, func(a core.Attempt) bool { return a.ID == r.Attempt })
		if at < 0 {
			return core.Resolution{}, refuse("body.attempt", "is not an attempt of this transaction")
		}
		resolution.Attempt = tx.Attempts[at].Number
	}
	if r.Amount != "" {
		amount, err := money.ParsePositive(r.Amount, tx.Amount.Currency())
		if err != nil {
			return core.Resolution{}, refuse("body.amount", moneyMessage(r.Amount, err))
		}
		resolution.Amount = amount
	}
	return resolution, nil
}
