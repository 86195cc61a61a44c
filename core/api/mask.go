package api

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const hidden = "•••••"

// MaskPhone returns phone as it may be shown: country code and the last four
// digits, such as +225•••••3456. Of a number with fewer than eight digits after
// its country code two are shown, of text that is no phone none.
func MaskPhone(phone string) string {
	if phone == "" {
		return ""
	}
	number, err := phonenumbers.Parse(phone, "")
	if err != nil {
		return hidden
	}
	national := phonenumbers.GetNationalSignificantNumber(number)
	tail := 4
	if len(national) < 8 {
		tail = 2
	}
	return "+" + strconv.Itoa(int(number.GetCountryCode())) + hidden + national[max(0, len(national)-tail):]
}

// masker cleans words that come from a provider or a person.
type masker struct {
	// phone is the customer's, which providers like to repeat.
	phone string
}

// text returns words without card numbers and without the customer's phone.
func (m masker) text(words string) string {
	if digits := strings.TrimPrefix(m.phone, "+"); len(digits) >= 8 && strings.Contains(words, digits[len(digits)-8:]) {
		words = m.withoutPhone(words)
	}
	for {
		from, to, found := findCard(words)
		if !found {
			return words
		}
		words = words[:from] + hidden + words[to:]
	}
}

// withoutPhone hides the phone with and without its country code: first the whole
// of it, then its last eight digits, which every way of writing it shares.
func (m masker) withoutPhone(words string) string {
	digits := strings.TrimPrefix(m.phone, "+")
	masked := MaskPhone(m.phone)
	words = strings.ReplaceAll(words, "+"+digits, masked)
	words = strings.ReplaceAll(words, digits, masked)
	return strings.ReplaceAll(words, digits[len(digits)-8:], hidden)
}
