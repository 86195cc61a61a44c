package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
)

// faultsOf are the paths of what is wrong, a warning with an exclamation mark.
func faultsOf(t *testing.T, raw map[string]any) []string {
	t.Helper()
	parsed, found := plugin{}.Describe().Settings.Parse(raw)
	if !found.Failed() {
		found = append(found, plugin{}.ValidateSettings(t.Context(), parsed)...)
	}
	var paths []string
	for _, one := range found {
		if one.Warning {
			one.Path += "!"
		}
		paths = append(paths, one.Path)
	}
	return paths
}

func TestSettings(t *testing.T) {
	known := map[string]any{"hosted": "/h", "status": "/s/{id}", "list": "/l"}
	all := map[string]any{
		"hosted": "/h", "status": "/s/{id}", "list": "/l", "payout": "/p", "payout_approve": "/a", "payout_reject": "PUT /r",
	}
	const remote, here = "https://gateway.example.com/api", "http://127.0.0.1:1"
	paths := func(op, path string) map[string]any {
		return with(here, map[string]any{"paths": map[string]any{op: path}})
	}
	for name, c := range map[string]struct {
		raw  map[string]any
		want []string
	}{
		"a loopback address":                {with(here, nil), nil},
		"localhost":                         {with("http://localhost:7", nil), nil},
		"IPv6 loopback":                     {with("http://[::1]:7/x/", nil), nil},
		"nothing":                           {map[string]any{}, []string{"base_url", "api_key", "signature_password"}},
		"no base_url, which has no default": {with("", nil), []string{"base_url"}},
		"assumed paths far away":            {with(remote, nil), []string{"paths!", "accept_assumed_contract"}},
		"assumed paths, accepted":           {with(remote, map[string]any{"accept_assumed_contract": true}), nil},
		"no payouts without their paths":    {with(remote, map[string]any{"paths": known}), []string{"paths!"}},
		"all needed paths":                  {with(remote, map[string]any{"paths": all}), nil},
		"direct needs its own path":         {with(remote, map[string]any{"paths": all, "mode": "direct", "provider_id": "7"}), []string{"accept_assumed_contract"}},
		"a card needs its own path":         {with(remote, map[string]any{"paths": all, "allow_s2s": true}), []string{"accept_assumed_contract"}},
		"a name that begins like loopback":  {with("https://127.0.0.1.example.com", nil), []string{"paths!", "accept_assumed_contract"}},
		"a container's name":                {with("https://sandbox:7000", nil), []string{"paths!", "accept_assumed_contract"}},
		"http far away":                     {with("http://gateway.example.com", map[string]any{"accept_assumed_contract": true}), []string{"base_url"}},
		"credentials in the URL":            {with("https://a:b@gateway.example.com", map[string]any{"accept_assumed_contract": true}), []string{"base_url"}},
		"a query in the URL":                {with(here+"?a=1", nil), []string{"base_url"}},
		"direct without a provider":         {with(here, map[string]any{"mode": "direct"}), []string{"provider_id"}},
		"another mode":                      {with(here, map[string]any{"mode": "embedded"}), []string{"mode"}},
		"currencies without two decimals":   {with(here, map[string]any{"currencies": []any{"EUR", "XOF", "KWD"}}), []string{"currencies", "currencies"}},
		"no currency at all":                {with(here, map[string]any{"currencies": []any{}}), []string{"currencies"}},
		"a currency that is none":           {with(here, map[string]any{"currencies": "EUR, XFO"}), []string{"currencies"}},
		"a currency in small letters":       {with(here, map[string]any{"currencies": "eur"}), []string{"currencies"}},
		"a path of no operation":            {paths("refund", "/r"), []string{"paths.refund"}},
		"a path without a slash":            {paths("hosted", "h"), []string{"paths.hosted"}},
		"a host in a path":                  {paths("hosted", "//example.com/h"), []string{"paths.hosted"}},
		"a whole URL":                       {paths("hosted", "https://example.com/h"), []string{"paths.hosted"}},
		"a method without a body":           {paths("hosted", "GET /h"), []string{"paths.hosted"}},
		"a method that changes":             {paths("status", "DELETE /s/{id}"), []string{"paths.status"}},
		"status without its id":             {paths("status", "/s"), []string{"paths.status"}},
		"a placeholder elsewhere":           {paths("list", "/l/{id}"), []string{"paths.list"}},
		"a fragment":                        {paths("list", "/l#a"), []string{"paths.list"}},
		"a broken escape":                   {paths("list", "/l%zz"), []string{"paths.list"}},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, c.want, faultsOf(t, c.raw))
			parsed, unreadable := plugin{}.Describe().Settings.Parse(c.raw)
			failed := slices.ContainsFunc(c.want, func(path string) bool { return !strings.HasSuffix(path, "!") })
			if _, err := (plugin{}).Open(parsed); !unreadable.Failed() && (err != nil) != failed {
				t.Errorf("Open: got %v", err)
			}
		})
	}
}

