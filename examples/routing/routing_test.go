// Package routing_test keeps the annotated rules beside it true: it reads them,
// checks them against accounts such as an engine would have, and runs their tests.
package routing_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheAnnotatedRulesHoldTheirTests(t *testing.T) {
	t.Parallel()
	rules, found, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		t.Error(d)
	}
	if rules == nil {
		t.FailNow()
	}
	if rules.Tests() == 0 {
		t.Error("the rules have no tests")
	}
	for _, d := range rules.Test() {
		t.Error(d)
	}
}

// The first line tells editors where the schema is; it must be there, and take the file.
func TestTheSchemaThatEditorsReadTakesTheRules(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"routes.yaml", "../demo/routes.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		path, named := strings.CutPrefix(line, "# yaml-language-server: $schema=")
		if !named {
			t.Fatalf("%s begins with %q", name, line)
		}
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(name), path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(raw, routing.Schema()) {
			t.Errorf("%s names a schema that is not the one of engine schema routes", name)
		}
		if err := validate(raw, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := validate(raw, append(text, "rulez: []\n"...)); err == nil {
			t.Errorf("%s with a key that nobody knows is taken", name)
		}
	}
}

// validate reads text as an editor does.
func validate(raw, text []byte) error {
	var schema jsonschema.Schema
	if err := json.Unmarshal(raw, &schema); err != nil {
		return err
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return err
	}
	var value, plain any
	if err := yaml.Unmarshal(text, &value); err != nil {
		return err
	}
	data, err := json.Marshal(value) // To an editor a time is a text.
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &plain); err != nil {
		return err
	}
	return resolved.Validate(plain)
}

// Example decides one payment and says why.
func Example() {
	rules, _, err := load()
	if err != nil {
		fmt.Println(err)
		return
	}
	choice := rules.Explain(core.Sample{
		ID: "pay_01", Kind: sdk.KindPayment, Country: "SN", Amount: money.Of(2500, money.XOF), Network: "WAVE",
		At: time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC),
	}, routing.In(accounts()))
	fmt.Print(routing.Tree(choice))
	// Output:
	// ✗ not-served: country SN is not one of KP, XX
	// ✗ blocked-customers: customer absent
	// ✗ test-orders: when metadata["mode"] == "test" && not (kind == "payout") is false; metadata mode absent, read as ""
	// ✗ ivory-coast-canary: country SN is not CI
	//     ✓ kind payment
	//     ✓ currency XOF
	//     ✗ country SN is not CI
	//     ✓ method any
	//     ✓ amount 2500 XOF
	//     ✗ not within 10 % by id, customer.id absent
	// ✗ ivory-coast: country SN is not CI
	//     ✓ kind payment
	//     ✓ currency XOF
	//     ✗ country SN is not CI
	//     ✓ method any
	//     ✓ amount 2500 XOF
	// ✗ ivory-coast-large: amount 2500 XOF is not at least 1500001 XOF
	//     ✓ kind payment
	//     ✓ currency XOF
	//     ✗ country SN is not CI
	//     ✗ amount 2500 XOF is not at least 1500001 XOF
	// ✗ senegal-at-night: time 12:00 in Africa/Dakar is not between 23:30 and 04:00
	//     ✓ kind payment
	//     ✓ currency XOF
	//     ✓ country SN
	//     ✗ time 12:00 in Africa/Dakar is not between 23:30 and 04:00
	// ✗ senegal-orange: network WAVE is not ORANGE
	//     ✓ kind payment
	//     ✓ currency XOF
	//     ✓ country SN
	//     ✗ network WAVE is not ORANGE
	// ✓ senegal
	//     ✓ kind payment
	//     ✓ currency XOF
	//     ✓ country SN
	// · europe-subscriptions: not asked: senegal matched before
	// · europe: not asked: senegal matched before
	// · turkey: not asked: senegal matched before
	// · payouts-of-the-marketplace: not asked: senegal matched before
	// · large-payouts: not asked: senegal matched before
	// · payouts: not asked: senegal matched before
	// · default: not asked: senegal matched before
	// senegal asks in this order
	//   1. cinetpay-sn: number 1 of 2 by success, nothing measured in 1h
	//   ✗ enovepay: network WAVE is not served, only ORANGE, MTN, MOOV, FREE
}

func load() (*routing.Rules, []core.Diagnostic, error) {
	text, err := os.ReadFile("routes.yaml")
	if err != nil {
		return nil, nil, err
	}
	file, found := routing.Parse("routes.yaml", text)
	rules, more := routing.Compile(file, accounts())
	return rules, append(found, more...), nil
}

// accounts stand for what a running engine knows of its accounts.
func accounts() map[string]core.Standing {
	xof := []money.Currency{money.XOF}
	payment := sdk.Corridor{Kind: sdk.KindPayment, Currencies: xof}
	payout := sdk.Corridor{Kind: sdk.KindPayout, Currencies: xof}
	checkout := func(country string) sdk.Corridor {
		return sdk.Corridor{
			Kind: sdk.KindPayment, Countries: []string{country}, Currencies: xof,
			Min: money.Of(100, money.XOF), Max: money.Of(1_500_000, money.XOF), Step: money.Of(5, money.XOF),
		}
	}
	prompt := payment
	prompt.Networks, prompt.Step = []string{"ORANGE", "MTN", "MOOV", "FREE"}, money.Of(5, money.XOF)
	cards := sdk.Corridor{
		Kind: sdk.KindPayment, Currencies: []money.Currency{money.EUR, money.GBP}, Methods: []string{"card"},
	}
	transfers := sdk.Corridor{
		Kind: sdk.KindPayment, Currencies: []money.Currency{money.USD}, Methods: []string{"wallet", "bank_transfer"},
	}
	all := map[string]core.Standing{
		"cenoa":             ready([]sdk.Operation{sdk.OperationPayment}, transfers),
		"cinetpay-ci":       ready([]sdk.Operation{sdk.OperationPayment}, checkout("CI")),
		"cinetpay-sn":       ready([]sdk.Operation{sdk.OperationPayment}, checkout("SN")),
		"cinetpay-transfer": ready([]sdk.Operation{sdk.OperationPayout}, payout),
		"enovepay":          ready([]sdk.Operation{sdk.OperationPayment, sdk.OperationPayout}, prompt, payout),
		"numipay":           ready([]sdk.Operation{sdk.OperationPayment}, cards),
		"numipay-backup":    ready([]sdk.Operation{sdk.OperationPayment}, cards),
	}
	needy := all["enovepay"]
	needy.Capabilities.Needs = map[sdk.Operation][]string{sdk.OperationPayment: {"network"}}
	all["enovepay"] = needy
	costs(all, "cinetpay-transfer", core.Fee{Millionths: 15_000})
	costs(all, "enovepay", core.Fee{Millionths: 5_000, Fixed: money.Of(150, money.XOF)})
	return all
}

// costs gives an account the fee that paymux.yaml would.
func costs(accounts map[string]core.Standing, name string, fee core.Fee) {
	account := accounts[name]
	account.Fees = []core.Fee{fee}
	accounts[name] = account
}

func ready(operations []sdk.Operation, corridors ...sdk.Corridor) core.Standing {
	return core.Standing{
		Enabled: true, Health: core.HealthReady,
		Capabilities: sdk.Capabilities{Operations: operations, Corridors: corridors},
	}
}
