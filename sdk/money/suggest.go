package money

import "strings"

// hint says, in brackets, what was probably meant by a code that is not a currency. It is "" when
// nothing is near enough to be worth naming.
func hint(code string) string {
	if next := successor(code); next != "" {
		return " (it was replaced by " + next + ")"
	}
	if near := nearest(strings.ToUpper(code)); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// successor names what took the place of a code that left list one lately. Spelling alone would
// mislead here: the lev (BGN) is one letter away from the Brunei dollar (BND).
func successor(code string) string {
	switch code {
	case "BGN", "HRK", "LTL":
		return "EUR"
	case "ANG":
		return "XCG"
	case "BYR":
		return "BYN"
	case "CUC":
		return "CUP"
	case "MRO":
		return "MRU"
	case "SLL":
		return "SLE"
	case "STD":
		return "STN"
	case "VEF":
		return "VES"
	case "ZMK":
		return "ZMW"
	case "ZWL":
		return "ZWG"
	}
	return ""
}

// nearest returns the code one slip away from text: the same letters first, then two neighbours
// swapped, then one wrong letter, then one letter too many or too few. Among equals the first in
// the order of the alphabet wins, so that the same text always gets the same answer.
func nearest(text string) string {
	for _, slip := range []func(text, code string) bool{same, swapped, mistyped, padded, shortened} {
		for _, e := range iso4217 {
			if slip(text, e.code) {
				return e.code
			}
		}
	}
	return ""
}

func same(text, code string) bool { return text == code }

func swapped(text, code string) bool {
	if len(text) != len(code) {
		return false
	}
	at := firstDifference(text, code)
	if at+1 >= len(text) {
		return false
	}
	return text[at] == code[at+1] && text[at+1] == code[at] && text[at+2:] == code[at+2:]
}

func mistyped(text, code string) bool {
	if len(text) != len(code) {
		return false
	}
	at := firstDifference(text, code)
	return at < len(text) && text[at+1:] == code[at+1:]
}

func padded(text, code string) bool {
	if len(text) != len(code)+1 {
		return false
	}
	at := firstDifference(text, code)
	return text[at+1:] == code[at:]
}

func shortened(text, code string) bool { return padded(code, text) }

// firstDifference returns the first place where a and b differ, at most the length of the shorter.
func firstDifference(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
