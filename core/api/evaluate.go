package api

import (
	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Evaluate is the body of POST /v1/routing/evaluate: a payment or a payout that is
// not made. What an account needs must be in it, as in the real one.
type Evaluate struct {
	Kind        string            `json:"kind,omitempty" enum:"payment,payout" doc:"payment where absent"`
	ID          string            `json:"id,omitempty" maxLength:"255" doc:"What split, percent and sticky go by where the customer has no id; a new one where absent" example:"pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG"`
	At          string            `json:"at,omitempty" doc:"RFC 3339 time to decide at, for rules with hours; now where absent" example:"2026-11-20T10:00:00Z"`
	Merchant    string            `json:"merchant,omitempty" maxLength:"64" doc:"The key's own where absent"`
	Reference   string            `json:"reference,omitempty" maxLength:"255"`
	Amount      string            `json:"amount" doc:"Decimal string in major units, at most 15 digits in all" example:"5000"`
	Currency    string            `json:"currency" doc:"ISO 4217 code" example:"XOF"`
	Country     string            `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 code" example:"CI"`
	Method      string            `json:"method,omitempty" enum:"mobile_money,card,wallet,bank_transfer,any" doc:"any where absent"`
	Network     string            `json:"network,omitempty" enum:"ORANGE,MTN,MOOV,WAVE,FREE,EXPRESSO,TMONEY,AIRTEL,VODAFONE,AIRTELTIGO,MPESA,BANK"`
	Provider    string            `json:"provider,omitempty" doc:"Exactly this account" example:"acme-ci"`
	Description string            `json:"description,omitempty" maxLength:"500"`
	Customer    PaymentCustomer   `json:"customer,omitzero" doc:"The payer; of a payout the recipient"`
	Recipient   Recipient         `json:"recipient,omitzero" doc:"Of a payout, in place of customer"`
	ReturnURL   string            `json:"return_url,omitempty"`
	ExpiresIn   string            `json:"expires_in,omitempty"`
	Language    string            `json:"language,omitempty" doc:"ISO 639-1, lower case" example:"fr"`
	Metadata    map[string]string `json:"metadata,omitempty" maxProperties:"50"`
	Card        bool              `json:"card,omitempty" doc:"The payment carries raw card data. Never send a card here"`
}

// Evaluation is what the routing rules make of an Evaluate.
type Evaluation struct {
	Rule       string             `json:"rule" doc:"The rule that matched, default where none did"`
	Generation uint64             `json:"generation" doc:"Number of the rules, counted up by every reload"`
	Denied     string             `json:"denied,omitempty" doc:"Why the rule denies it; absent where it does not"`
	Candidates []EvaluatedAccount `json:"candidates" nullable:"false" doc:"The accounts in the order of trial"`
	Removed    []EvaluatedAccount `json:"removed" nullable:"false" doc:"The others that the rule names, with why they are left out"`
	Rules      []EvaluatedRule    `json:"rules" nullable:"false" doc:"Every rule in its order"`
}

// EvaluatedAccount is an account that is a candidate or was left out.
type EvaluatedAccount struct {
	Provider string `json:"provider" example:"acme-ci"`
	Reason   string `json:"reason"`
}

// EvaluatedRule is one rule with why it matched or not.
type EvaluatedRule struct {
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
}

// Evaluate reads the body of an evaluation. What is left out of ID, Merchant and At
// is left to be filled in. It returns a core.ErrInvalidRequest that names every
// wrong field.
func (b Body) Evaluate() (core.Sample, error) {
	f := fieldsOf(b)
	tx := core.Transaction{
		Kind:        sdk.Kind(f.choice("kind", string(sdk.KindPayment), []string{string(sdk.KindPayment), string(sdk.KindPayout)})),
		ID:          f.plain("id"), // Random: what looks like a card in it is none.
		Merchant:    f.text("merchant", accountMax),
		Reference:   f.text("reference", referenceMax),
		Amount:      f.amount("amount", f.currency("currency")),
		Country:     f.country("country"),
		Method:      f.choice("method", "any", methods()),
		Network:     f.choice("network", "", networks()),
		Provider:    f.account("provider"),
		Description: f.text("description", descriptionMax),
		ReturnURL:   f.returnURL("return_url"),
		ExpiresIn:   f.expiresIn("expires_in"),
		Language:    f.language("language"),
		Metadata:    f.metadata("metadata"),
	}
	f.evaluatedCustomer(&tx)
	at, card := f.time("at"), f.flag("card")
	f.rest()
	if err := f.problem(); err != nil {
		return core.Sample{}, err
	}
	tx.Route.At, tx.Route.Card = at, card
	return tx.Sample(), nil
}

func (f *fields) evaluatedCustomer(tx *core.Transaction) {
	tx.Customer = f.object("customer").customer(tx.Country)
	switch {
	case !f.has("recipient"):
	case tx.Kind != sdk.KindPayout:
		f.refuse("recipient", "is of payouts only: a payment has a customer")
	case f.has("customer"):
		f.refuse("recipient", "and customer are the same of a payout: send one")
	default:
		req := core.PayoutRequest{Country: tx.Country}
		f.recipient("recipient", &req)
		tx.Customer, tx.BankAccount = req.Recipient, req.BankAccount
	}
}

// EvaluationOf returns the public form of a choice with its rules.
func EvaluationOf(c core.Choice) Evaluation {
	shown := Evaluation{
		Rule: c.Rule, Generation: c.Generation, Denied: c.Denied,
		Candidates: []EvaluatedAccount{}, Removed: []EvaluatedAccount{}, Rules: []EvaluatedRule{},
	}
	for _, one := range c.Candidates {
		shown.Candidates = append(shown.Candidates, EvaluatedAccount{Provider: one.Account, Reason: one.Reason})
	}
	for _, one := range c.Removed {
		shown.Removed = append(shown.Removed, EvaluatedAccount{Provider: one.Account, Reason: masker{}.text(one.Reason)})
	}
	for _, one := range c.Rules {
		shown.Rules = append(shown.Rules, EvaluatedRule{Name: one.Name, Matched: one.Matched, Why: masker{}.text(one.Why)})
	}
	return shown
}
