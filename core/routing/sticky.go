package routing

import (
	"strings"

	"github.com/paymux/paymux/core/yamlfile"
)

// The keys by which a split may stick.
const (
	stickyCustomer = "customer.id"
	stickyID       = "id"
	stickyMetadata = "metadata."
)

// sticky is what a split hangs on: customer.id, id, or metadata.<key>.
type sticky string

// byCustomer is the key of percent, and of a split that names none.
const byCustomer sticky = stickyCustomer

// of returns the value to hash and where it is from: the transaction's id for one
// that lacks the key, and nothing for a sample without an id.
func (s sticky) of(f *facts) (value string, from sticky) {
	if value := s.value(f); value != "" {
		return value, s
	}
	return f.sample.ID, stickyID
}

func (s sticky) value(f *facts) string {
	if key, ok := strings.CutPrefix(string(s), stickyMetadata); ok {
		return f.sample.Metadata[key]
	}
	if s == stickyCustomer {
		return f.sample.Customer
	}
	return f.sample.ID
}

func readSticky(node yamlfile.Node) sticky {
	text, ok := node.Text()
	if !ok {
		return byCustomer
	}
	known := []string{stickyCustomer, stickyID}
	if key, metadata := strings.CutPrefix(text, stickyMetadata); metadata && key != "" {
		return sticky(text)
	}
	for _, word := range known {
		if text == word {
			return sticky(text)
		}
	}
	node.Errorf("%s is nothing that a split can stick to%s", yamlfile.Quote(text), yamlfile.Hint(text, append(known, "metadata.a-key")))
	return byCustomer
}
