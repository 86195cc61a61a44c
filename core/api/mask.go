package api

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/paymux/paymux/core"
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

// MaskEmail returns email as it may be shown: the first character and the domain,
// such as j***@example.com. Of text that is no e-mail address nothing is shown.
func MaskEmail(email string) string {
	const stars = "***"
	name, domain, found := cutLast(email, "@")
	first, size := utf8.DecodeRuneInString(name)
	switch {
	case email == "":
		return ""
	case !found || domain == "" || first == utf8.RuneError:
		return stars
	case len(name) == size:
		return stars + "@" + domain
	default:
		return string(first) + stars + "@" + domain
	}
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// maskNumber returns the number of a bank account as it may be shown: the last
// four characters of one with at least eight, else none.
func maskNumber(number string) string {
	switch {
	case number == "":
		return ""
	case len(number) < 8:
		return hidden
	default:
		return hidden + number[len(number)-4:]
	}
}

// masker cleans words that come from a provider or a person.
type masker struct {
	// phone is the customer's, which providers like to repeat.
	phone string
	// numbers are those of the recipient's bank account.
	numbers []string
}

// maskerOf returns the masker of what is said about tx.
func maskerOf(tx core.Transaction) masker {
	m := masker{phone: tx.Customer.Phone}
	if tx.BankAccount != nil {
		m.numbers = []string{tx.BankAccount.IBAN, tx.BankAccount.AccountNumber}
	}
	return m
}

// text returns words without card numbers, the customer's phone and the numbers
// of the recipient's bank account.
func (m masker) text(words string) string {
	if digits := strings.TrimPrefix(m.phone, "+"); len(digits) >= 8 && strings.Contains(words, digits[len(digits)-8:]) {
		words = m.withoutPhone(words)
	}
	for _, number := range m.numbers {
		words = withoutNumber(words, number)
	}
	return core.WithoutCards(words)
}

// withoutNumber hides the number of a bank account, written together or, as an
// IBAN is printed, in groups of four. Fewer than five characters are no secret.
func withoutNumber(words, number string) string {
	const group = 4
	if len(number) <= group {
		return words
	}
	var grouped strings.Builder
	for i, c := range number {
		if i > 0 && i%group == 0 {
			grouped.WriteByte(' ')
		}
		grouped.WriteRune(c)
	}
	return strings.NewReplacer(number, maskNumber(number), grouped.String(), maskNumber(number)).Replace(words)
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
