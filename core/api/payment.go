package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Payment is the body of POST /v1/payments. Amount and Currency are always
// required; a provider may need more.
type Payment struct {
	Reference   string            `json:"reference,omitempty" maxLength:"255" doc:"Your own reference, unique among your live and succeeded payments" example:"order-42"`
	Amount      string            `json:"amount" doc:"Decimal string in major units, at most 15 digits in all" example:"5000"`
	Currency    string            `json:"currency" doc:"ISO 4217 code" example:"XOF"`
	Country     string            `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 code" example:"CI"`
	Method      string            `json:"method,omitempty" enum:"mobile_money,card,wallet,bank_transfer,any" doc:"any where absent"`
	Network     string            `json:"network,omitempty" enum:"ORANGE,MTN,MOOV,WAVE,FREE,EXPRESSO,TMONEY,AIRTEL,VODAFONE,AIRTELTIGO,MPESA,BANK"`
	Provider    string            `json:"provider,omitempty" doc:"Exactly this account; the key needs the scope provider:choose" example:"acme-ci"`
	Description string            `json:"description,omitempty" maxLength:"500"`
	Customer    PaymentCustomer   `json:"customer,omitzero"`
	ReturnURL   string            `json:"return_url,omitempty" doc:"https, or http on this machine; where the customer goes afterwards" example:"https://shop.example/return"`
	ExpiresIn   string            `json:"expires_in,omitempty" doc:"The time to pay, 1m to 30d" example:"30m"`
	Language    string            `json:"language,omitempty" doc:"ISO 639-1, lower case" example:"fr"`
	Metadata    map[string]string `json:"metadata,omitempty" maxProperties:"50" doc:"Names up to 40 characters, values up to 500"`
	Card        *PaymentCard      `json:"card,omitempty" doc:"For PCI-certified merchants: the key needs the scope payments:card, and only accounts with card_s2s are asked"`
	Browser     *PaymentBrowser   `json:"browser,omitempty" doc:"For 3-D Secure, beside card"`
}

// PaymentCustomer is the payer.
type PaymentCustomer struct {
	ID               string `json:"id,omitempty" maxLength:"255"`
	Name             string `json:"name,omitempty" maxLength:"100"`
	Surname          string `json:"surname,omitempty" maxLength:"100"`
	Email            string `json:"email,omitempty" maxLength:"254"`
	Phone            string `json:"phone,omitempty" doc:"With + and country code, or as dialled in the country" example:"+2250707123456"`
	Address          string `json:"address,omitempty" maxLength:"255"`
	City             string `json:"city,omitempty" maxLength:"100"`
	State            string `json:"state,omitempty" maxLength:"100"`
	ZIPCode          string `json:"zip_code,omitempty" maxLength:"20"`
	Country          string `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 code"`
	ProviderCustomer string `json:"provider_customer,omitempty" maxLength:"255" doc:"The provider's own id of the customer, from a look-up"`
}

// The bounds of a payment's fields, in characters.
const (
	referenceMax   = 255
	descriptionMax = 500
	nameMax        = 100
	emailMax       = 254 // RFC 5321, the longest address a server must take.
	addressMax     = 255
	zipCodeMax     = 20
	urlMax         = 2048
	accountMax     = 64

	metadataMax      = 50
	metadataNameMax  = 40
	metadataValueMax = 500

	expiresInMin = time.Minute
	expiresInMax = 30 * 24 * time.Hour
)

// Payment reads the body of POST /v1/payments. Caller, IdempotencyKey and
// Fingerprint are left to be filled in. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Payment() (core.PaymentRequest, error) {
	f := fieldsOf(b)
	req := core.PaymentRequest{
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
	req.Customer = f.object("customer").customer(req.Country)
	req.Card, req.Browser = f.card("card"), f.browser("browser")
	f.rest()
	if err := f.problem(); err != nil {
		return core.PaymentRequest{}, err
	}
	return req, nil
}

func methods() []string {
	return []string{"mobile_money", "card", "wallet", "bank_transfer", "any"}
}

func networks() []string {
	return []string{
		"ORANGE", "MTN", "MOOV", "WAVE", "FREE", "EXPRESSO", "TMONEY",
		"AIRTEL", "VODAFONE", "AIRTELTIGO", "MPESA", "BANK",
	}
}

// customer reads the payer. A phone without a country code is one of the
// payment's country, else of the customer's.
func (f *fields) customer(country string) sdk.Customer {
	customer := sdk.Customer{
		ID:               f.text("id", referenceMax),
		Name:             f.text("name", nameMax),
		Surname:          f.text("surname", nameMax),
		Email:            f.email("email"),
		Address:          f.text("address", addressMax),
		City:             f.text("city", nameMax),
		State:            f.text("state", nameMax),
		ZIPCode:          f.text("zip_code", zipCodeMax),
		Country:          f.country("country"),
		ProviderCustomer: f.text("provider_customer", referenceMax),
	}
	region := country
	if region == "" {
		region = customer.Country
	}
	customer.Phone = f.phone("phone", region)
	f.rest()
	return customer
}

