package api

import "strings"

// The lengths of an IBAN (ISO 13616): the shortest in use is Norway's.
const (
	ibanMin = 15
	ibanMax = 34
)

// iban reads an IBAN as people write it, in groups or in small letters, and
// returns it as machines do. It is exempt from the search for card numbers,
// because its check digits tell what it is.
func (f *fields) iban(name string) string {
	written := f.word(name)
	if written == "" {
		return ""
	}
	iban := strings.ToUpper(strings.ReplaceAll(written, " ", ""))
	if !isIBAN(iban) {
		f.refuse(name, "is not an IBAN: check its letters and digits, its check digits do not fit")
		return ""
	}
	return iban
}

func isIBAN(iban string) bool {
	if len(iban) < ibanMin || len(iban) > ibanMax || !isCountry(iban[:2]) && iban[:2] != "XK" {
		return false
	}
	return isDigit(iban[2]) && isDigit(iban[3]) && remainder97(iban[4:]+iban[:4]) == 1
}

// remainder97 is the check of ISO 7064, with A as 10 to Z as 35. It is negative
// where text has another character.
func remainder97(text string) int {
	rest := 0
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(c):
			rest = (rest*10 + int(c-'0')) % 97
		case 'A' <= c && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return rest
}
