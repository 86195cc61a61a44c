package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheManifestTellsTheFacts(t *testing.T) {
	manifest := plugin{}.Describe()
	if manifest.Name != "cinetpay" {
		t.Errorf("got the name %q", manifest.Name)
	}
	poll := []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}
	want := map[sdk.Kind]sdk.Facts{
		sdk.KindPayment: {
			Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, LateSuccess: 48 * time.Hour,
			TellsCurrency: true, PaidByLink: true, PushWebhooks: true, Poll: poll,
		},
		sdk.KindPayout: {
			Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, LateSuccess: 48 * time.Hour,
			PushWebhooks: true, Poll: poll,
		},
	}
	if diff := cmp.Diff(want, manifest.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"api_key", "secret_key", "transfer_password"}, manifest.Settings.Secrets()); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(manifest, plugin{}.Describe(), cmp.Comparer(func(a, b money.Amount) bool { return a == b })); diff != "" {
		t.Errorf("a second Describe differs:\n%s", diff)
	}
}

func TestTheCorridorsAreCinetPaysTable(t *testing.T) {
	var got []string
	for _, c := range live(t).Capabilities().Corridors {
		got = append(got, fmt.Sprintf("%s %s %s - %s step %s %s", c.Kind, c.Countries[0], c.Min, c.Max, c.Step, strings.Join(c.Methods, " ")))
	}
	const methods = " mobile_money card wallet"
	want := []string{
		"payment CI 100 XOF - 1500000 XOF step 5 XOF" + methods,
		"payment SN 100 XOF - 2000000 XOF step 5 XOF" + methods,
		"payment TG 150 XOF - 1500000 XOF step 5 XOF" + methods,
		"payment BJ 100 XOF - 1500000 XOF step 5 XOF" + methods,
		"payment ML 100 XOF - 1500000 XOF step 5 XOF" + methods,
		"payment BF 100 XOF - 1500000 XOF step 5 XOF" + methods,
		"payment CM 100 XAF - 1500000 XAF step 5 XAF" + methods,
		"payment GN 1000 GNF - 15000000 GNF step 5 GNF" + methods,
		"payment CD 100.00 CDF - 2000000.00 CDF step 5.00 CDF" + methods,
		"payment CD 1.00 USD - 3000.00 USD step 1.00 USD" + methods,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThePayoutCorridorsAreCinetPaysTransferMinimums(t *testing.T) {
	var got []string
	for _, c := range paying(t, "", nil).Capabilities().Corridors {
		if c.Kind == sdk.KindPayout {
			got = append(got, fmt.Sprintf("%s %s step %s max %t %s", c.Countries[0], c.Min, c.Step, !c.Max.IsZero(), strings.Join(c.Methods, " ")))
		}
	}
	const rest = " step 5 XOF max false mobile_money"
	want := []string{
		"CI 200 XOF" + rest, "SN 200 XOF" + rest, "TG 150 XOF" + rest, "BJ 500 XOF" + rest, "ML 500 XOF" + rest,
		"BF 500 XOF" + rest, "NE 500 XOF" + rest,
		"CM 500 XAF step 5 XAF max false mobile_money",
		"GN 1000 GNF step 5 GNF max false mobile_money",
		"CD 1000.00 CDF step 5.00 CDF max false mobile_money",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThePasswordTurnsPayoutsOn(t *testing.T) {
	const payment, payout, query = sdk.OperationPayment, sdk.OperationPayout, sdk.OperationQuery
	const notification, balance = sdk.OperationNotification, sdk.OperationBalance
	for name, c := range map[string]struct {
		changes   map[string]any
		want      []sdk.Operation
		corridors int // of payouts
	}{
		"without it":           {map[string]any{"transfer_password": ""}, []sdk.Operation{payment, query, notification}, 0},
		"with one currency":    {map[string]any{"currency": "XOF"}, []sdk.Operation{payment, payout, query, notification, balance}, 7},
		"with a country":       {map[string]any{"country": "CD"}, []sdk.Operation{payment, payout, query, notification, balance}, 1},
		"with many currencies": {nil, []sdk.Operation{payment, payout, query, notification}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			can := sdk.CapabilitiesOf(paying(t, "", c.changes))
			if diff := cmp.Diff(c.want, can.Operations); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			corridors := 0
			for _, one := range can.Corridors {
				if one.Kind == sdk.KindPayout {
					corridors++
				}
			}
			if corridors != c.corridors {
				t.Errorf("want %d corridors of payouts, got %d", c.corridors, corridors)
			}
			if got := len(can.Needs[payout]) > 0; got != (c.corridors > 0) {
				t.Errorf("got the needs %v", can.Needs)
			}
		})
	}
}

func TestWithoutThePasswordNothingIsPaidOut(t *testing.T) {
	p := live(t)
	if _, err := p.CreatePayout(t.Context(), payout(nil)); !errors.Is(err, sdk.ErrNotSupported) || sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("create: got %v", err)
	}
	if _, err := p.GetBalance(t.Context()); !errors.Is(err, sdk.ErrNotSupported) {
		t.Errorf("balance: got %v", err)
	}
	got, err := p.QueryStatus(t.Context(), payout(nil).Attempt)
	if err != nil || got.Outcome != sdk.OutcomeUnknown || !strings.Contains(got.Alert, "transfer_password") {
		t.Errorf("query: want UNKNOWN with an alert, got %v %q, %v", got.Outcome, got.Alert, err)
	}
}

func TestSettingsNarrowTheCorridors(t *testing.T) {
	for name, c := range map[string]struct {
		country, currency string
		want              int
	}{
		"nothing": {"", "", 10}, "a currency": {"", "XOF", 6}, "a country": {"CD", "", 2}, "both": {"CD", "USD", 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, with("", map[string]any{"country": c.country, "currency": c.currency}))
			if got := len(p.Capabilities().Corridors); got != c.want {
				t.Errorf("want %d corridors, got %d", c.want, got)
			}
		})
	}
}

