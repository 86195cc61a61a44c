package main

import (
	"strings"

	"github.com/paymux/paymux/sdk"
)

// The methods that a transfer inside the app can stand for.
const (
	methodWallet   = "wallet"
	methodTransfer = "bank_transfer"
)

// An international number has 8 to 15 digits.
const (
	phoneDigitsMin = 8
	phoneDigitsMax = 15
)

const phoneForm = "customer.phone must be + and 8 to 15 digits, such as +905321234567"

// refusal says why Cenoa is not asked.
type refusal struct {
	reason  sdk.Reason
	message string
}

func invalid(message string) *refusal { return &refusal{sdk.ReasonInvalidRequest, message} }

// result is the refusal as the answer of a create call: nothing was created.
func (r *refusal) result() sdk.Result {
	return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: r.reason, Message: r.message}
}

// objection is why the payment cannot be made with Cenoa; nil where it can.
func (p *provider) objection(req sdk.PaymentRequest) *refusal {
	if currency := req.Amount.Currency(); currency != p.settings.currency {
		return &refusal{sdk.ReasonNotSupported, "the Cenoa account holds " + p.settings.currency.String() + ", not " + currency.String()}
	}
	switch req.Method {
	case "", "any", methodWallet, methodTransfer:
	default:
		return &refusal{sdk.ReasonNotSupported, "Cenoa takes " + methodWallet + " and " + methodTransfer}
	}
	if !req.Amount.IsPositive() {
		return invalid("amount must be above zero")
	}
	return objectionToCustomer(req.Customer)
}

func objectionToCustomer(c sdk.Customer) *refusal {
	if c.ProviderCustomer == "" && c.Phone == "" {
		return invalid("Cenoa needs customer.phone, the number of the customer's Cenoa account")
	}
	if c.ProviderCustomer == "" && !validPhone(c.Phone) {
		return invalid(phoneForm)
	}
	if c.ProviderCustomer != "" && (len(c.ProviderCustomer) > idMax || strings.TrimSpace(c.ProviderCustomer) == "") {
		return invalid("customer.provider_customer must be Cenoa's id of the customer, as a look-up tells it")
	}
	return nil
}

// validPhone reports whether phone is in E.164 form.
func validPhone(phone string) bool {
	number, international := strings.CutPrefix(phone, "+")
	return international && allDigits(number) && len(number) >= phoneDigitsMin && len(number) <= phoneDigitsMax
}

// ordered says what to send and by when, and which transfer pays the order. The
// plugin matches nothing and keeps nothing: the engine does both.
func (p *provider) ordered(req sdk.PaymentRequest, customer found) sdk.Result {
	match := sdk.Match{Customer: customer.userID, Amount: req.Amount, From: customer.at, Until: req.ExpiresAt}
	if match.Until.IsZero() {
		match.Until = match.From.Add(p.settings.matchWindow)
	}
	if !match.Until.After(match.From) {
		return invalid("expires_at is over by Cenoa's clock").result()
	}
	return sdk.Result{
		Outcome: sdk.OutcomeRequiresAction,
		Match:   &match,
		NextAction: &sdk.NextAction{
			Type: sdk.ActionTransfer, Instructions: instructions(req, customer), Amount: req.Amount, Until: match.Until,
		},
	}
}

// instructions show the masked e-mail, by which a customer sees whether the
// phone led to their own account.
func instructions(req sdk.PaymentRequest, customer found) string {
	from := ""
	if customer.email != "" {
		from = " from your account " + customer.email
	}
	return "In the Cenoa app, send exactly " + req.Amount.String() + " to the merchant" + from +
		". Another amount or another account cannot be matched to this payment."
}
