package main

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	// textMax is the length, in characters, at which CinetPay is said to cut
	// texts without a word.
	textMax = 255
	// refMax is the shortest limit that anybody claims for transaction_id.
	refMax = 25
	// forbidden are the characters that init refuses in texts.
	forbidden = "#/$_&"
)

// The engine's words for methods that CinetPay serves.
const (
	methodAny    = "any"
	methodMobile = "mobile_money"
)

// order is the body of init. Its bytes depend on the request and the settings
// alone.
type order struct {
	APIKey        string `json:"apikey"`
	SiteID        string `json:"site_id"`
	TransactionID string `json:"transaction_id"`
	Amount        int64  `json:"amount"`
	Currency      string `json:"currency"`
	Description   string `json:"description"`
	NotifyURL     string `json:"notify_url"`
	ReturnURL     string `json:"return_url"`
	Channels      string `json:"channels"`
	Lang          string `json:"lang"`
	Metadata      string `json:"metadata"`
	payer
}

// refusal says why a request is not sent.
type refusal struct {
	reason  sdk.Reason
	message string
}

func invalid(message string) *refusal { return &refusal{sdk.ReasonInvalidRequest, message} }

// result is the refusal as the answer of a create call: nothing was created.
func (r *refusal) result() sdk.Result {
	return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: r.reason, Message: r.message}
}

// orderOf makes the body of init, or says why CinetPay would not take it.
func (p *provider) orderOf(req sdk.PaymentRequest) (order, *refusal) {
	body := order{
		APIKey: p.settings.apiKey.Reveal(), SiteID: p.settings.siteID, TransactionID: req.Ref,
		Currency: req.Amount.Currency().String(), Description: p.description(req),
		NotifyURL: req.NotifyURL, ReturnURL: req.ReturnURL, Lang: p.lang(req.Language),
		// Never the merchant's metadata: JSON in it is refused by the firewall.
		Metadata: base64.StdEncoding.EncodeToString([]byte(req.TransactionID)),
	}
	var refused *refusal
	if body.Amount, refused = p.units(req); refused != nil {
		return order{}, refused
	}
	if body.Channels, refused = p.channels(req.Method); refused != nil {
		return order{}, refused
	}
	if body.payer, refused = payerOf(req); refused != nil {
		return order{}, refused
	}
	return body, body.objection()
}

// objection is the first text of the order that CinetPay would refuse or cut.
func (o order) objection() *refusal {
	if refused := referenceObjection(o.TransactionID); refused != nil {
		return refused
	}
	switch {
	case strings.ContainsAny(o.Description, forbidden):
		return invalid("description holds one of # / $ _ &, which CinetPay refuses")
	case utf8.RuneCountInString(o.Description) > textMax:
		return invalid("description is longer than 255 characters, which CinetPay would cut")
	case len(o.Metadata) > textMax:
		return invalid("the transaction's id is too long for CinetPay's metadata")
	}
	if refused := publicURL("notify_url", o.NotifyURL); refused != nil {
		return refused
	}
	return publicURL("return_url", o.ReturnURL)
}

// referenceObjection refuses a reference that CinetPay would not take or cut.
func referenceObjection(ref string) *refusal {
	switch {
	case ref == "" || len(ref) > refMax:
		return invalid("the attempt's reference must have 1 to 25 characters")
	case strings.ContainsAny(ref, forbidden):
		return invalid("the attempt's reference holds one of # / $ _ &, which CinetPay refuses")
	default:
		return nil
	}
}

// publicURL refuses an address that CinetPay does not take.
func publicURL(name, text string) *refusal {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return invalid(name + " is not an absolute http or https URL: set the engine's public URL")
	}
	if isLocalhost(u.Hostname()) {
		return invalid(name + " is on localhost, which CinetPay refuses: set the engine's public URL to a tunnel, or to 127.0.0.1 in tests")
	}
	return nil
}

// units converts the amount into whole units and holds it against the limits.
func (p *provider) units(req sdk.PaymentRequest) (int64, *refusal) {
	currency := req.Amount.Currency()
	fitting := narrow(p.settings.corridors, req.Country, currency)
	if len(fitting) == 0 {
		return 0, &refusal{sdk.ReasonNotSupported, "the account does not take " + currency.String() + " in this country"}
	}
	units, refused := wholeUnits(req.Amount, fitting[0].step())
	if refused != nil {
		return 0, refused
	}
	for _, c := range fitting {
		if c.min <= units && units <= c.max {
			return units, nil
		}
	}
	return 0, &refusal{sdk.ReasonLimitExceeded, "amount is outside of CinetPay's limits for " + currency.String()}
}

// wholeUnits converts an amount without rounding it.
func wholeUnits(amount money.Amount, step int64) (int64, *refusal) {
	minor := minorPerUnit(amount.Currency())
	if amount.Minor()%minor != 0 {
		return 0, invalid("amount must be in whole units of " + amount.Currency().String())
	}
	units := amount.Minor() / minor
	if units%step != 0 {
		return 0, invalid("amount must be a multiple of 5 " + amount.Currency().String())
	}
	return units, nil
}

func (p *provider) channels(method string) (string, *refusal) {
	switch method {
	case "", methodAny:
		return p.settings.channels, nil
	case methodMobile:
		return channelMobile, nil
	case "card":
		return channelCard, nil
	case "wallet":
		return channelWallet, nil
	default:
		return "", &refusal{sdk.ReasonNotSupported, "CinetPay takes mobile_money, card and wallet"}
	}
}

// lang is the payment's language where CinetPay's page knows it.
func (p *provider) lang(asked string) string {
	switch asked = strings.ToLower(asked); asked {
	case french, english:
		return asked
	default:
		return p.settings.lang
	}
}

// description is the merchant's, or one with the reference, because CinetPay
// wants one.
func (p *provider) description(req sdk.PaymentRequest) string {
	switch {
	case strings.TrimSpace(req.Description) != "":
		return req.Description
	case p.lang(req.Language) == english:
		return "Payment " + req.Ref
	default:
		return "Paiement " + req.Ref
	}
}
