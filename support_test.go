package paymux_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/sdk/money"
)

// What stands between these lines of README.md is written by this test.
const (
	supportBegin = "<!-- support: begin -->\n"
	supportEnd   = "<!-- support: end -->\n"
)

func TestThePluginsAreAsTheReadmeSays(t *testing.T) {
	t.Parallel()
	f, stop := openFleet(t)
	defer stop()
	t.Run("what they can do", func(t *testing.T) { isTheTable(t, supportTable(t, f.providers(t))) })
	if runtime.GOOS == "linux" {
		t.Run("how large they are", func(t *testing.T) { areSmall(t, f) })
	}
}

func (f fleet) providers(t *testing.T) []api.Provider {
	t.Helper()
	c, err := client.New(f.address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	found, err := c.Providers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found.Data
}

// isTheTable compares the README's table, or rewrites it.
func isTheTable(t *testing.T, want string) {
	t.Helper()
	before, rest, begins := strings.Cut(readPages(t)[0].text, supportBegin)
	table, after, ends := strings.Cut(rest, supportEnd)
	if !begins || !ends {
		t.Fatalf("README.md has no place for the table, between\n%sand\n%s", supportBegin, supportEnd)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("README.md", []byte(before+supportBegin+want+supportEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("UPDATE=1 go test . rewrites it (-want +got):\n%s", diff)
	}
}

// supportTable has a row for each account and kind.
func supportTable(t *testing.T, accounts []api.Provider) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| plugin | does | countries | methods | currencies and amounts | besides |\n|---|---|---|---|---|---|\n")
	for _, account := range accounts {
		can := account.Capabilities
		kinds := kindsOf(can)
		besides := slices.DeleteFunc(slices.Clone(can.Operations), func(op string) bool { return slices.Contains(kinds, op) })
		name := fmt.Sprintf("[%s](plugins/%[1]s/README.md)", account.Plugin)
		for _, kind := range kinds {
			s := supportOf(t, can.Corridors, kind)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
				name, kind, orAny(s.countries), orAny(s.methods), orAny(s.amounts), strings.Join(besides, ", "))
			name, besides = "", nil
		}
	}
	return b.String()
}

// kindsOf are the operations that create something, in their order.
func kindsOf(can api.Capabilities) []string {
	var kinds []string
	for _, kind := range []string{"payment", "payout", "refund"} {
		if slices.Contains(can.Operations, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func orAny(words []string) string {
	if len(words) == 0 {
		return "any"
	}
	return strings.Join(words, ", ")
}

// support is what the corridors of a kind have together.
type support struct{ countries, methods, amounts []string }

func supportOf(t *testing.T, corridors []api.Corridor, kind string) support {
	t.Helper()
	var s support
	var order []string
	joined := map[string]limits{}
	for _, corridor := range corridors {
		if corridor.Kind != kind {
			continue
		}
		s.countries, s.methods = join(s.countries, corridor.Countries), join(s.methods, corridor.Methods)
		order = join(order, corridor.Currencies)
		for _, currency := range corridor.Currencies {
			also := limits{amount(t, corridor.Min), amount(t, corridor.Max), amount(t, corridor.Step)}
			if before, ok := joined[currency]; ok {
				also = before.join(t, also)
			}
			joined[currency] = also
		}
	}
	for _, currency := range order {
		s.amounts = append(s.amounts, currency+joined[currency].String())
	}
	return s
}

// join appends to words those of more that are new.
func join(words, more []string) []string {
	for _, word := range more {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// amount reads a bound, zero where there is none.
func amount(t *testing.T, text string) money.Amount {
	t.Helper()
	var a money.Amount
	if text == "" {
		return a
	}
	if err := a.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return a
}

// limits bound the amounts of a currency; what is zero is no bound.
type limits struct{ from, to, step money.Amount }

// join returns the limits that hold for both: the widest range. Steps must agree.
func (l limits) join(t *testing.T, other limits) limits {
	t.Helper()
	if l.step != other.step {
		t.Fatalf("the steps %s and %s of one currency need rows of their own", l.step, other.step)
	}
	if less(t, other.from, l.from) {
		l.from = other.from
	}
	if !l.to.IsZero() && (other.to.IsZero() || less(t, l.to, other.to)) {
		l.to = other.to
	}
	return l
}

// less compares two bounds; none is less than any.
func less(t *testing.T, a, b money.Amount) bool {
	t.Helper()
	if a.IsZero() || b.IsZero() {
		return a.IsZero() && !b.IsZero()
	}
	order, err := a.Compare(b)
	if err != nil {
		t.Fatal(err)
	}
	return order < 0
}

// String is such as " 100 to 2,000,000 (5)".
func (l limits) String() string {
	text := ""
	if !l.from.IsZero() {
		text = " from " + grouped(l.from)
	}
	if !l.to.IsZero() {
		text = strings.Replace(text, " from", "", 1) + " to " + grouped(l.to)
	}
	if !l.step.IsZero() {
		text += " (" + grouped(l.step) + ")"
	}
	return text
}

// grouped is a decimal with commas in thousands, without decimals that are zero.
func grouped(a money.Amount) string {
	whole, decimals, _ := strings.Cut(a.Decimal(), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if strings.Trim(decimals, "0") == "" {
		return whole
	}
	return whole + "." + decimals
}

func TestRangesOfOneCurrencyAreJoined(t *testing.T) {
	t.Parallel()
	xof := func(from, to, step string) api.Corridor {
		return api.Corridor{Kind: "payment", Countries: []string{"CI"}, Currencies: []string{"XOF"}, Min: from, Max: to, Step: step}
	}
	tests := map[string]struct {
		corridors []api.Corridor
		want      string
	}{
		"one":              {[]api.Corridor{xof("100 XOF", "1500000 XOF", "5 XOF")}, "XOF 100 to 1,500,000 (5)"},
		"the widest":       {[]api.Corridor{xof("150 XOF", "900 XOF", ""), xof("100 XOF", "1000 XOF", "")}, "XOF 100 to 1,000"},
		"one has no least": {[]api.Corridor{xof("150 XOF", "900 XOF", ""), xof("", "800 XOF", "")}, "XOF to 900"},
		"one has no most":  {[]api.Corridor{xof("150 XOF", "900 XOF", ""), xof("200 XOF", "", "")}, "XOF from 150"},
		"no bound":         {[]api.Corridor{xof("", "", "")}, "XOF"},
		"any currency":     {[]api.Corridor{{Kind: "payment"}}, "any"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := orAny(supportOf(t, test.corridors, "payment").amounts); got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
		})
	}
}
