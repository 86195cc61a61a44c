package yamlfile

import (
	"strconv"
	"strings"
)

const (
	// quoteMax is the most a message repeats of a text, in bytes.
	quoteMax = 40
	// nearestLengthMax bounds the words that are compared: ours are all shorter.
	nearestLengthMax = 64
)

// Quote repeats text for a message as far as that is short and printable.
func Quote(text string) string {
	if len(text) > quoteMax {
		text = text[:quoteMax] + "..."
	}
	return strconv.QuoteToASCII(text)
}

// Hint says in brackets which of known was probably meant by word; else which
// there are, as long as they fit into a line; else nothing.
func Hint(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	const fewEnough = 12
	if len(known) == 0 || len(known) > fewEnough {
		return ""
	}
	if len(known) == 1 {
		return " (there is " + known[0] + ")"
	}
	return " (there are " + strings.Join(known, ", ") + ")"
}

// Nearest returns the one of known that is at most two slips away from word, and
// no more than half its letters; "" if there is none. Case is no slip. Among
// equals the first wins.
func Nearest(word string, known []string) string {
	if len(word) > nearestLengthMax {
		return ""
	}
	best, nearest := min(3, len(word)/2+1), ""
	for _, candidate := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(candidate)); d < best {
			best, nearest = d, candidate
		}
	}
	return nearest
}

// distance counts the letters to insert, drop, replace or swap with a neighbour
// that lead from a to b.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
