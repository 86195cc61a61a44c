package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/paymux/paymux/examples/demo/local"
	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// account is a provider account as a configuration has it.
type account struct {
	name, plugin string
	settings     map[string]any
	// more is of the account's own lines, such as "isolation: process".
	more []string
}

func atCinetPay(name string, server *cinetpay.Server) account {
	return account{name: name, plugin: local.CinetPay, settings: map[string]any{
		"base_url": server.URL(), "api_key": cinetpay.APIKey, "secret_key": cinetpay.SecretKey, "site_id": cinetpay.SiteID,
		"transfer_base_url": server.URL(), "transfer_password": cinetpay.TransferPassword, "country": "CI", "currency": "XOF",
	}}
}

func atEnovePay(name string, server *enovepay.Server) account {
	return account{name: name, plugin: local.EnovePay, settings: map[string]any{
		"base_url": server.URL(), "api_token": enovepay.APIToken, "client_secret_key": enovepay.ClientSecretKey,
	}}
}

// atNumipay is an account without approval of payouts.
func atNumipay(name string, server *numipay.Server) account {
	return account{name: name, plugin: local.Numipay, settings: map[string]any{
		"base_url": server.URL(), "api_key": numipay.DevKey, "signature_password": numipay.SignaturePassword,
		"currencies": "NGN, GHS, USD", "payout_approval": "false",
	}}
}

func atCenoa(name string, server *cenoa.Server) account {
	return account{name: name, plugin: local.Cenoa, settings: map[string]any{
		"base_url": server.URL(), "api_key": cenoa.APIKey, "api_secret": cenoa.APISecret, "currency": "USD", "timeout": "3s", "call_gap": "100ms",
	}}
}

// with is the account with some settings changed.
func (a account) with(changes map[string]any) account {
	for name, value := range changes {
		a.settings[name] = value
	}
	return a
}

// startable is a sandbox of any provider.
type startable interface {
	Start() error
	Close() error
}

// started starts a sandbox. The end of the test stops it.
func started[S startable](t *testing.T, server S) S {
	t.Helper()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// openMarket opens a shop with accounts at any providers. The rules are those of routes.yaml.
func openMarket(t *testing.T, rules string, accounts ...account) *shop {
	t.Helper()
	s := writeMarket(t, rules, accounts...)
	s.open()
	return s
}

// writeMarket is openMarket before it opens.
func writeMarket(t *testing.T, rules string, accounts ...account) *shop {
	t.Helper()
	built := programs(t)
	key, err := built.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, setup: local.Setup{Programs: built, Dir: shortDir(t), Key: key}}
	s.keep(s.setup.Config(), s.marketConfig(accounts))
	s.keep(filepath.Join(s.setup.Dir, "routes.yaml"), rules)
	return s
}

// askOnlyAt changes the ages at which a market's accounts are asked.
func (s *shop) askOnlyAt(ages string) {
	s.t.Helper()
	text, err := os.ReadFile(s.setup.Config())
	if err != nil {
		s.t.Fatal(err)
	}
	s.keep(s.setup.Config(), regexp.MustCompile(`poll: \[.*\]`).ReplaceAllString(string(text), "poll: ["+ages+"]"))
}

func (s *shop) keep(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// marketConfig is a configuration whose accounts are asked soon and often.
func (s *shop) marketConfig(accounts []account) string {
	s.t.Helper()
	var admitted, served strings.Builder
	known := map[string]bool{}
	for _, a := range accounts {
		if !known[a.plugin] {
			_, line := s.command("plugin", "hash", filepath.Join(filepath.Dir(s.setup.Programs.Engine), a.plugin))
			fmt.Fprintf(&admitted, "  %s\n", strings.TrimSpace(line))
			known[a.plugin] = true
		}
		settings, err := json.Marshal(a.settings) // JSON is YAML too.
		if err != nil {
			s.t.Fatal(err)
		}
		if a.more == nil {
			a.more = []string{"limits: { concurrency: 256, timeout: 10s }"}
		}
		fmt.Fprintf(&served, "  %s: { plugin: %s, settings: %s, %s }\n", a.name, a.plugin, settings, strings.Join(a.more, ", "))
	}
	ages := make([]string, 0, 32)
	for _, age := range soon() {
		ages = append(ages, age.String())
	}
	return fmt.Sprintf(`mode: test
server: { listen: "127.0.0.1:0" }
store: { driver: bolt, path: data/paymux.db }
auth:
  keys:
    - { id: shop, sha256: "%s", merchant: default, scopes: [payments:write, payouts:write, refunds:write, read, provider:choose, payments:card, operator] }
plugins:
%sproviders:
%srouting: { file: routes.yaml }
payments: { deadline: 20s, max_attempts: 3 }
reconcile: { poll: [%s] }
`, s.setup.Key.SHA256, admitted.String(), served.String(), strings.Join(ages, ", "))
}
