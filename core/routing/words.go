package routing

import (
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
)

// set is a set of words of one vocabulary, a bit a word in its order.
type set uint16

// vocabulary lists the words that one matcher knows, at most 16.
type vocabulary []string

// bit returns the set of word alone, empty for a word that is not known.
func (v vocabulary) bit(word string) set {
	for i, known := range v {
		if known == word {
			return 1 << i
		}
	}
	return 0
}

// words returns the words of s in the order of the vocabulary.
func (v vocabulary) words(s set) []string {
	var list []string
	for i, word := range v {
		if s&(1<<i) != 0 {
			list = append(list, word)
		}
	}
	return list
}

// read returns the set that a list in the file names. It reports every word that is not known.
func (v vocabulary) read(node yamlfile.Node, noun string) set {
	var s set
	for _, item := range items(node) {
		word, ok := item.Text()
		if !ok {
			continue
		}
		bit := v.bit(word)
		if bit == 0 {
			item.Errorf("%s is not a %s%s", yamlfile.Quote(word), noun, yamlfile.Hint(word, v))
		}
		s |= bit
	}
	return s
}

// The vocabularies. They are never written to. A refund is not among the kinds:
// it goes to the account of its payment and is not routed.
var (
	kinds    = vocabulary{string(sdk.KindPayment), string(sdk.KindPayout)}
	methods  = vocabulary{"mobile_money", "card", "wallet", "bank_transfer", methodAny}
	networks = vocabulary{
		"ORANGE", "MTN", "MOOV", "WAVE", "FREE", "EXPRESSO", "TMONEY", "AIRTEL",
		"VODAFONE", "AIRTELTIGO", "MPESA", "BANK",
	}
)

// methodAny is the method of a request that leaves it to the customer.
const methodAny = "any"

// items returns the elements of a list, reporting a key without any: a matcher
// that lost its values must not become one that always holds.
func items(node yamlfile.Node) []yamlfile.Node {
	list := node.Items()
	if len(list) == 0 && node.Exists() {
		node.Errorf("is empty: name at least one, or leave the key out")
	}
	return list
}

// texts returns the texts of a list in the file, reporting repeated ones.
func texts(node yamlfile.Node) []string {
	var list []string
	seen := map[string]bool{}
	for _, item := range items(node) {
		text, ok := item.Text()
		switch {
		case !ok:
		case text == "":
			item.Errorf("is empty")
		case seen[text]:
			item.Errorf("%s is listed twice", yamlfile.Quote(text))
		default:
			seen[text] = true
			list = append(list, text)
		}
	}
	return list
}
