package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func nothingIsSent(t *testing.T) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was sent", r.URL.Path) }
}

func TestTheManifestTellsTheFacts(t *testing.T) {
	manifest := plugin{}.Describe()
	want := sdk.Facts{
		Idempotency: sdk.IdempotencyNone, QueryBy: sdk.QueryByOurRef, LateSuccess: 48 * time.Hour, Reversals: true,
		PushWebhooks: true, NotifiesByProviderRef: true,
		Poll: []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute},
	}
	if diff := cmp.Diff(map[sdk.Kind]sdk.Facts{sdk.KindPayment: want, sdk.KindPayout: want}, manifest.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"api_token", "client_secret_key"}, manifest.Settings.Secrets()); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(manifest, plugin{}.Describe()); manifest.Name != "enovepay" || diff != "" {
		t.Errorf("%s, and a second Describe differs:\n%s", manifest.Name, diff)
	}
	operations := []sdk.Operation{
		sdk.OperationPayment, sdk.OperationPayout, sdk.OperationQuery, sdk.OperationNotification, sdk.OperationBalance,
	}
	if diff := cmp.Diff(operations, live(t).Capabilities().Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

func TestTheCorridorsAreTheTableOfCountries(t *testing.T) {
	var got []string
	for _, c := range live(t).Capabilities().Corridors {
		got = append(got, fmt.Sprintf("%s %s %s %s step %s: %s", c.Kind, c.Countries[0], c.Currencies[0], c.Methods[0], c.Step, strings.Join(c.Networks, " ")))
	}
	mobile := func(kind string) []string {
		return []string{
			kind + " KE KES mobile_money step 1.00 KES: MPESA AIRTEL",
			kind + " NG NGN mobile_money step 0: MTN",
			kind + " GH GHS mobile_money step 0: MTN VODAFONE AIRTELTIGO",
			kind + " CM XAF mobile_money step 5 XAF: MTN ORANGE",
			kind + " BJ XOF mobile_money step 5 XOF: MTN MOOV",
			kind + " CI XOF mobile_money step 5 XOF: MTN ORANGE MOOV WAVE",
			kind + " SN XOF mobile_money step 5 XOF: ORANGE FREE WAVE",
		}
	}
	payouts := mobile("payout")
	want := append(mobile("payment"), payouts[:2]...)
	want = append(append(want, "payout NG NGN bank_transfer step 0: BANK"), payouts[2:]...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSettingsAreRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"no token":                 {map[string]any{"api_token": ""}, "api_token: required"},
		"no client":                {map[string]any{"auth_mode": "login"}, "client_id: required"},
		"a query in the base URL":  {map[string]any{"base_url": "https://example.com?x=1"}, "neither credentials nor a query"},
		"an address that is none":  {map[string]any{"allowed_ips": []any{"192.0.2.7", "example.com"}}, "allowed_ips: wrong value"},
		"a range that is none":     {map[string]any{"allowed_ips": "192.0.2.0/33"}, "allowed_ips: wrong value"},
		"an operation of its own":  {paths("refund", "/v1/refunds"), "paths.refund: wrong value: is no operation"},
		"a path with its host":     {paths("collect", "https://example.com/c"), "paths.collect: wrong value"},
		"a path without slash":     {paths("collect", "collections"), "paths.collect: wrong value"},
		"a path of two slashes":    {paths("collect", "//example.com"), "paths.collect: wrong value"},
		"a path with a fragment":   {paths("collect", "/c#d"), "paths.collect: wrong value"},
		"a body-less creation":     {paths("payout", "GET /p"), "needs a method with a body"},
		"a question by DELETE":     {paths("status", "DELETE /t/{transaction_id}"), "must be read by GET or POST"},
		"a question about nothing": {paths("status", "/t"), "must hold {transaction_id}"},
		"the wrong placeholder":    {paths("status_by_reference", "/t/{transaction_id}"), "must hold {reference_number}"},
		"a placeholder too many":   {paths("collect", "/c/{currency}"), "holds a placeholder"},
		"two words of a method":    {paths("collect", "POST to /c"), "paths.collect: wrong value"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, found := plugin{}.Describe().Settings.Parse(with("", c.changes))
			if found.Failed() {
				t.Fatal(found)
			}
			_, err := plugin{}.Open(raw)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q, got %v", c.want, err)
			}
			if !(plugin{}).ValidateSettings(context.Background(), raw).Failed() {
				t.Error("ValidateSettings lets it pass")
			}
		})
	}
}

func paths(name, path string) map[string]any {
	return map[string]any{"paths": map[string]any{name: path}}
}

