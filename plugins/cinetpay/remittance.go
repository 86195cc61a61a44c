package main

import (
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/money"
)

// contact is a receiver as the transfer API wants to know it before a transfer.
type contact struct {
	Prefix  string `json:"prefix"`
	Phone   string `json:"phone"`
	Name    string `json:"name"`
	Surname string `json:"surname"`
	Email   string `json:"email"`
}

// transfer is one item of send. It names no payment_method, because a wrong one
// is refused and CinetPay finds the operator by the number.
type transfer struct {
	Prefix              string `json:"prefix"`
	Phone               string `json:"phone"`
	Amount              int64  `json:"amount"`
	NotifyURL           string `json:"notify_url"`
	ClientTransactionID string `json:"client_transaction_id"`
}

// remittance is what a payout sends. Its bytes depend on the request alone.
type remittance struct {
	contact  contact
	transfer transfer
}

// remittanceOf makes the bodies of contact and send, or says why CinetPay would
// not take them.
func (p *provider) remittanceOf(req sdk.PayoutRequest) (remittance, *refusal) {
	if refused := toPhone(req); refused != nil {
		return remittance{}, refused
	}
	place, refused := p.destinationFor(req)
	if refused != nil {
		return remittance{}, refused
	}
	units, refused := place.units(req.Amount)
	if refused != nil {
		return remittance{}, refused
	}
	// destinationFor has seen that the number is the place's.
	local, _ := place.local(req.Recipient.Phone)
	body := remittance{
		contact{place.prefix, local, req.Recipient.Name, req.Recipient.Surname, req.Recipient.Email},
		transfer{place.prefix, local, units, req.NotifyURL, req.Ref},
	}
	return body, body.objection()
}

// toPhone refuses a payout that is meant for anything but a phone number.
func toPhone(req sdk.PayoutRequest) *refusal {
	method := req.Method == "" || req.Method == methodAny || req.Method == methodMobile
	if !method || req.Network == "BANK" || req.BankAccount != nil {
		return &refusal{sdk.ReasonNotSupported, "CinetPay pays out by mobile_money to a phone number only"}
	}
	return nil
}

// destinationFor is the country of the recipient's phone, if it is the payout's
// and the account pays out there.
func (p *provider) destinationFor(req sdk.PayoutRequest) (destination, *refusal) {
	const advice = "recipient.phone is not a number that CinetPay pays out to, in international form such as +2250707123456"
	place, known := destinationOf(req.Recipient.Phone)
	if !known {
		return destination{}, invalid(advice)
	}
	if _, valid := place.local(req.Recipient.Phone); !valid {
		return destination{}, invalid(advice)
	}
	if req.Country != "" && req.Country != place.country {
		return destination{}, invalid("recipient.phone is a number of " + place.country + ", and the payout's country is " + req.Country)
	}
	currency := req.Amount.Currency()
	if !slices.Contains(narrowDestinations(p.settings.destinations, "", currency), place) {
		return destination{}, &refusal{sdk.ReasonNotSupported, "the account does not pay out " + currency.String() + " in " + place.country}
	}
	return place, nil
}

// units converts the amount into whole units and holds it against the limits.
func (d destination) units(amount money.Amount) (int64, *refusal) {
	units, refused := wholeUnits(amount, amountStep)
	if refused == nil && units < d.min {
		return 0, &refusal{sdk.ReasonLimitExceeded, "amount is below the " + whole(d.min, d.currency).String() + " that CinetPay pays out at least"}
	}
	return units, refused
}

// objection is the first thing in the bodies that CinetPay would refuse.
func (r remittance) objection() *refusal {
	for _, one := range []struct{ field, value string }{
		{"recipient.name", r.contact.Name}, {"recipient.surname", r.contact.Surname}, {"recipient.email", r.contact.Email},
	} {
		if strings.TrimSpace(one.value) == "" {
			return invalid(one.field + " is missing: CinetPay pays out to contacts with name, surname and email")
		}
	}
	if refused := referenceObjection(r.transfer.ClientTransactionID); refused != nil {
		return refused
	}
	return publicURL("notify_url", r.transfer.NotifyURL)
}

// listOf is a body of contact or send: a form whose field data is a JSON array.
func listOf(item any) ([]byte, error) {
	encoded, err := httpx.Encode([]any{item})
	if err != nil {
		return nil, err
	}
	return []byte(url.Values{"data": {string(encoded)}}.Encode()), nil
}
