package host_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// sites gives the accounts a and b the sites at the provider.
func sites(t *testing.T, a, b string) host.Options {
	t.Helper()
	o := options(t)
	o.Accounts["a"] = host.Account{Plugin: "paper", Settings: settings(t, "site", a)}
	o.Accounts["b"] = host.Account{Plugin: "paper", Settings: settings(t, "site", b)}
	return o
}

// wantTwin checks that account is not served because of first, which is.
func (h house) wantTwin(t *testing.T, account, first string) {
	t.Helper()
	got := h.standing(t, account)
	if want := "is the same account at the provider as " + first; got.Health != core.HealthFailed || got.Detail != want {
		t.Errorf("%s is %s: %q, want it failed: %q", account, got.Health, got.Detail, want)
	}
	_, err := pay(t.Context(), h.provider(t, account), "", "")
	wantOutcome(t, err, sdk.OutcomeNotSent)
	if got := h.standing(t, first); got.Health != core.HealthReady {
		t.Errorf("%s is %s: %s, want it ready", first, got.Health, got.Detail)
	}
	h.pid(t, first)
}

func TestOneAccountAtTheProviderIsServedOnce(t *testing.T) {
	t.Parallel()
	for name, alone := range map[string]string{"in one process": "", "the second in its own": "b", "the first in its own": "a"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := sites(t, "42", "42")
			if account, there := o.Accounts[alone]; there {
				account.Isolated = true
				o.Accounts[alone] = account
			}
			h := mustStart(t, o)
			h.wantTwin(t, "b", "a")
			if !strings.Contains(h.log.String(), "is the same account at the provider as a") {
				t.Errorf("the log does not say so:\n%s", h.log)
			}
		})
	}
}

func TestTwoAccountsAtTheProviderAreBothServed(t *testing.T) {
	t.Parallel()
	for name, site := range map[string]string{"with two identities": "43", "without an identity": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := sites(t, "42", site)
			o.Accounts["c"] = host.Account{Plugin: "paper"} // It says no identity.
			h := mustStart(t, o)
			for _, account := range []string{"a", "b", "c"} {
				h.pid(t, account)
			}
		})
	}
}

// TestAnAccountThatBecomesAnotherIsNotServed changes a setting between two starts
// of a process to what another account has.
func TestAnAccountThatBecomesAnotherIsNotServed(t *testing.T) {
	t.Parallel()
	o := sites(t, "42", "43")
	var site atomic.Value
	site.Store("43")
	o.Accounts["b"] = host.Account{Plugin: "paper", Isolated: true, Settings: func(ctx context.Context, schema sdk.Schema) (sdk.Settings, error) {
		return settings(t, "site", site.Load().(string))(ctx, schema)
	}}
	h := mustStart(t, o)
	h.pid(t, "b")
	site.Store("42")
	_, err := pay(t.Context(), h.provider(t, "b"), "exit", "")
	wantOutcome(t, err, sdk.OutcomeUnknown)
	eventually(t, "b has its next process", func() bool { return h.standing(t, "b").Generation == 3 }) // A start and another setting.
	h.wantTwin(t, "b", "a")
}

// A process that is replaced can be on its way up with an account that was renamed:
// that is no reason to serve the account by its new name no more.
func TestAnAccountThatLeftIsNobodysTwin(t *testing.T) {
	t.Parallel()
	both, renamed := map[string]bool{"a": true, "b": true}, map[string]bool{"b": true}
	said := map[string]string{"a": "42", "b": "42"}
	if got := host.NameTwins(both, renamed, said); len(got) != 0 {
		t.Errorf("not served are %v", got)
	}
	if diff := cmp.Diff(map[string]string{"b": "a"}, host.NameTwins(renamed, both, said)); diff != "" {
		t.Errorf("of two that are there (-want +got):\n%s", diff)
	}
}
