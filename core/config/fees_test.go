package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/sdk/money"
)

func withFees(fees string) []byte {
	return []byte("plugins: { p: { path: p, sha256: " + sumPlugin + " } }\nproviders: { a: { plugin: p, " + fees + " } }\n")
}

func TestFeesAreReadExactly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fees string
		want []core.Fee
	}{
		"none":                 {"", nil},
		"a percentage of all":  {`fees: { percent: "2.5", fixed: "0" }`, []core.Fee{{Millionths: 25000}}},
		"a zero with decimals": {`fees: { percent: "2.5", fixed: "0.00" }`, []core.Fee{{Millionths: 25000}}},
		"four decimals":        {`fees: { percent: "0.0001" }`, []core.Fee{{Millionths: 1}}},
		"all of it":            {`fees: { percent: "100.0000" }`, []core.Fee{{Millionths: 1_000_000}}},
		"one currency":         {`fees: { currency: XOF, fixed: "50" }`, []core.Fee{{Currency: money.XOF, Fixed: money.Of(50, money.XOF)}}},
		"a list with all currencies": {
			`fees: [ { currency: XOF, percent: "1.9", fixed: "50" }, { currency: EUR, percent: "1.25", fixed: "0.30" }, { percent: "3" } ]`,
			[]core.Fee{
				{Currency: money.XOF, Millionths: 19000, Fixed: money.Of(50, money.XOF)},
				{Currency: money.EUR, Millionths: 12500, Fixed: money.Of(30, money.EUR)},
				{Millionths: 30000},
			},
		},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			cfg, found := config.Parse("paymux.yaml", withFees(test.fees), nil)
			if len(found) > 0 {
				t.Fatal(text(found))
			}
			if diff := cmp.Diff(test.want, cfg.Providers["a"].Costs(), cmp.AllowUnexported(money.Amount{})); diff != "" {
				t.Errorf("fees (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARevisionChangesWithPluginAndSettingsOnly(t *testing.T) {
	t.Parallel()
	revision := func(file string) string {
		cfg, found := config.Parse("paymux.yaml", []byte(file), nil)
		if core.Failed(found) {
			t.Fatal(text(found))
		}
		return cfg.Revision("a")
	}
	file := string(withFees(`settings: { key: "${env:KEY}", site: "1" }, fees: { percent: "1" }`))
	was := revision(file)
	for words, test := range map[string]struct {
		old, with string
		changed   bool
	}{
		"another setting":   {`site: "1"`, `site: "2"`, true},
		"another reference": {"env:KEY", "env:OTHER", true},
		"another binary":    {sumPlugin, sumShop, true},
		"another fee":       {`percent: "1"`, `percent: "2"`, false},
		"the same again":    {"", "", false},
	} {
		if got := revision(strings.Replace(file, test.old, test.with, 1)) != was; got != test.changed {
			t.Errorf("%s: changed is %t, want %t", words, got, test.changed)
		}
	}
}
