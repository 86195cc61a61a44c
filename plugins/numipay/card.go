package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// Card data lives in these structs for one call. It is in no message, exchange
// or provider data, and the call is made once: nothing is kept that could be
// sent again.

// charged is an order that is paid by card, server to server. The names of the
// card's and the browser's fields are assumed.
type charged struct {
	order
	Card    cardData     `json:"card"`
	Browser *browserData `json:"browser,omitempty"`
}

type cardData struct {
	Number   string `json:"number"`
	Holder   string `json:"holder"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
	CVV      string `json:"cvv"`
}

// Format keeps card data out of every verb of fmt.
func (cardData) Format(state fmt.State, _ rune) { fmt.Fprint(state, redacted) }

type browserData struct {
	UserAgent    string `json:"user_agent"`
	Accept       string `json:"accept"`
	Language     string `json:"language"`
	ScreenWidth  int    `json:"screen_width"`
	ScreenHeight int    `json:"screen_height"`
	Timezone     string `json:"timezone"`
}

const (
	cardDigitsMin = 12
	cardDigitsMax = 19
)

// cardObjection says what is wrong with a card, without a word of it.
func (p *provider) cardObjection(card sdk.Card) *refusal {
	switch {
	case !p.settings.allowS2S:
		return &refusal{sdk.ReasonNotSupported, "the account takes no cards server to server: see the setting allow_s2s"}
	case len(card.Number) < cardDigitsMin || len(card.Number) > cardDigitsMax || !onlyDigits(card.Number):
		return invalid("card.number must have 12 to 19 digits and nothing else")
	case card.ExpMonth < 1 || card.ExpMonth > 12 || card.ExpYear < 2000 || card.ExpYear > 9999:
		return invalid("card.exp_month must be 1 to 12, and card.exp_year a year of four digits")
	case len(card.CVV) < 3 || len(card.CVV) > 4 || !onlyDigits(card.CVV):
		return invalid("card.cvv must have 3 or 4 digits")
	case strings.TrimSpace(card.Holder) == "":
		return invalid("card.holder is missing")
	default:
		return nil
	}
}

// charge sends a card to Numipay, once.
func (p *provider) charge(ctx context.Context, body order, req sdk.PaymentRequest) (sdk.Result, error) {
	resp, err := p.create(ctx, opS2S, charged{order: body, Card: cardData(*req.Card), Browser: browserOf(req.Browser)})
	if err != nil {
		return sdk.Result{}, err
	}
	a := read(resp)
	a.hide(*req.Card)
	return p.chargedWith(a, req.Attempt), nil
}

func browserOf(browser *sdk.Browser) *browserData {
	if browser == nil {
		return nil
	}
	told := browserData(*browser)
	return &told
}

// hide keeps the card out of all that is repeated of the answer, in case that
// Numipay repeats what it was sent.
func (a *answer) hide(card sdk.Card) {
	for _, text := range []string{card.Number, card.CVV, strings.TrimSpace(card.Holder)} {
		a.hidden = append(a.hidden, sdk.NewSecret(text))
	}
}

// hiddenIn is what must stay hidden, also in the case in which a text has it:
// gateways write the names of holders in capitals.
func (a answer) hiddenIn(text string) []sdk.Secret {
	hidden := slices.Clone(a.hidden)
	for _, secret := range a.hidden {
		anyCase, err := regexp.Compile("(?i)" + regexp.QuoteMeta(secret.Reveal()))
		if err != nil {
			continue // What is no text stands in no text.
		}
		for _, spelled := range anyCase.FindAllString(text, -1) {
			hidden = append(hidden, sdk.NewSecret(spelled))
		}
	}
	return hidden
}

// showsCard reports whether a text holds the number of the card, also one that is
// split as people write it or written as a URL does.
func (a answer) showsCard(text string) bool {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		plain = text
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, plain)
	return slices.ContainsFunc(a.hidden, func(secret sdk.Secret) bool {
		value := secret.Reveal()
		return len(value) >= cardDigitsMin && (strings.Contains(plain, value) || onlyDigits(value) && strings.Contains(digits, value))
	})
}
