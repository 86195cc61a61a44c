package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheManifestTellsTheFacts(t *testing.T) {
	manifest := newPlugin().Describe()
	if manifest.Name != "cenoa" {
		t.Errorf("got the name %q", manifest.Name)
	}
	facts, ok := manifest.Facts[sdk.KindPayment]
	if !ok || len(manifest.Facts) != 1 {
		t.Fatalf("want facts of payments alone, got %v", manifest.Facts)
	}
	facts.Poll = nil
	want := sdk.Facts{
		Idempotency: sdk.IdempotencyHarmless, QueryBy: sdk.QueryByList, LateSuccess: 48 * time.Hour,
		TellsCurrency: true, Window: time.Hour,
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"api_key", "api_secret"}, manifest.Settings.Secrets()); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(manifest, newPlugin().Describe()); diff != "" {
		t.Errorf("a second Describe differs:\n%s", diff)
	}
}

func TestAnAccountTakesItsCurrencyAnywhere(t *testing.T) {
	got := live(t).Capabilities()
	want := []sdk.Corridor{{Kind: sdk.KindPayment, Currencies: []money.Currency{money.USD}, Methods: []string{"wallet", "bank_transfer"}}}
	if diff := cmp.Diff(want, got.Corridors); diff != "" {
		t.Errorf("corridors (-want +got):\n%s", diff)
	}
	operations := []sdk.Operation{sdk.OperationPayment, sdk.OperationList, sdk.OperationLookup}
	if diff := cmp.Diff(operations, got.Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

func TestTheIdentityIsTheKeyWithoutTellingIt(t *testing.T) {
	identity := func(base, key string) string {
		return open(t, ticking(), with(base, map[string]any{"api_key": key, "accept_assumed_contract": true})).Capabilities().Identity
	}
	one := identity("https://api.cenoa.com", "key-one")
	if again := identity("https://proxy.example.com", "key-one"); again != one {
		t.Errorf("one key at two addresses: %q and %q", one, again)
	}
	if other := identity("https://api.cenoa.com", "key-two"); other == one {
		t.Errorf("two keys have the identity %q", one)
	}
	if one == "" || strings.Contains(one, "key-one") {
		t.Errorf("got the identity %q", one)
	}
}

// corrected is the setting paths with one path.
func corrected(operation, path string) map[string]any {
	return map[string]any{"paths": map[string]any{operation: path}}
}

func TestSettingsAreRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"a currency of no country":    {map[string]any{"currency": "USX"}, "currency: wrong value"},
		"a guard of four minutes":     {map[string]any{"clock_guard": "4m"}, "clock_guard: wrong value: must be above 0 and below 4m"},
		"a gap of an hour":            {map[string]any{"call_gap": "1h"}, "call_gap: wrong value: must be at most 1m"},
		"a window beyond all limits":  {map[string]any{"match_window": "721h"}, "match_window: wrong value"},
		"a key with a blank":          {map[string]any{"api_key": "key "}, "api_key: wrong value"},
		"a key over two lines":        {map[string]any{"api_key": "k\r\nx: y"}, "api_key: wrong value"},
		"a secret with a line end":    {map[string]any{"api_secret": "secret\n"}, "api_secret: wrong value"},
		"a query in the base URL":     {map[string]any{"base_url": "https://api.cenoa.com?x=1"}, "neither credentials nor a query"},
		"credentials in the base URL": {map[string]any{"base_url": "https://a:b@api.cenoa.com"}, "neither credentials nor a query"},
		"an unknown operation":        {corrected("pay", "/pay"), "paths.pay: wrong value: is no operation: known are user_account, transactions"},
		"a path with a host":          {corrected("user_account", "https://x/{phone}"), "without the host"},
		"a path that is a host":       {corrected("user_account", "//x/{phone}"), "without the host"},
		"a path without the phone":    {corrected("user_account", "/v2/user"), "must hold {phone}"},
		"a list without pages":        {corrected("transactions", "/v2/list?limit={limit}"), "must hold {page}"},
		"a list without a limit":      {corrected("transactions", "/v2/list?page="), "must hold {limit}"},
		"a strange placeholder":       {corrected("user_account", "/v2/{name}/{phone}"), "a placeholder that this operation does not have"},
		"a method that writes":        {corrected("user_account", "DELETE /v2/{phone}"), "must be read by GET or POST"},
		"a fragment":                  {corrected("user_account", "/v2/{phone}#x"), "without the host"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, found := newPlugin().Describe().Settings.Parse(with("http://127.0.0.1:1", c.changes))
			if found.Failed() {
				t.Fatal(found)
			}
			_, err := newPlugin().Open(raw)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q, got %v", c.want, err)
			}
			if !newPlugin().ValidateSettings(context.Background(), raw).Failed() {
				t.Error("ValidateSettings lets it pass")
			}
		})
	}
}

