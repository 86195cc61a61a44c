package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/sdk/money"
)

const (
	sumPlugin = "9f2c000000000000000000000000000000000000000000000000000000000000"
	sumShop   = "ab12000000000000000000000000000000000000000000000000000000000000"
	sumOps    = "cd34000000000000000000000000000000000000000000000000000000000000"
)

func TestAWholeFileIsReadKeyByKey(t *testing.T) {
	t.Parallel()
	cfg, found := config.Parse("/etc/paymux/paymux.yaml", mustRead(t, "testdata/whole.yaml"), nil)
	want := &config.Config{
		Mode:   config.ModeTest,
		Server: config.Server{Listen: "127.0.0.1:0", PublicURL: "https://pay.example.com", TrustedProxies: 1},
		Store:  config.Store{Driver: "bolt", Path: "/etc/paymux/data/paymux.db"},
		Log:    config.Log{Level: "debug", Format: "text"},
		Auth: config.Auth{Keys: []config.Key{
			{ID: "shop", SHA256: sumShop, Merchant: "default", Scopes: []string{"payments:write", "read"}},
			{ID: "ops", SHA256: sumOps, Merchant: "other", Scopes: []string{"operator"}, Rate: config.Rate{Calls: 50, Per: time.Second}},
		}},
		Plugins: map[string]config.Plugin{
			"cinetpay": {Path: "/etc/paymux/bin/plugins/cinetpay", SHA256: sumPlugin, Environment: []string{"HTTP_PROXY"}},
			"cenoa":    {Path: "/opt/cenoa", Dev: true},
		},
		Providers: map[string]config.Provider{
			"cinetpay-ci": {
				Plugin:   "cinetpay",
				Limits:   config.Limits{Concurrency: 8, Rate: config.Rate{Calls: 100, Per: time.Minute}, Timeout: 20 * time.Second},
				Required: true, Isolation: config.IsolationProcess,
			},
			"cenoa-tr": {
				Plugin: "cenoa", Limits: config.Limits{Concurrency: 64, Timeout: 30 * time.Second},
				Enabled: true, Isolation: config.IsolationShared,
			},
		},
		Routing:   config.Routing{File: "/etc/paymux/rules/routes.yaml"},
		Payments:  config.Payments{Deadline: 10 * time.Second, MaxAttempts: 2, OpenMax: 5000},
		Reconcile: config.Reconcile{Poll: []time.Duration{5 * time.Second, 15 * time.Second, time.Minute}},
		Payouts: config.Payouts{Approval: config.Approval{
			Default: config.ApprovalAlways, Above: map[string]string{"XOF": "500000", "EUR": "1000"},
		}},
		Retention: config.Retention{IdempotencyKeys: 48 * time.Hour, Inbox: 240 * time.Hour},
	}
	if diff := cmp.Diff(want, cfg, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	const warned = "/etc/paymux/paymux.yaml:11: warning: plugins.cenoa.dev: the plugin is started whatever its checksum is\n"
	if diff := cmp.Diff(warned, text(found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestDevelopmentHasNoEffectBesideAChecksum(t *testing.T) {
	t.Parallel()
	_, found := config.Parse("paymux.yaml", []byte(`plugins: { acme: { path: /opt/acme, dev: true, sha256: "`+strings.Repeat("ab", 32)+`" } }`), nil)
	want := "paymux.yaml:1: warning: plugins.acme.dev: has no effect beside sha256, which is checked: leave one of them out\n"
	if !strings.Contains(text(found), want) {
		t.Errorf("diagnostics %q, want %q among them", text(found), want)
	}
}

func TestAnEmptyFileGivesTheDefaults(t *testing.T) {
	t.Parallel()
	cfg, found := config.Parse("paymux.yaml", nil, nil)
	want := &config.Config{
		Mode:      config.ModeTest,
		Server:    config.Server{Listen: "127.0.0.1:8080"},
		Store:     config.Store{Driver: "bolt", Path: "data/paymux.db"},
		Log:       config.Log{Level: "info", Format: "json"},
		Routing:   config.Routing{File: "routes.yaml"},
		Payments:  config.Payments{Deadline: 25 * time.Second, MaxAttempts: 3, OpenMax: 1_000_000},
		Payouts:   config.Payouts{Approval: config.Approval{Default: config.ApprovalNever}},
		Retention: config.Retention{IdempotencyKeys: 72 * time.Hour, Inbox: 720 * time.Hour},
	}
	if diff := cmp.Diff(want, cfg, cmpopts.IgnoreUnexported(config.Config{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("paymux.yaml: warning: providers: no provider is configured, so nothing can be paid\n", text(found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestWithoutAPublicURLTheOwnLoopbackAddressIsUsed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		server config.Server
		bound  string
		want   string
	}{
		"a public URL":            {config.Server{PublicURL: "https://pay.example.com"}, "127.0.0.1:1", "https://pay.example.com"},
		"loopback":                {config.Server{}, "127.0.0.1:40123", "http://127.0.0.1:40123"},
		"loopback, version 6":     {config.Server{}, "[::1]:40123", "http://[::1]:40123"},
		"every address":           {config.Server{}, "[::]:8080", "http://127.0.0.1:8080"},
		"an address of a network": {config.Server{}, "10.1.2.3:8080", "http://127.0.0.1:8080"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.server.URL(test.bound)); diff != "" {
				t.Errorf("URL (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLocateFindsTheNearestKeyAbove(t *testing.T) {
	t.Parallel()
	cfg := mustParse(t, "testdata/whole.yaml", nil)
	lines := map[string]int{
		"providers.cinetpay-ci.settings.site_id": 17,
		"providers.cinetpay-ci.settings.absent":  15,
		"providers.cinetpay-ci.limits.rate":      19,
		"auth.keys[1].merchant":                  8,
		"auth.keys[1].scopes[0]":                 8,
		"auth.keys[7]":                           6,
		"nowhere":                                0,
	}
	for path, want := range lines {
		if got := cfg.Locate(path); got != want {
			t.Errorf("Locate(%q) = %d, want %d", path, got, want)
		}
	}
}

func mustParse(t *testing.T, file string, environ []string) *config.Config {
	t.Helper()
	cfg, found := config.Parse("paymux.yaml", mustRead(t, file), environ)
	if core.Failed(found) {
		t.Fatal(text(found))
	}
	return cfg
}

func TestPayoutsWaitForApprovalByTheirCurrency(t *testing.T) {
	t.Parallel()
	never := config.Approval{Default: config.ApprovalNever, Above: map[string]string{"XOF": "500000"}}
	always := config.Approval{Default: config.ApprovalAlways, Above: map[string]string{"XOF": "500000"}}
	for name, test := range map[string]struct {
		policy config.Approval
		amount money.Amount
		want   bool
	}{
		"the bound itself goes":          {never, money.Of(500_000, money.XOF), false},
		"one above it waits":             {never, money.Of(500_001, money.XOF), true},
		"another currency goes":          {never, money.Of(1, money.EUR), false},
		"small goes although all wait":   {always, money.Of(1, money.XOF), false},
		"other currencies wait":          {always, money.Of(1, money.EUR), true},
		"without a policy nothing waits": {config.Approval{}, money.Of(1, money.EUR), false},
	} {
		if got := test.policy.Holds(test.amount); got != test.want {
			t.Errorf("%s: holds %v", name, got)
		}
	}
}
