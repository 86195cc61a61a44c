package orchestrator

import (
	"regexp"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// cardData is raw card data on its way through memory. It is in no record, so
// that what is sent after a crash, if anything, never has it.
type cardData struct {
	card    *sdk.Card
	browser *sdk.Browser
}

// cardHidden stands for card data that came back.
const cardHidden = "[card]"

// words hides the card in words that came back from whoever had it: providers
// repeat what they refuse, and plugins what providers say.
func (c cardData) words(text string) string { return c.number(c.replace(text, c.code())) }

// number hides the card's number alone, in what must stay as it is else: three
// digits may be part of any code.
func (c cardData) number(text string) string {
	if c.card == nil || c.card.Number == "" {
		return text
	}
	return grouped(c.card.Number).ReplaceAllString(text, cardHidden)
}

func (c cardData) replace(text, secret string) string {
	if secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, cardHidden)
}

func (c cardData) code() string {
	if c.card == nil {
		return ""
	}
	return c.card.CVV
}

// grouped finds a number however it is written: whole, or with blanks, hyphens or
// dots in it.
func grouped(number string) *regexp.Regexp {
	digits := strings.Split(number, "")
	for i, digit := range digits {
		digits[i] = regexp.QuoteMeta(digit)
	}
	return regexp.MustCompile(strings.Join(digits, `[\s.-]*`))
}

// hidden is an answer as it may be kept.
func (c cardData) hidden(r sdk.Result) sdk.Result {
	if c.card == nil || c.card.Number == "" {
		return r
	}
	r.Message, r.Alert, r.ProviderStatus, r.PaidWith = c.words(r.Message), c.words(r.Alert), c.words(r.ProviderStatus), c.words(r.PaidWith)
	r.ProviderRef, r.ProviderCode = c.number(r.ProviderRef), c.number(r.ProviderCode)
	r.Reason = sdk.Reason(c.number(string(r.Reason)))
	r.Told = sdk.Told{
		Amount: c.number(r.Told.Amount), Currency: c.number(r.Told.Currency),
		Reference: c.number(r.Told.Reference), Type: c.number(r.Told.Type),
	}
	if r.NextAction != nil {
		action := *r.NextAction
		action.URL, action.Account = c.number(action.URL), c.number(action.Account)
		action.Message, action.Instructions = c.words(action.Message), c.words(action.Instructions)
		r.NextAction = &action
	}
	if r.ProviderData != nil {
		r.ProviderData = []byte(c.number(string(r.ProviderData)))
	}
	return r
}
