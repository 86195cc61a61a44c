package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	// textMax bounds texts that people read, in characters.
	textMax = 100
	// refMax is the longest reference that the contract allows.
	refMax = 36
)

// order is the body of collect and payout. Its bytes depend on the request and
// the settings alone. Its field names are assumed, callback_url and
// reference_number are named after what the documents say of them.
type order struct {
	ReferenceNumber string      `json:"reference_number"`
	Amount          json.Number `json:"amount"`
	Currency        string      `json:"currency"`
	Country         string      `json:"country"`
	Network         string      `json:"network"`
	MSISDN          string      `json:"msisdn,omitempty"`
	CallbackURL     string      `json:"callback_url,omitempty"`
	Description     string      `json:"description,omitempty"`
	CustomerName    string      `json:"customer_name,omitempty"`
	RecipientName   string      `json:"recipient_name,omitempty"`
	BankCode        string      `json:"bank_code,omitempty"`
	AccountNumber   string      `json:"account_number,omitempty"`
}

// refusal says why a request is not sent.
type refusal struct {
	reason  sdk.Reason
	message string
}

func invalid(message string) *refusal { return &refusal{sdk.ReasonInvalidRequest, message} }

func unsupported(message string) *refusal { return &refusal{sdk.ReasonNotSupported, message} }

// result is the refusal as the answer of a create call: nothing was created.
func (r *refusal) result() sdk.Result {
	return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: r.reason, Message: r.message}
}

// deal is what collections and payouts have in common.
type deal struct {
	ref         string
	amount      money.Amount
	country     string
	description string
	notifyURL   string
}

// orderOf makes the common part of a body, or says why EnovePay would not take it.
func orderOf(d deal) (order, market, *refusal) {
	place, served := marketOf(d.country)
	currency := d.amount.Currency()
	switch {
	case d.country == "":
		return order{}, market{}, invalid("country is missing")
	case !served:
		return order{}, market{}, unsupported("EnovePay does not serve " + d.country)
	case currency != place.currency:
		return order{}, market{}, unsupported("EnovePay takes " + place.currency.String() + " in " + d.country)
	case !validReference(d.ref):
		return order{}, market{}, invalid("the attempt's reference must have 1 to 36 letters, digits or hyphens")
	}
	if refused := checkCallback(d.notifyURL); refused != nil {
		return order{}, market{}, refused
	}
	number, refused := place.number(d.amount)
	if refused != nil {
		return order{}, market{}, refused
	}
	return order{
		ReferenceNumber: d.ref, Amount: number, Currency: currency.String(), Country: d.country,
		CallbackURL: d.notifyURL, Description: shortened(d.description),
	}, place, nil
}

// collectionOf makes the body of collect.
func (p *provider) collectionOf(req sdk.PaymentRequest) (order, *refusal) {
	body, place, refused := orderOf(deal{req.Ref, req.Amount, req.Country, req.Description, req.NotifyURL})
	if refused != nil {
		return order{}, refused
	}
	body.CustomerName = shortened(nameOf(req.Customer))
	return body, body.toWallet(place, req.Method, req.Network, req.Customer.Phone)
}

// payoutOf makes the body of payout, to a wallet or a bank account.
func (p *provider) payoutOf(req sdk.PayoutRequest) (order, *refusal) {
	body, place, refused := orderOf(deal{req.Ref, req.Amount, req.Country, req.Description, req.NotifyURL})
	if refused != nil {
		return order{}, refused
	}
	// Never shortened: banks compare it with the account's holder.
	if body.RecipientName = nameOf(req.Recipient); body.RecipientName == "" {
		return order{}, invalid("recipient.name is missing")
	}
	if req.Method == methodBank || req.Network == networkBank {
		return body, body.toBank(place, req)
	}
	return body, body.toWallet(place, req.Method, req.Network, req.Recipient.Phone)
}

func (o *order) toWallet(place market, method, network, phone string) *refusal {
	switch {
	case method != "" && method != methodAny && method != methodMobile:
		return unsupported("EnovePay takes mobile_money, and bank_transfer for payouts in NG")
	case network == "":
		return invalid("network is missing")
	case !slices.Contains(place.networks, network):
		return unsupported("EnovePay does not serve " + network + " in " + place.country)
	}
	number, valid := place.validPhone(phone)
	if !valid {
		return invalid("the phone is missing or not a number of " + place.country + " in international form")
	}
	o.Network, o.MSISDN = network, number
	return nil
}

func (o *order) toBank(place market, req sdk.PayoutRequest) *refusal {
	account := req.BankAccount
	switch {
	case !place.bank:
		return unsupported("EnovePay pays to no bank account in " + place.country)
	case req.Method == methodMobile, req.Network != "" && req.Network != networkBank:
		return invalid("method and network do not go together: a bank account is bank_transfer with BANK")
	case account == nil || account.BankCode == "" || account.AccountNumber == "":
		return invalid("recipient.bank_account needs bank_code and account_number")
	}
	o.Network, o.BankCode, o.AccountNumber = networkBank, account.BankCode, account.AccountNumber
	return nil
}

// number writes the amount as a JSON number with the decimals that EnovePay
// gets. It refuses what would have to be rounded.
func (m market) number(a money.Amount) (json.Number, *refusal) {
	if !a.IsPositive() {
		return "", invalid("amount must be above zero")
	}
	if step := m.stepAmount(); !step.IsZero() {
		if whole, err := a.MultipleOf(step); err != nil || !whole {
			return "", invalid("amount must be a multiple of " + step.String() + ", it is never rounded")
		}
	}
	text := a.Decimal()
	if m.decimals == 0 {
		text, _, _ = strings.Cut(text, ".")
	}
	return json.Number(text), nil
}

func validReference(ref string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
	return ref != "" && len(ref) <= refMax && strings.Trim(ref, allowed) == ""
}

// checkCallback refuses an address that EnovePay does not call. Without one it
// calls the address of the account.
func checkCallback(text string) *refusal {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return invalid("the notification URL is not an absolute https URL: set the engine's public URL")
	}
	if u.Scheme == "https" || u.Scheme == "http" && sdk.IsLoopback(u.Hostname()) {
		return nil
	}
	return invalid("the notification URL must be https: EnovePay calls no other")
}

func nameOf(c sdk.Customer) string { return strings.TrimSpace(c.Name + " " + c.Surname) }

// shortened cuts a text that only people read.
func shortened(text string) string {
	runes := []rune(strings.TrimSpace(text))
	return strings.TrimSpace(string(runes[:min(len(runes), textMax)]))
}
