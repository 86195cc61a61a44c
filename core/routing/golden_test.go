package routing_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// goldenCases is how many cases there must be at least, so that none is lost by a slip.
const goldenCases = 60

// TestTheCasesInWritingHold reads testdata/cases: rules, accounts and samples, with
// the diagnostics and the tree that they must give. Each is named after what it
// shows. UPDATE=1 writes what they give now.
func TestTheCasesInWritingHold(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) < goldenCases {
		t.Fatalf("%d cases, want at least %d: %v", len(files), goldenCases, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := txtar.Format(archive)
			play(t, archive)
			got := txtar.Format(archive)
			if update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// play puts into the archive what its rules say: the diagnostics, unless there are
// none, and a tree beside each sample.
func play(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	given := map[string][]byte{}
	for _, file := range archive.Files {
		given[file.Name] = file.Data
	}
	known, asked := readAccounts(t, given["accounts.yaml"])
	file, found := routing.Parse("routes.yaml", given["routes.yaml"])
	rules, more := routing.Compile(file, known)
	found = append(found, more...)
	if rules != nil {
		found = append(found, rules.Test()...)
	}
	kept := archive.Files[:0:0]
	var results []txtar.File
	for _, file := range archive.Files {
		label, isSample := strings.CutPrefix(file.Name, "sample")
		if strings.HasPrefix(file.Name, "tree") || file.Name == "diagnostics" {
			continue
		}
		kept = append(kept, file)
		if isSample && rules != nil {
			tree := routing.Tree(rules.Explain(readSample(t, file.Data), asked))
			results = append(results, txtar.File{Name: "tree" + strings.TrimSuffix(label, ".yaml"), Data: []byte(tree)})
		}
	}
	if len(found) > 0 {
		var lines strings.Builder
		for _, d := range found {
			lines.WriteString(d.Exact() + "\n")
		}
		kept = append(kept, txtar.File{Name: "diagnostics", Data: []byte(lines.String())})
	}
	archive.Files = append(kept, results...)
}

// writtenAccount is an account of a case. What is left out is served.
type writtenAccount struct {
	Kind, Country, Currency, Method, Network []string
	Min, Max, Step                           string
	Needs                                    []string
	Fees                                     []struct {
		Currency   string
		Millionths int64
		Fixed      string
	}
	// Tally is how many attempts succeeded and failed.
	Tally                     [2]uint64
	Disabled, Drained, Silent bool
	Final, Card               bool
	Health, Breaker           string
	BreakerUntil              string `yaml:"breaker_until"`
	HalfOpen                  bool   `yaml:"half_open"`
}

// measured is a Market with tallies.
type measured struct {
	routing.Market
	tallies map[string]core.Tally
}

func (m measured) Success(account string, _ *core.Sample, _ time.Duration) core.Tally {
	return m.tallies[account]
}

// readAccounts returns the accounts of a case for Compile and for decisions. A case
// without any has a, b and c, which serve everything, and checks none.
func readAccounts(t *testing.T, text []byte) (map[string]core.Standing, routing.Market) {
	t.Helper()
	written := map[string]writtenAccount{"a": {}, "b": {}, "c": {}}
	if text != nil {
		written = map[string]writtenAccount{}
		decode(t, text, &written)
	}
	standings, tallies := map[string]core.Standing{}, map[string]core.Tally{}
	for name, account := range written {
		standings[name] = account.standing(t)
		tallies[name] = core.Tally{Succeeded: account.Tally[0], Failed: account.Tally[1]}
	}
	market := measured{routing.In(standings), tallies}
	if text == nil {
		return nil, market
	}
	return standings, market
}

func (w writtenAccount) standing(t *testing.T) core.Standing {
	t.Helper()
	standing := core.Standing{
		Health: core.HealthReady, Enabled: !w.Disabled, Drained: w.Drained,
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayout: {DeclinedIsFinal: w.Final}},
	}
	if w.Health != "" {
		standing.Health = core.Health(w.Health)
	}
	if !w.Silent {
		standing.Capabilities = w.capabilities(t)
	}
	for _, fee := range w.Fees {
		made := core.Fee{Millionths: fee.Millionths, Fixed: amountOf(t, fee.Fixed)}
		if fee.Currency != "" {
			made.Currency = currencyOf(t, fee.Currency)
		}
		standing.Fees = append(standing.Fees, made)
	}
	if w.Breaker != "" {
		standing.Breaker = core.Breaker{State: core.BreakerOpen, Reason: w.Breaker}
	}
	if w.HalfOpen {
		standing.Breaker.State = core.BreakerHalfOpen
	}
	if w.BreakerUntil != "" {
		standing.Breaker.Until = instant(t, w.BreakerUntil)
	}
	return standing
}

func (w writtenAccount) capabilities(t *testing.T) sdk.Capabilities {
	t.Helper()
	c := sdk.Capabilities{CardS2S: w.Card, Needs: map[sdk.Operation][]string{}}
	kinds := w.Kind
	if kinds == nil {
		kinds = []string{"payment", "payout"}
	}
	for _, kind := range kinds {
		corridor := sdk.Corridor{
			Kind: sdk.Kind(kind), Countries: w.Country, Methods: w.Method, Networks: w.Network,
			Min: amountOf(t, w.Min), Max: amountOf(t, w.Max), Step: amountOf(t, w.Step),
		}
		for _, code := range w.Currency {
			corridor.Currencies = append(corridor.Currencies, currencyOf(t, code))
		}
		c.Operations = append(c.Operations, sdk.Operation(kind))
		c.Corridors = append(c.Corridors, corridor)
		c.Needs[sdk.Operation(kind)] = w.Needs
	}
	return c
}

func readSample(t *testing.T, text []byte) core.Sample {
	t.Helper()
	var written struct {
		ID, Merchant, Kind, Amount, Currency, Country, Method, Network, Customer, Provider, At string
		Metadata                                                                               map[string]string
		Present, Tried                                                                         []string
		Card                                                                                   bool
	}
	decode(t, text, &written)
	sample := core.Sample{
		ID: written.ID, Merchant: written.Merchant, Kind: sdk.Kind(written.Kind), Country: written.Country,
		Method: written.Method, Network: written.Network, Customer: written.Customer, Metadata: written.Metadata,
		Provider: written.Provider, Tried: written.Tried, Card: written.Card, Present: map[string]bool{},
		Amount: amountOf(t, written.Amount),
	}
	if written.Currency != "" {
		sample.Amount = money.Zero(currencyOf(t, written.Currency))
	}
	if written.At != "" {
		sample.At = instant(t, written.At)
	}
	for _, field := range written.Present {
		sample.Present[field] = true
	}
	return sample
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func amountOf(t *testing.T, text string) money.Amount {
	t.Helper()
	if text == "" {
		return money.Amount{}
	}
	amount, err := money.ParseMoney(text)
	if err != nil {
		t.Fatal(err)
	}
	return amount
}

func currencyOf(t *testing.T, code string) money.Currency {
	t.Helper()
	currency, err := money.ParseCurrency(code)
	if err != nil {
		t.Fatal(err)
	}
	return currency
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