func (f *fields) currency(name string) money.Currency {
	code := f.word(name)
	if code == "" {
		f.require(name, "is required: an ISO 4217 code such as XOF")
		return 0
	}
	c, err := money.ParseCurrency(code)
	if err != nil {
		f.refuseWord(name, code, moneyMessage(code, err))
	}
	return c
}

// amount reads an amount of c. Where the currency is wrong too, the amount is
// still checked as text, against a currency with many decimals.
func (f *fields) amount(name string, c money.Currency) money.Amount {
	if _, number := f.members[name].(json.Number); number {
		f.take(name)
		f.refuse(name, `must be a string such as "5000": a JSON number may lose digits on its way`)
		return money.Amount{}
	}
	text := f.word(name)
	if text == "" {
		f.require(name, `is required: a decimal string in major units such as "5000"`)
		return money.Amount{}
	}
	checked := c
	if !c.Valid() {
		checked = money.CLF
	}
	a, err := money.ParsePositive(text, checked)
	if err != nil && (c.Valid() || errors.Is(err, money.ErrSyntax) || errors.Is(err, money.ErrZero)) {
		f.refuseWord(name, text, moneyMessage(text, err))
	}
	return a
}

// moneyMessage is err's text, which repeats what was sent (but no long run of
// digits), or only what to write where that could be something to keep secret.
func moneyMessage(text string, err error) string {
	if harmless(text) != "" || strings.Trim(text, "0123456789.,+-") == "" {
		return err.Error()
	}
	if errors.Is(err, money.ErrCurrency) {
		return "is not a currency: give three capital letters of ISO 4217, such as XOF"
	}
	return `is not an amount: write it like "1500" or "200.50", digits and at most one point`
}

func (f *fields) country(name string) string {
	code := f.word(name)
	if code == "" || isCountry(code) {
		return code
	}
	message := "is not an ISO 3166-1 alpha-2 code such as CI"
	if upper := strings.ToUpper(code); isCountry(upper) {
		message += " (did you mean " + upper + "?)"
	}
	f.refuseWord(name, code, message)
	return ""
}

func (f *fields) account(name string) string {
	value := f.word(name)
	if len(value) > accountMax || strings.Trim(value, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		f.refuse(name, "is not the name of a provider account")
		return ""
	}
	return value
}

func (f *fields) language(name string) string {
	value := f.word(name)
	if value == "" || len(value) == 2 && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") == "" {
		return value
	}
	f.refuseWord(name, value, "must be two small letters of ISO 639-1 such as fr")
	return ""
}

func (f *fields) expiresIn(name string) time.Duration {
	text := f.word(name)
	if text == "" {
		return 0
	}
	d, err := parseDays(text)
	if err != nil {
		d, err = time.ParseDuration(text)
	}
	if err != nil || d < expiresInMin || d > expiresInMax || d%time.Second != 0 {
		f.refuseWord(name, text, "must be whole seconds from 1m to 30d, written like 90s, 30m, 24h or 7d")
		return 0
	}
	return d
}

// parseDays reads "7d", which Go's durations do not have.
func parseDays(text string) (time.Duration, error) {
	days, found := strings.CutSuffix(text, "d")
	if !found {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(days, 10, 16) // So many fit into a Duration.
	return time.Duration(n) * 24 * time.Hour, err
}

func (f *fields) email(name string) string {
	value := f.text(name, emailMax)
	if value == "" {
		return ""
	}
	address, err := mail.ParseAddress(value)
	if err != nil || address.Address != value || address.Name != "" {
		f.refuse(name, "is not an e-mail address")
		return ""
	}
	return value
}

func (f *fields) returnURL(name string) string {
	value := f.text(name, urlMax)
	if value == "" {
		return ""
	}
	if fault := urlFault(value); fault != "" {
		f.refuse(name, fault)
		return ""
	}
	return value
}

func urlFault(value string) string {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsAny(value, ` \`):
		return "is not a whole URL such as https://shop.example/return"
	case u.User != nil:
		return "must not carry a user name or password"
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return ""
	default:
		return "must begin with https:// (http:// is for this machine only)"
	}
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func (f *fields) metadata(name string) map[string]string {
	object := f.object(name)
	if len(object.members) == 0 {
		return nil
	}
	if len(object.members) > metadataMax {
		f.refuse(name, fmt.Sprintf("has more than %d entries", metadataMax))
		return nil
	}
	metadata := make(map[string]string, len(object.members))
	for key := range object.members {
		if fault := metadataNameFault(key); fault != "" {
			object.refuse(key, "has a name that "+fault)
			continue
		}
		if value := object.text(key, metadataValueMax); value != "" {
			metadata[key] = value
		}
	}
	return metadata
}

func metadataNameFault(key string) string {
	if key == "" {
		return "is empty"
	}
	return textFault(key, metadataNameMax)
}
