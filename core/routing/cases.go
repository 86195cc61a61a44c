package routing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// test is one entry of tests: a sample and the accounts that it must get, none
// where it must be denied or find no account.
type test struct {
	name   string
	node   yamlfile.Node
	sample core.Sample
	expect []string
}

func readTest(node yamlfile.Node) test {
	t := test{node: node}
	if node.Kind() != yamlfile.Map {
		node.Errorf("must be a test, with the keys name, given and expect")
		return t
	}
	values := read(node, testKeys)
	if name, ok := values["name"]; ok {
		t.name, _ = name.Text()
	} else {
		node.Missing("name", "required")
	}
	if given, ok := values["given"]; ok {
		t.sample = readGiven(given)
	} else {
		node.Missing("given", "required, such as given: { kind: payment, country: CI, currency: XOF, amount: \"5000\" }")
	}
	if expect, ok := values["expect"]; ok {
		t.expect = readExpect(expect)
	} else {
		node.Missing("expect", "required, the accounts in order, or [] where nobody may be asked")
	}
	return t
}

func readExpect(node yamlfile.Node) []string {
	if node.Kind() == yamlfile.List && len(node.Items()) == 0 {
		return nil
	}
	return texts(node)
}

func readGiven(node yamlfile.Node) core.Sample {
	values := read(node, givenKeys)
	sample := core.Sample{Amount: readMoney(values)}
	for name, field := range map[string]*string{
		"id": &sample.ID, "merchant": &sample.Merchant, "provider": &sample.Provider, "country": &sample.Country,
	} {
		if value, ok := values[name]; ok {
			*field, _ = value.Text()
		}
	}
	if value := values["country"]; value.Kind() == yamlfile.Text {
		readCountry(value)
	}
	if value, ok := values["customer"]; ok {
		sample.Customer = readGivenCustomer(value)
	}
	if value, ok := values["metadata"]; ok {
		sample.Metadata = readGivenMetadata(value)
	}
	if value, ok := values["at"]; ok {
		sample.At = readInstant(value)
	}
	sample.Kind = sdk.Kind(readWord(values["kind"], kinds, "kind"))
	sample.Method = readWord(values["method"], methods, "method")
	sample.Network = readWord(values["network"], networks, "network")
	if _, ok := values["kind"]; !ok {
		node.Missing("kind", "required, payment or payout")
	}
	return sample
}

func readGivenCustomer(node yamlfile.Node) string {
	id, ok := read(node, customerKeys)["id"]
	if !ok {
		node.Missing("id", "required, the customer's id")
		return ""
	}
	text, _ := id.Text()
	return text
}

func readGivenMetadata(node yamlfile.Node) map[string]string {
	metadata := map[string]string{}
	for _, entry := range node.Entries() {
		metadata[entry.Name], _ = entry.Value.Text()
	}
	return metadata
}

func readInstant(node yamlfile.Node) time.Time {
	at, err := time.Parse(time.RFC3339, node.Raw())
	if err != nil {
		node.Errorf("must be an instant, such as 2026-11-20T22:30:00Z")
	}
	return at
}

func readWord(node yamlfile.Node, v vocabulary, noun string) string {
	if !node.Exists() {
		return ""
	}
	word, ok := node.Text()
	if ok && v.bit(word) == 0 {
		node.Errorf("%s is not a %s%s", yamlfile.Quote(word), noun, yamlfile.Hint(word, v))
	}
	return word
}

func readMoney(values map[string]yamlfile.Node) money.Amount {
	amount, hasAmount := values["amount"]
	code, hasCurrency := values["currency"]
	if !hasCurrency {
		if hasAmount {
			amount.Errorf("needs a currency beside it")
		}
		return money.Amount{}
	}
	text, ok := code.Text()
	if !ok {
		return money.Amount{}
	}
	currency, err := money.ParseCurrency(text)
	if err != nil {
		code.Errorf("%v", err)
		return money.Amount{}
	}
	value, ok := readAmount(amount, currency)
	if !ok {
		return money.Zero(currency)
	}
	if value.IsZero() {
		amount.Errorf("must be above zero")
	}
	return value
}

// Test runs the tests of the file and returns one diagnostic for each that
// fails. They are about the rules and about what accounts can do; so that they
// give the same result at any time, every account counts as enabled and ready,
// and every request field that an account needs as there.
func (r *Rules) Test() []core.Diagnostic {
	market, present := AtRest(enabled(r.accounts)), r.needed()
	var failed []core.Diagnostic
	for _, t := range r.tests {
		sample := t.sample
		sample.Present = present
		choice := r.Decide(sample, market)
		var got []string
		for _, candidate := range choice.Candidates {
			got = append(got, candidate.Account)
		}
		if !slices.Equal(got, t.expect) {
			message := fmt.Sprintf("test %s expects %s, gets %s", yamlfile.Quote(t.name), names(t.expect), names(got))
			failed = append(failed, t.node.Diagnostic(false, message+because(choice)))
		}
	}
	return failed
}

// Tests counts the tests of the file.
func (r *Rules) Tests() int { return len(r.tests) }

// enabled returns the accounts as if the configuration disabled none.
func enabled(accounts map[string]core.Standing) map[string]core.Standing {
	all := maps.Clone(accounts)
	for name, standing := range all {
		standing.Enabled = true
		all[name] = standing
	}
	return all
}

// needed names every request field that some account needs.
func (r *Rules) needed() map[string]bool {
	present := map[string]bool{}
	for _, standing := range r.accounts {
		for _, fields := range standing.Capabilities.Needs {
			for _, field := range fields {
				present[field] = true
			}
		}
	}
	return present
}

func names(accounts []string) string {
	if len(accounts) == 0 {
		return "nobody"
	}
	return strings.Join(accounts, ", ")
}

func because(choice core.Choice) string {
	text := " by rule " + choice.Rule
	if choice.Denied != "" {
		text += ", which denies"
	}
	for _, removed := range choice.Removed {
		text += "; " + removed.Account + " " + removed.Reason
	}
	return text
}
