package routing

import (
	"errors"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

const (
	// sourceMax bounds an expression in bytes before anything reads it: what parses
	// it calls itself for each bracket, and ten million of them end a process.
	sourceMax = 4 << 10
	// sourceShown is the most that explain repeats of an expression, in bytes.
	sourceShown = 200
)

// condition is an expression that was checked, the escape hatch of a rule. It is
// used concurrently.
type condition interface {
	// holds reports whether it is true. It returns an error where that cannot be
	// told: errNoAmount where the amount is left open, else one that nobody foresaw.
	holds(v variables) (bool, error)
}

// errNoAmount means that a condition compares an amount that is left open.
var errNoAmount = errors.New("amount absent")

// variables are what a condition may name. An absent value reads as the empty
// text, an absent method as any.
type variables struct {
	Merchant string            `expr:"merchant"`
	Kind     string            `expr:"kind"`
	Country  string            `expr:"country"`
	Currency string            `expr:"currency"`
	Method   string            `expr:"method"`
	Network  string            `expr:"network"`
	Amount   money.Amount      `expr:"amount"`
	Customer customer          `expr:"customer"`
	Metadata map[string]string `expr:"metadata"`
	Card     bool              `expr:"card"`
}

type customer struct {
	ID string `expr:"id"`
}

// variableNames are for the hint beside a name that is none.
var variableNames = []string{"merchant", "kind", "country", "currency", "method", "network", "amount", "customer", "metadata", "card"}

func variablesOf(s *core.Sample) variables {
	return variables{
		Merchant: s.Merchant, Kind: string(s.Kind), Country: s.Country, Currency: s.Amount.Currency().String(),
		Method: methodOf(s), Network: s.Network, Amount: s.Amount, Customer: customer{s.Customer},
		Metadata: s.Metadata, Card: s.Card,
	}
}

// text returns the value of a variable that is a text, or of metadata.<key>.
func (v *variables) text(name string) string {
	if key, ok := strings.CutPrefix(name, "metadata."); ok {
		return v.Metadata[key]
	}
	switch name {
	case "merchant":
		return v.Merchant
	case "kind":
		return v.Kind
	case "country":
		return v.Country
	case "currency":
		return v.Currency
	case "method":
		return v.Method
	case "network":
		return v.Network
	default:
		return v.Customer.ID
	}
}

// when is the condition of a rule as the file has it.
type when struct {
	source    string
	condition condition
	// texts are the variables that it reads as texts, such as metadata.tier.
	texts []string
	// prices are the amounts that it compares with.
	prices []price
	// musts are comparisons that hold whenever the whole does.
	musts []must
}

// price is an amount that an expression names, with the bytes before it.
type price struct {
	amount money.Amount
	before int
}

// fault is what is wrong with an expression, with the bytes before it.
type fault struct {
	before  int
	message string
}

// holds reports whether the condition is true. Where it cannot be told it is not,
// and the facts remember that.
func (w *when) holds(f *facts) bool {
	held, err := w.condition.holds(variablesOf(f.sample))
	f.untold = err != nil && !errors.Is(err, errNoAmount)
	return held && err == nil
}

// untold says why the condition cannot be told. It asks again, which is rare, so
// that what usually happens needs no memory.
func (w *when) untold(f *facts) string {
	if _, err := w.condition.holds(variablesOf(f.sample)); err != nil {
		return err.Error()
	}
	return ""
}

// absent says which of the values that the condition reads are absent.
func (w *when) absent(f *facts) string {
	var text strings.Builder
	values := variablesOf(f.sample)
	for _, name := range w.texts {
		if values.text(name) == "" {
			text.WriteString("; " + strings.Replace(name, "metadata.", "metadata ", 1) + ` absent, read as ""`)
		}
	}
	return text.String()
}

// String returns the source on one line, as much of it as explain repeats.
func (w *when) String() string {
	line := strings.Join(strings.Fields(w.source), " ")
	if len(line) > sourceShown {
		line = strings.ToValidUTF8(line[:sourceShown], "") + "..."
	}
	return line
}

// readWhen returns nil after reporting what cannot be read.
func readWhen(node yamlfile.Node) *when {
	source, ok := node.Text()
	if !ok {
		return nil
	}
	if len(source) > sourceMax {
		node.Errorf("has %d bytes, at most %d are read: split the rule, or use match", len(source), sourceMax)
		return nil
	}
	w, faults := compile(source)
	for _, f := range faults {
		node.ErrorWithin(f.before, "at character %d: %s", f.before+1, f.message)
	}
	if len(faults) > 0 {
		return nil
	}
	return w
}

// foreign says why a variable can never be word, "" if it can.
func foreign(variable, word string) string {
	none := func(noun string, v vocabulary) string {
		if v.bit(word) != 0 {
			return ""
		}
		return yamlfile.Quote(word) + " is not a " + noun + yamlfile.Hint(word, v)
	}
	switch variable {
	case "kind":
		return none("kind", kinds)
	case "method":
		return none("method", methods)
	case "network":
		if word == "" {
			return ""
		}
		return none("network", networks)
	case "country":
		if word != "" && !assigned(word) {
			return yamlfile.Quote(word) + " is not a country" + meant(word)
		}
	case "currency":
		if _, err := money.ParseCurrency(word); err != nil {
			return err.Error()
		}
	}
	return ""
}
