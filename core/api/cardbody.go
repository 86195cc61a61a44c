package api

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	cvvMin, cvvMax         = 3, 4
	expYearMin, expYearMax = 2020, 2099
	screenMax              = 100_000
)

// PaymentCard is raw card data, for merchants whose key may send it. It is in no
// record, log or answer.
type PaymentCard struct {
	Number   string `json:"number" doc:"The whole number, digits only"`
	Holder   string `json:"holder,omitempty" maxLength:"100"`
	ExpMonth int    `json:"exp_month" minimum:"1" maximum:"12"`
	ExpYear  int    `json:"exp_year" example:"2030"`
	CVV      string `json:"cvv"`
}

// PaymentBrowser describes the payer's browser, for 3-D Secure.
type PaymentBrowser struct {
	UserAgent    string `json:"user_agent,omitempty" maxLength:"500"`
	Accept       string `json:"accept,omitempty" maxLength:"500"`
	Language     string `json:"language,omitempty" maxLength:"100"`
	ScreenWidth  int    `json:"screen_width,omitempty"`
	ScreenHeight int    `json:"screen_height,omitempty"`
	Timezone     string `json:"timezone,omitempty" maxLength:"100"`
}

// card reads raw card data, nil where there is none. No message repeats any of it.
func (f *fields) card(name string) *sdk.Card {
	if _, there := canonical(f.take(name)); !there {
		return nil
	}
	c := f.object(name)
	card := &sdk.Card{
		Number: c.cardNumber("number"), Holder: c.text("holder", nameMax),
		ExpMonth: c.whole("exp_month", 1, 12), ExpYear: c.whole("exp_year", expYearMin, expYearMax), CVV: c.cvv("cvv"),
	}
	c.rest()
	return card
}

func (f *fields) cardNumber(name string) string {
	number := f.word(name)
	if onlyDigits(number) && core.IsCard(number) {
		return number
	}
	f.refuse(name, "is not the number of a card: digits only, with the right check digit")
	return ""
}

func (f *fields) cvv(name string) string {
	code := f.word(name)
	if !onlyDigits(code) || len(code) < cvvMin || len(code) > cvvMax {
		f.refuse(name, "must be 3 or 4 digits")
		return ""
	}
	return code
}

func onlyDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// whole reads a whole number, written as a number or as a string.
func (f *fields) whole(name string, least, most int) int {
	text := ""
	switch value := f.take(name).(type) {
	case string:
		text = value
	case json.Number:
		text = value.String()
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		f.refuse(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
		return 0
	}
	return n
}

// browser reads the payer's browser, nil where there is none.
func (f *fields) browser(name string) *sdk.Browser {
	if _, there := canonical(f.take(name)); !there {
		return nil
	}
	b := f.object(name)
	browser := &sdk.Browser{
		UserAgent: b.text("user_agent", descriptionMax), Accept: b.text("accept", descriptionMax),
		Language: b.text("language", nameMax), Timezone: b.text("timezone", nameMax),
	}
	if b.has("screen_width") {
		browser.ScreenWidth = b.whole("screen_width", 1, screenMax)
	}
	if b.has("screen_height") {
		browser.ScreenHeight = b.whole("screen_height", 1, screenMax)
	}
	b.rest()
	return browser
}