func TestAssumedPathsNeedAWordOfTheOperator(t *testing.T) {
	both := map[string]any{"user_account": "/v2/user?tel={phone}", "transactions": "/v2/list?page=&limit="}
	for name, c := range map[string]struct {
		base    string
		changes map[string]any
		refused string
	}{
		"the real address":               {"", nil, "paths: give those of user_account, transactions"},
		"one path known":                 {"", corrected("user_account", "/v2/user?tel={phone}"), "give those of transactions in paths"},
		"a name of a container":          {"http://sandbox:8080", nil, "give those of user_account"},
		"a host that begins like a loop": {"http://127.0.0.1.example.com", nil, "give those of user_account"},
		"accepted":                       {"", map[string]any{"accept_assumed_contract": true}, ""},
		"both paths known":               {"", map[string]any{"paths": both}, ""},
		"a loopback address":             {"http://127.0.0.7:8080", nil, ""},
		"a loopback of IPv6":             {"http://[::1]:8080", nil, ""},
		"localhost":                      {"http://localhost:8080", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw, found := newPlugin().Describe().Settings.Parse(with(c.base, c.changes))
			if found.Failed() {
				t.Fatal(found)
			}
			_, err := newPlugin().Open(raw)
			if (err != nil) != (c.refused != "") || !strings.Contains(fmt.Sprint(err), strings.TrimPrefix(c.refused, "paths: ")) {
				t.Errorf("want %q, got %v", c.refused, err)
			}
		})
	}
}

func TestAnUnencryptedAddressIsWarnedAbout(t *testing.T) {
	raw, _ := newPlugin().Describe().Settings.Parse(with("http://cenoa.example.com", map[string]any{"accept_assumed_contract": true}))
	found := newPlugin().ValidateSettings(t.Context(), raw)
	if found.Failed() || !strings.HasPrefix(found.Error(), "base_url: not encrypted") {
		t.Errorf("got %v", found)
	}
}

func TestPathsAreFilledWhereTheyAsk(t *testing.T) {
	paths := func(account, list string) map[string]any {
		return map[string]any{"paths": map[string]any{"user_account": account, "transactions": list}}
	}
	for name, c := range map[string]struct {
		changes             map[string]any
		account, list, open string
	}{
		"assumed": {
			nil, "GET /v1/checkout/user-account?phone=%2B905551112233",
			"GET /v1/checkout/transactions?page=3&limit=50&from=2026-01-01T00%3A00%3A00Z&to=2026-01-01T00%3A00%3A02Z",
			"GET /v1/checkout/transactions?page=3&limit=50",
		},
		"corrected": {
			paths("post /users/{phone}/account", "/list/{page}?size={limit}&since={from}&fixed=1&flag="),
			"POST /users/+905551112233/account", "GET /list/3?size=50&since=2026-01-01T00%3A00%3A00Z&fixed=1", "GET /list/3?size=50&fixed=1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, ticking(), with("http://127.0.0.1:1", c.changes)).settings
			show := func(at target) string { return at.method + " " + strings.TrimPrefix(at.url, "http://127.0.0.1:1") }
			p := &provider{settings: s}
			got := []string{
				show(s.url(opAccount, map[string]string{valuePhone: testPhone})),
				show(p.pageURL(sdk.ListRequest{From: dawn().Add(time.Millisecond), To: dawn().Add(1001 * time.Millisecond)}, 3)),
				show(p.pageURL(sdk.ListRequest{}, 3)),
			}
			if diff := cmp.Diff([]string{c.account, c.list, c.open}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