func TestTheDiagnosticsTellNoSecret(t *testing.T) {
	parsed, _ := plugin{}.Describe().Settings.Parse(with("http://gateway.example.com", map[string]any{"mode": "direct", "currencies": "x"}))
	found := plugin{}.ValidateSettings(t.Context(), parsed)
	if shown := fmt.Sprintf("%+v %v", found, parsed); strings.Contains(shown, testKey) || strings.Contains(shown, testPassword) {
		t.Errorf("a secret shows in %s", shown)
	}
}

func TestCapabilitiesFollowTheSettings(t *testing.T) {
	all := sdk.OperationsOf(new(provider))
	without := func(dropped ...sdk.Operation) []sdk.Operation {
		return slices.DeleteFunc(slices.Clone(all), func(op sdk.Operation) bool { return slices.Contains(dropped, op) })
	}
	for name, c := range map[string]struct {
		changes    map[string]any
		operations []sdk.Operation
		corridors  int
		card       bool
	}{
		"the defaults":     {nil, all, 2, false},
		"cards":            {map[string]any{"allow_s2s": true}, all, 2, true},
		"without approval": {map[string]any{"payout_approval": false}, without(sdk.OperationPayoutDecider), 2, false},
		"no payouts": {
			map[string]any{"base_url": "https://x.example.com", "paths": map[string]any{"hosted": "/h", "status": "/s/{id}", "list": "/l"}},
			without(sdk.OperationPayout, sdk.OperationPayoutDecider), 1, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := sdk.CapabilitiesOf(open(t, with("http://127.0.0.1:1", c.changes)))
			same(t, c.operations, got.Operations)
			if len(got.Corridors) != c.corridors || got.CardS2S != c.card {
				t.Errorf("got %+v", got)
			}
			same(t, []money.Currency{money.EUR, money.GBP}, got.Corridors[0].Currencies)
		})
	}
}

// What an account does not offer may be asked of it all the same.
func TestNoCallGoesToAnAssumedPathFarAway(t *testing.T) {
	known := map[string]any{"hosted": "/h", "status": "/s/{id}", "list": "/l"}
	p := open(t, with("https://gateway.invalid", map[string]any{"paths": known}))
	attempt := about(func(a *sdk.Attempt) { a.Kind, a.ProviderRef = sdk.KindPayout, theirID })
	for name, call := range map[string]func() error{
		"payout":  func() error { _, err := p.CreatePayout(t.Context(), payout(nil)); return err },
		"approve": func() error { _, err := approve(p, t, attempt); return err },
		"reject":  func() error { _, err := reject(p, t, attempt); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := call()
			if !errors.Is(err, sdk.ErrNotSupported) || len(sdk.ExchangesOf(err)) != 0 || sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
				t.Errorf("got %v after %d calls", err, len(sdk.ExchangesOf(err)))
			}
		})
	}
}

func TestTheManifestIsStableAndCrossesTheWire(t *testing.T) {
	manifest := plugin{}.Describe()
	same(t, manifest, plugin{}.Describe())
	for _, kind := range []sdk.Kind{sdk.KindPayment, sdk.KindPayout} {
		facts := manifest.Facts[kind]
		if facts.Idempotency != sdk.IdempotencyNone || facts.QueryBy != sdk.QueryByOurRef || !facts.TellsCurrency ||
			facts.DeclinedIsFinal || facts.Reversals || facts.PaidByLink || !facts.PushWebhooks || facts.LateSuccess.Hours() != 48 {
			t.Errorf("%s: got %+v", kind, facts)
		}
	}
	served := plugintest.Serve(t, plugin{}, with("http://127.0.0.1:1", map[string]any{"allow_s2s": true}))
	same(t, sdk.CapabilitiesOf(open(t, with("http://127.0.0.1:1", map[string]any{"allow_s2s": true}))), served.Capabilities())
}