func TestCapabilitiesNameWhatTheAccountCanDo(t *testing.T) {
	got := live(t).Capabilities()
	if got.Identity != "" {
		t.Errorf("got the identity %q: a site may have several accounts", got.Identity)
	}
	want := []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery, sdk.OperationNotification}
	if diff := cmp.Diff(want, got.Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

func TestSettingsAreRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"channels of another guide":   {map[string]any{"channels": "MOBILE"}, "write MOBILE_MONEY"},
		"cards of another guide":      {map[string]any{"channels": "CARD"}, "write CREDIT_CARD"},
		"channels in small letters":   {map[string]any{"channels": "all"}, "must be one of ALL"},
		"two channels":                {map[string]any{"channels": "WALLET,CREDIT_CARD"}, "must be one of ALL"},
		"another language":            {map[string]any{"lang": "de"}, "lang: wrong value: must be fr or en"},
		"a site that is no number":    {map[string]any{"site_id": "shop"}, "site_id: wrong value: must be digits"},
		"the version in the base URL": {map[string]any{"base_url": "https://api-checkout.cinetpay.com/v2/"}, "leave /v2 out"},
		"a query in the base URL":     {map[string]any{"base_url": "https://example.com?x=1"}, "neither credentials nor a query"},
		"the version in the transfer URL": {
			map[string]any{"transfer_base_url": "https://client.cinetpay.com/v1"}, "transfer_base_url: wrong value: leave /v1 out",
		},
		"payouts in dollars": {
			map[string]any{"currency": "USD", "transfer_password": testPassword}, "does not pay out USD",
		},
		"a currency of another place": {map[string]any{"country": "SN", "currency": "USD"}, "does not collect USD in SN"},
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

func TestSettingsAreWarnedAbout(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"no secret key":   {map[string]any{"secret_key": ""}, "secret_key: not set"},
		"an unusual site": {map[string]any{"site_id": "12345"}, "site_id: unusual length"},
		"no encryption":   {map[string]any{"base_url": "http://cinetpay.example.com"}, "base_url: not encrypted"},
		"no encryption of transfers": {
			map[string]any{"transfer_base_url": "http://cinetpay.example.com"}, "transfer_base_url: not encrypted",
		},
		"a balance of any currency": {map[string]any{"transfer_password": testPassword}, "currency: not set"},
		"payouts in one currency":   {map[string]any{"transfer_password": testPassword, "currency": "XAF"}, ""},
		"nothing":                   {nil, ""},
		"a language in capitals":    {map[string]any{"lang": "FR"}, ""},
		"a long site":               {map[string]any{"site_id": "123456789"}, ""},
		"a loopback without tls":    {map[string]any{"base_url": "http://127.0.0.1:8080/"}, ""},
		"a key of another length":   {map[string]any{"api_key": "short"}, ""},
		"a timeout of another kind": {map[string]any{"timeout": "5s"}, ""},
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
