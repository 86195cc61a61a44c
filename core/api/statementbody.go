package api

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Statement reads the body of a comparison. It returns a core.ErrInvalidRequest
// that names every wrong field.
func (b Body) Statement(account string) (core.Statement, error) {
	f := fieldsOf(b)
	about := core.Statement{Account: account, From: f.time("from"), To: f.time("to")}
	f.require("from", "is required")
	f.require("to", "is required")
	if list, ok := f.take("rows").([]any); ok && len(list) == 0 {
		f.refuse("rows", "has no element: leave it out to have the provider's list read")
	}
	for _, row := range f.objects("rows", StatementRowsMax) {
		about.Rows = append(about.Rows, row.statementRow())
	}
	if fault := spanFault(about); f.problem() == nil && fault != "" {
		f.refuse("to", fault)
	}
	f.rest()
	return about, f.problem()
}

func spanFault(about core.Statement) string {
	switch {
	case !about.To.After(about.From):
		return "must be after from"
	case about.To.Sub(about.From) > StatementMax:
		return "is more than 31 days after from: compare a part at a time"
	default:
		return ""
	}
}

func (f *fields) statementRow() core.StatementRow {
	row := core.StatementRow{
		Line: f.count("line"), Ref: f.plain("reference"), ProviderRef: f.plain("provider_reference"),
		Kind:    sdk.Kind(f.choice("kind", "", []string{string(sdk.KindPayment), string(sdk.KindPayout), string(sdk.KindRefund)})),
		Outcome: statementOutcomes[f.choice("state", "", StatementStates())], Status: f.plain("status"),
		Amount: f.text("amount", moneyMax), Currency: f.text("currency", moneyMax), At: f.time("created_at"),
	}
	f.require("state", "is required: "+strings.Join(StatementStates(), ", "))
	if row.Ref == "" && row.ProviderRef == "" {
		f.refuse("reference", "is required, or provider_reference")
	}
	if fault := StatementMoneyFault(row.Amount, row.Currency); fault != "" {
		f.refuse("amount", fault)
	}
	f.rest()
	return row
}

// StatementMoneyFault says what is wrong with an amount and a currency of a
// statement, or "". Without a currency only the form of the amount is looked at.
func StatementMoneyFault(amount, currency string) string {
	of := money.KWD // Of the most decimals.
	if currency != "" {
		parsed, err := money.ParseCurrency(currency)
		if err != nil {
			return "has a currency that is no ISO 4217 code"
		}
		of = parsed
	}
	if amount == "" {
		return ""
	}
	if _, err := money.ParseTold(amount, of); err != nil {
		return "is no amount of " + of.String() + ": digits, and a point before decimals"
	}
	return ""
}

// objects returns the members of each object of an array, none where it is absent.
func (f *fields) objects(name string, most int) []*fields {
	value := f.take(name)
	list, ok := value.([]any)
	switch {
	case !ok && value != nil && value != "":
		f.refuse(name, "must be an array")
		return nil
	case len(list) > most:
		f.refuse(name, fmt.Sprintf("has more than %d elements", most))
		return nil
	}
	all := make([]*fields, 0, len(list))
	for i, element := range list {
		members, ok := element.(map[string]any)
		at := fmt.Sprintf("%s.%s[%d]", f.at, name, i)
		if !ok {
			*f.wrong = append(*f.wrong, core.FieldError{Location: at, Message: "must be an object"})
			continue
		}
		all = append(all, &fields{at: at, members: members, known: map[string]bool{}, wrong: f.wrong})
	}
	return all
}

// time returns a moment, zero where it is absent.
func (f *fields) time(name string) time.Time {
	text := f.word(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		f.refuse(name, "must be a time such as 2026-11-20T10:00:00Z")
	}
	return at
}

// Adopt reads the body of an adoption. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Adopt() ([]core.Adoption, error) {
	f := fieldsOf(b)
	var adoptions []core.Adoption
	for _, one := range f.objects("attempts", AdoptMax) {
		adoption := core.Adoption{Transaction: one.text("transaction", accountMax), Attempt: one.count("attempt")}
		if _, err := core.KindOf(adoption.Transaction); err != nil {
			one.refuse("transaction", "must be the id of a transaction")
		}
		one.rest()
		adoptions = append(adoptions, adoption)
	}
	for _, one := range f.objects("transfers", AdoptMax) {
		one.require("provider_reference", "is required")
		one.require("created_at", "is required: where in the list it is")
		adoptions = append(adoptions, core.Adoption{ProviderRef: one.plain("provider_reference"), At: one.time("created_at")})
		one.rest()
	}
	if len(adoptions) == 0 && f.problem() == nil {
		f.refuse("attempts", "is required, or transfers: what is to be adopted?")
	}
	f.rest()
	return adoptions, f.problem()
}

// ExpectedOf reads the query of GET /v1/providers/{account}/expected. It returns
// a core.ErrInvalidRequest that names every wrong parameter.
func ExpectedOf(account string, query url.Values) (core.Statement, string, error) {
	q := parameters{query: query}
	about := core.Statement{Account: account, From: q.time("from"), To: q.time("to")}
	cursor := q.text("cursor", cursorMax)
	if fault := spanFault(about); len(q.wrong) == 0 && fault != "" {
		q.refuse("to", "", fault)
	}
	if len(q.wrong) > 0 {
		return about, "", refuseAll(q.wrong)
	}
	return about, cursor, nil
}

// count returns a whole number from 0 on, 0 where it is absent.
func (f *fields) count(name string) int {
	value := f.take(name)
	if value == nil {
		return 0
	}
	number, ok := value.(interface{ Int64() (int64, error) })
	if !ok {
		f.refuse(name, "must be a number")
		return 0
	}
	n, err := number.Int64()
	if err != nil || n < 0 || n > 1<<31 {
		f.refuse(name, "must be a whole number from 0 on")
		return 0
	}
	return int(n)
}

// plain returns a text that is only compared and never stored, so that whatever
// a provider calls its things may be in it. It is masked where it is shown.
func (f *fields) plain(name string) string {
	value := f.word(name)
	if utf8.RuneCountInString(value) > referenceMax || !printable(value) {
		f.refuse(name, fmt.Sprintf("must be at most %d printable characters", referenceMax))
		return ""
	}
	return value
}
