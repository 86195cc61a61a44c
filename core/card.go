package core

import "strings"

const (
	cardDigitsMin = 13
	cardDigitsMax = 19
	// cardGroupMax is the most digits of one group of a card number written in
	// groups ("4111 1111 1111 1111", "3782 822463 10005"). UUIDs have longer ones.
	cardGroupMax = 6
)

// HasCard reports whether text holds a card number: an issuer's prefix, a length
// that this issuer uses, and a right check digit, written together or in groups
// with one space, hyphen or point between them.
func HasCard(text string) bool {
	_, _, found := findCard(text)
	return found
}

// hiddenCard stands where a card number was.
const hiddenCard = "•••••"

// WithoutCards returns words with every card number in them hidden.
func WithoutCards(words string) string {
	for {
		from, to, found := findCard(words)
		if !found {
			return words
		}
		words = words[:from] + hiddenCard + words[to:]
	}
}

// group is a run of digits in a text, from from up to but not including to.
type group struct{ from, to int }

// findCard returns where the first card number in text is.
func findCard(text string) (from, to int, found bool) {
	groups := digitGroups(text)
	for i, first := range groups {
		if IsCard(text[first.from:first.to]) {
			return first.from, first.to, true
		}
		digits := text[first.from:first.to]
		for j := i + 1; j < len(groups) && joined(text, groups[j-1], groups[j]); j++ {
			digits += text[groups[j].from:groups[j].to]
			if len(digits) > cardDigitsMax {
				break
			}
			if IsCard(digits) {
				return first.from, groups[j].to, true
			}
		}
	}
	return 0, 0, false
}

// joined reports whether two neighbours may be groups of one number.
func joined(text string, a, b group) bool {
	return a.to-a.from <= cardGroupMax && b.to-b.from <= cardGroupMax &&
		b.from-a.to == 1 && strings.ContainsRune(" -.", rune(text[a.to]))
}

func digitGroups(text string) []group {
	var groups []group
	start := -1
	for i := range len(text) + 1 {
		digit := i < len(text) && isDigit(text[i])
		switch {
		case digit && start < 0:
			start = i
		case !digit && start >= 0:
			groups = append(groups, group{start, i})
			start = -1
		}
	}
	return groups
}

// IsCard reports whether digits alone are the number of a card.
func IsCard(digits string) bool {
	if len(digits) < cardDigitsMin || len(digits) > cardDigitsMax {
		return false
	}
	return issuerUses(digits) && luhn(digits)
}

// issuer is a range of prefixes and the lengths of the numbers that begin with one.
type issuer struct{ first, last, lengthMin, lengthMax int }

// issuers returns the ranges of card prefixes, from the schemes' published number ranges.
func issuers() []issuer {
	return []issuer{
		{4, 4, 13, 13}, {4, 4, 16, 16}, {4, 4, 19, 19}, // Visa
		{51, 55, 16, 16}, {2221, 2720, 16, 16}, // Mastercard
		{34, 34, 15, 15}, {37, 37, 15, 15}, // American Express
		{300, 305, 14, 19}, {3095, 3095, 14, 19}, {36, 36, 14, 19}, {38, 39, 14, 19}, // Diners Club
		{6011, 6011, 16, 19}, {644, 649, 16, 19}, {65, 65, 16, 19}, // Discover
		{3528, 3589, 16, 19}, {62, 62, 16, 19}, // JCB, UnionPay
		{5018, 5018, 13, 19}, {5020, 5020, 13, 19}, {5038, 5038, 13, 19}, {5893, 5893, 13, 19}, // Maestro
		{6304, 6304, 13, 19}, {6759, 6763, 13, 19}, // Maestro
		{506099, 506198, 16, 19},                               // Verve
		{60, 60, 16, 16}, {81, 82, 16, 16}, {508, 508, 16, 16}, // RuPay
		{2200, 2204, 16, 19}, {9792, 9792, 16, 16}, // Mir, Troy
	}
}

func issuerUses(digits string) bool {
	for _, i := range issuers() {
		if len(digits) < i.lengthMin || len(digits) > i.lengthMax {
			continue
		}
		if prefix := leading(digits, countDigits(i.last)); prefix >= i.first && prefix <= i.last {
			return true
		}
	}
	return false
}

// leading returns the first n digits as a number.
func leading(digits string, n int) int {
	value := 0
	for i := range n {
		value = value*10 + int(digits[i]-'0')
	}
	return value
}

func countDigits(n int) int {
	count := 1
	for n >= 10 {
		n /= 10
		count++
	}
	return count
}

// luhn reports whether the last digit checks the others (ISO/IEC 7812-1).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