func TestTheAssumedContractMustBeAccepted(t *testing.T) {
	known := map[string]any{
		"collect": "/c", "payout": "PUT /p", "status": "/t/{transaction_id}", "status_by_reference": "POST /find?r={reference_number}",
	}
	withAuth := map[string]any{"auth": "/login"}
	for name, path := range known {
		withAuth[name] = path
	}
	login := map[string]any{"auth_mode": "login", "client_id": testClient}
	for name, c := range map[string]struct {
		base    string
		changes map[string]any
		runs    bool
	}{
		"the real address":                    {"", nil, false},
		"the real address, accepted":          {"", map[string]any{"accept_assumed_contract": true}, true},
		"a container's name":                  {"http://sandbox:8080", nil, false},
		"a name that begins like loopback":    {"https://localhost.example.com", nil, false},
		"an address that begins like it":      {"https://127.0.0.1.example.com", nil, false},
		"an IPv4 loopback":                    {"http://127.9.8.7:1", nil, true},
		"an IPv6 loopback":                    {"http://[::1]:1", nil, true},
		"localhost":                           {"http://localhost:1", nil, true},
		"all paths known":                     {"", map[string]any{"paths": known}, true},
		"one path known":                      {"", paths("collect", "/c"), false},
		"login, all but auth":                 {"", merge(login, map[string]any{"paths": known}), false},
		"login, all paths known":              {"", merge(login, map[string]any{"paths": withAuth}), true},
		"a wrong path does not count as told": {"", merge(map[string]any{"paths": merge(known, map[string]any{"status": "x"})}, nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			changes := merge(map[string]any{"accept_assumed_contract": nil}, c.changes)
			raw, found := plugin{}.Describe().Settings.Parse(with(c.base, changes))
			if found.Failed() {
				t.Fatal(found)
			}
			opened, err := plugin{}.Open(raw)
			if (err == nil) != c.runs {
				t.Fatalf("want it to run: %t, got %v", c.runs, err)
			}
			if err == nil {
				opened.(*provider).http.Close()
			} else if !strings.Contains(err.Error(), "accept_assumed_contract") {
				t.Errorf("the setting is not named: %v", err)
			}
		})
	}
}

func merge(one, two map[string]any) map[string]any {
	both := map[string]any{}
	for _, part := range []map[string]any{one, two} {
		for name, value := range part {
			both[name] = value
		}
	}
	return both
}

func TestSettingsAreWarnedAbout(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"no addresses":       {nil, "allowed_ips: not set"},
		"no encryption":      {map[string]any{"base_url": "http://enovepay.example.com", "allowed_ips": "192.0.2.7"}, "base_url: not encrypted"},
		"nothing":            {map[string]any{"allowed_ips": "192.0.2.7"}, ""},
		"a loopback is fine": {map[string]any{"base_url": "http://127.0.0.1:8080/", "allowed_ips": "::1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw, _ := plugin{}.Describe().Settings.Parse(with("", c.changes))
			found := plugin{}.ValidateSettings(context.Background(), raw)
			if found.Failed() || !strings.HasPrefix(found.Error(), c.want) || c.want == "" && len(found) > 0 {
				t.Errorf("want the warning %q, got %v", c.want, found)
			}
		})
	}
}

func TestCorrectedPathsAreCalled(t *testing.T) {
	var called []string
	p := local(t, map[string]any{"paths": map[string]any{
		"collect": "PUT /in", "payout": "/out?v=2", "status": "/one/{transaction_id}?full=1",
		"status_by_reference": "POST /find/{reference_number}", "balance": "/money",
	}}, func(w http.ResponseWriter, r *http.Request) {
		called = append(called, r.Method+" "+r.URL.RequestURI())
		fmt.Fprint(w, `{"status_code":100,"balances":[]}`)
	})
	strange := asked()
	strange.ProviderRef = "a/b?c d"
	for _, call := range []func() error{
		func() error { _, err := p.CreatePayment(t.Context(), collection(nil)); return err },
		func() error { _, err := p.CreatePayout(t.Context(), disbursement(nil)); return err },
		func() error { _, err := p.QueryStatus(t.Context(), strange); return err },
		func() error { _, err := p.QueryStatus(t.Context(), collection(nil).Attempt); return err },
		func() error { _, err := p.GetBalance(t.Context()); return err },
	} {
		if err := call(); err != nil {
			t.Error(err)
		}
	}
	want := []string{"PUT /in", "POST /out?v=2", "GET /one/a%2Fb%3Fc%20d?full=1", "POST /find/" + testRef, "GET /money"}
	if diff := cmp.Diff(want, called); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
