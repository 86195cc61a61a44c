package api

import (
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Payout is the body of POST /v1/payouts. Amount, Currency and a recipient with a
// phone or a bank account are always required; a provider may need more.
type Payout struct {
	Reference   string            `json:"reference,omitempty" maxLength:"255" doc:"Your own reference, unique among your live and succeeded payouts" example:"salary-42"`
	Amount      string            `json:"amount" doc:"Decimal string in major units, at most 15 digits in all" example:"5000"`
	Currency    string            `json:"currency" doc:"ISO 4217 code" example:"XOF"`
	Country     string            `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 code" example:"CI"`
	Method      string            `json:"method,omitempty" enum:"mobile_money,card,wallet,bank_transfer,any" doc:"any where absent"`
	Network     string            `json:"network,omitempty" enum:"ORANGE,MTN,MOOV,WAVE,FREE,EXPRESSO,TMONEY,AIRTEL,VODAFONE,AIRTELTIGO,MPESA,BANK"`
	Provider    string            `json:"provider,omitempty" doc:"Exactly this account; the key needs the scope provider:choose" example:"acme-ci"`
	Description string            `json:"description,omitempty" maxLength:"500"`
	Recipient   Recipient         `json:"recipient" doc:"With a phone or a bank account"`
	Metadata    map[string]string `json:"metadata,omitempty" maxProperties:"50" doc:"Names up to 40 characters, values up to 500"`
}

// Recipient is who gets the money of a payout.
type Recipient struct {
	ID          string               `json:"id,omitempty" maxLength:"255"`
	Name        string               `json:"name,omitempty" maxLength:"100"`
	Surname     string               `json:"surname,omitempty" maxLength:"100"`
	Email       string               `json:"email,omitempty" maxLength:"254"`
	Phone       string               `json:"phone,omitempty" doc:"With + and country code, or as dialled in the country" example:"+2250707123456"`
	Country     string               `json:"country,omitempty" doc:"ISO 3166-1 alpha-2 code"`
	BankAccount RecipientBankAccount `json:"bank_account,omitzero"`
}

// RecipientBankAccount is where a bank payout goes: an IBAN or an account number.
type RecipientBankAccount struct {
	IBAN          string `json:"iban,omitempty" doc:"ISO 13616; its check digits must be right" example:"DE89370400440532013000"`
	BankCode      string `json:"bank_code,omitempty" maxLength:"20"`
	AccountNumber string `json:"account_number,omitempty" maxLength:"34"`
	Holder        string `json:"holder,omitempty" maxLength:"100"`
}

const (
	bankCodeMax      = 20
	accountNumberMax = 34
)

// Payout reads the body of POST /v1/payouts. Caller, IdempotencyKey and
// Fingerprint are left to be filled in. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Payout() (core.PayoutRequest, error) {
	f := fieldsOf(b)
	req := core.PayoutRequest{
		Reference:   f.text("reference", referenceMax),
		Amount:      f.amount("amount", f.currency("currency")),
		Country:     f.country("country"),
		Method:      f.choice("method", "any", methods()),
		Network:     f.choice("network", "", networks()),
		Provider:    f.account("provider"),
		Description: f.text("description", descriptionMax),
		Metadata:    f.metadata("metadata"),
	}
	f.recipient("recipient", &req)
	f.rest()
	if err := f.problem(); err != nil {
		return core.PayoutRequest{}, err
	}
	return req, nil
}

// recipient reads who gets the money into req. A phone without a country code is
// one of the payout's country, else of the recipient's.
func (f *fields) recipient(name string, req *core.PayoutRequest) {
	wrong := len(*f.wrong)
	r := f.object(name)
	req.Recipient = sdk.Customer{
		ID:      r.text("id", referenceMax),
		Name:    r.text("name", nameMax),
		Surname: r.text("surname", nameMax),
		Email:   r.email("email"),
		Country: r.country("country"),
	}
	region := req.Country
	if region == "" {
		region = req.Recipient.Country
	}
	req.Recipient.Phone = r.phone("phone", region)
	req.BankAccount = r.object("bank_account").bankAccount()
	r.rest()
	// Where something is wrong already, that is what keeps the recipient from being one.
	if req.Recipient.Phone == "" && req.BankAccount == nil && len(*f.wrong) == wrong {
		f.refuse(name, "must have a phone or a bank_account")
	}
}

// bankAccount reads a bank account, nil where it is absent in meaning.
func (f *fields) bankAccount() *sdk.BankAccount {
	wrong := len(*f.wrong)
	account := sdk.BankAccount{
		IBAN:          f.iban("iban"),
		BankCode:      f.number("bank_code", bankCodeMax),
		AccountNumber: f.number("account_number", accountNumberMax),
		Holder:        f.text("holder", nameMax),
	}
	f.rest()
	if account == (sdk.BankAccount{}) {
		return nil
	}
	if account.IBAN == "" && account.AccountNumber == "" && len(*f.wrong) == wrong {
		f.refuse("account_number", "is required where there is no iban")
	}
	return &account
}

// number reads a bank's number of something: ASCII letters, digits and what people
// put between them, which is kept.
func (f *fields) number(name string, most int) string {
	value := f.text(name, most)
	strange := strings.ContainsFunc(value, func(r rune) bool {
		return r > '~' || !isDigit(byte(r)) && !isLetter(byte(r)) && !strings.ContainsRune(" -./", r)
	})
	if strange || strings.TrimSpace(value) != value {
		f.refuse(name, "may have letters and digits, with spaces, hyphens, points and slashes between them")
		return ""
	}
	return value
}

func isLetter(b byte) bool { return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' }
