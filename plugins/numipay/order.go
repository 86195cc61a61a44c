package main

import (
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// order is what stands inside request. Its bytes depend on the engine's request
// and the settings alone. Only the names of the first four fields are documented.
type order struct {
	TrackingID  string       `json:"tracking_id"`
	UserID      string       `json:"user_id"`
	Currency    string       `json:"currency"`
	Amount      string       `json:"amount"`
	Email       string       `json:"email,omitempty"`
	FirstName   string       `json:"first_name,omitempty"`
	LastName    string       `json:"last_name,omitempty"`
	Country     string       `json:"country,omitempty"`
	Phone       string       `json:"phone,omitempty"`
	Language    string       `json:"language,omitempty"`
	Description string       `json:"description,omitempty"`
	RedirectURL string       `json:"redirect_url,omitempty"`
	WebhookURL  string       `json:"webhook_url"`
	ProviderID  string       `json:"provider_id,omitempty"`
	Account     *destination `json:"account,omitempty"`
}

// destination is the bank account of a payout, where it is already known.
type destination struct {
	IBAN          string `json:"iban,omitempty"`
	AccountNumber string `json:"account_number,omitempty"`
	BankCode      string `json:"bank_code,omitempty"`
	Holder        string `json:"holder,omitempty"`
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

// paymentOf makes the body of a payment, or says why Numipay would not take it.
func (p *provider) paymentOf(req sdk.PaymentRequest) (order, *refusal) {
	body := orderOf(req.Attempt, req.Customer, req.Country)
	body.Language, body.Description = req.Language, req.Description
	body.RedirectURL, body.WebhookURL = req.ReturnURL, req.NotifyURL
	if p.settings.direct && req.Card == nil {
		body.ProviderID = p.settings.providerID
	}
	if refused := p.objection(body, req.Amount, req.Method); refused != nil {
		return order{}, refused
	}
	if !absolute(body.RedirectURL) {
		return order{}, invalid("return_url is not an absolute http or https URL: set the engine's public URL")
	}
	if req.Card == nil {
		return body, nil
	}
	return body, p.cardObjection(*req.Card)
}

// payoutOf makes the body of a payout, or says why Numipay would not take it. It
// has no redirect_url, because nobody asked the engine to send the recipient back.
func (p *provider) payoutOf(req sdk.PayoutRequest) (order, *refusal) {
	body := orderOf(req.Attempt, req.Recipient, req.Country)
	body.Description, body.WebhookURL = req.Description, req.NotifyURL
	if refused := p.objection(body, req.Amount, req.Method); refused != nil {
		return order{}, refused
	}
	if req.BankAccount == nil {
		return body, nil
	}
	var refused *refusal
	body.Account, refused = destinationOf(*req.BankAccount)
	return body, refused
}

func orderOf(attempt sdk.Attempt, who sdk.Customer, country string) order {
	if country == "" {
		country = who.Country
	}
	return order{
		TrackingID: attempt.Ref, UserID: who.ID, Currency: attempt.Amount.Currency().String(), Amount: attempt.Amount.Decimal(),
		Email: who.Email, FirstName: who.Name, LastName: who.Surname, Country: strings.ToUpper(country), Phone: who.Phone,
	}
}

// objection is the first thing that is wrong with an order of any kind.
func (p *provider) objection(body order, amount money.Amount, method string) *refusal {
	switch {
	case body.TrackingID == "":
		return invalid("the attempt has no reference")
	case body.UserID == "":
		return invalid("the customer has no id, which Numipay's user_id needs")
	case !amount.IsPositive():
		return invalid("amount must be above zero")
	case amount.Currency().Exponent() != decimals:
		return invalid(body.Currency + " does not have the two decimals that Numipay's amounts have")
	case !p.settings.takes(amount.Currency()):
		return &refusal{sdk.ReasonNotSupported, "the account does not take " + body.Currency + ": see the setting currencies"}
	case !takesMethod(method):
		return &refusal{sdk.ReasonNotSupported, "the method is none of " + strings.Join(methods(), ", ")}
	case body.Phone != "" && !validPhone(body.Phone):
		return invalid("the phone is not in international form, such as +33612345678")
	case !absolute(body.WebhookURL):
		return invalid("notify_url is not an absolute http or https URL: set the engine's public URL")
	default:
		return nil
	}
}

func (s *settings) takes(currency money.Currency) bool {
	return slices.Contains(s.currencies, currency)
}

func takesMethod(method string) bool {
	return method == "" || method == "any" || slices.Contains(methods(), method)
}

// destinationOf names the account by its IBAN, or by number and bank.
func destinationOf(account sdk.BankAccount) (*destination, *refusal) {
	switch {
	case account.IBAN != "":
		return &destination{IBAN: account.IBAN, Holder: account.Holder}, nil
	case account.AccountNumber != "" && account.BankCode != "":
		return &destination{AccountNumber: account.AccountNumber, BankCode: account.BankCode, Holder: account.Holder}, nil
	default:
		return nil, invalid("bank_account needs an iban, or an account_number with its bank_code")
	}
}

// An international number has at most 15 digits; the shortest in use have 8.
const (
	phoneDigitsMin = 8
	phoneDigitsMax = 15
)

// validPhone reports whether phone is in E.164 form.
func validPhone(phone string) bool {
	number, international := strings.CutPrefix(phone, "+")
	return international && !strings.HasPrefix(number, "0") && onlyDigits(number) &&
		len(number) >= phoneDigitsMin && len(number) <= phoneDigitsMax
}

func onlyDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
