package api

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const (
	// phoneMax is the most characters of a phone: 15 digits of E.164 with separators.
	phoneMax = 32

	codeBenin      = 229
	codeIvoryCoast = 225
	// digitsNew is the length of the numbers of Benin (since November 2024) and
	// Ivory Coast (since January 2021). The old ones had eight and reach nobody.
	digitsNew = 10
)

// phone reads a number as people write it and returns it as E.164, such as
// +2250707123456. It must be possible in its country; whether it is in use only
// the provider knows.
func (f *fields) phone(name, region string) string {
	written := f.word(name)
	if written == "" {
		return ""
	}
	number, fault := parsePhone(written, region)
	if fault != "" {
		f.refuse(name, fault)
	}
	return number
}

// parsePhone returns the number as E.164, or what is wrong with it.
func parsePhone(written, region string) (number, fault string) {
	const unreadable = "is not a phone number: write it like +2250102030405"
	digits := digitsOf(written)
	switch {
	case len(written) > phoneMax || digits == "" || !dialled(written):
		return "", unreadable
	case written[0] != '+' && region == "":
		return "", "lacks a country: write it like +2250102030405, or send country"
	}
	parsed, err := phonenumbers.Parse(written, region)
	if err != nil {
		return "", unreadable
	}
	national := phonenumbers.GetNationalSignificantNumber(parsed)
	code := int(parsed.GetCountryCode())
	if fault := lengthFault(parsed, code, national); fault != "" {
		return "", fault
	}
	// The library may rewrite a number as one dials it inside the country. What is
	// not the end of what was written could be somebody else's.
	if !strings.HasSuffix(digits, national) || parsed.GetExtension() != "" {
		return "", unreadable
	}
	return "+" + strconv.Itoa(code) + national, ""
}

func lengthFault(parsed *phonenumbers.PhoneNumber, code int, national string) string {
	switch {
	case code == codeBenin && len(national) != digitsNew:
		return "is not possible in Benin: since November 2024 numbers have ten digits, 01 before the old eight"
	case code == codeIvoryCoast && len(national) != digitsNew:
		return "is not possible in Ivory Coast: since January 2021 numbers have ten digits, 01, 05 or 07 before the old eight"
	case phonenumbers.IsPossibleNumberWithReason(parsed) != phonenumbers.IS_POSSIBLE:
		return "is not possible for country code +" + strconv.Itoa(code) + ": check its length"
	default:
		return ""
	}
}

// dialled reports whether text has nothing but ASCII digits, the separators people
// use, and at most one + at its start. Letters, marks that change the direction of
// writing and other digits are refused rather than read.
func dialled(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) && !strings.ContainsRune(" -.()", rune(text[i])) && (i > 0 || text[i] != '+') {
			return false
		}
	}
	return true
}

func digitsOf(text string) string {
	var digits strings.Builder
	for i := range len(text) {
		if isDigit(text[i]) {
			digits.WriteByte(text[i])
		}
	}
	return digits.String()
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
