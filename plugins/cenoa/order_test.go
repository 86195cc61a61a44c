package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestWhatTheAccountCannotTakeIsRejectedUnsent(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	const unfit, wrong = sdk.ReasonNotSupported, sdk.ReasonInvalidRequest
	for name, c := range map[string]struct {
		change func(*sdk.PaymentRequest)
		reason sdk.Reason
	}{
		"another currency":        {func(r *sdk.PaymentRequest) { r.Amount = money.Of(1050, money.EUR) }, unfit},
		"a card":                  {func(r *sdk.PaymentRequest) { r.Method = "card" }, unfit},
		"mobile money":            {func(r *sdk.PaymentRequest) { r.Method = "mobile_money" }, unfit},
		"nothing to pay":          {func(r *sdk.PaymentRequest) { r.Amount = money.Zero(money.USD) }, wrong},
		"nobody":                  {func(r *sdk.PaymentRequest) { r.Customer = sdk.Customer{} }, wrong},
		"a phone without +":       {func(r *sdk.PaymentRequest) { r.Customer.Phone = "905551112233" }, wrong},
		"a phone with 7 digits":   {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+9055511" }, wrong},
		"a phone with 16 digits":  {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+9055511122334455" }, wrong},
		"a phone with blanks":     {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+90 555 1112233" }, wrong},
		"a customer of blanks":    {func(r *sdk.PaymentRequest) { r.Customer = sdk.Customer{ProviderCustomer: " "} }, wrong},
		"a customer without end":  {func(r *sdk.PaymentRequest) { r.Customer.ProviderCustomer = strings.Repeat("x", 256) }, wrong},
		"a known one out of time": {func(r *sdk.PaymentRequest) { r.Customer.ProviderCustomer = "u"; r.ExpiresAt = dawn() }, wrong},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.CreatePayment(t.Context(), request(c.change))
			if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != c.reason || got.Message == "" {
				t.Errorf("want REJECTED (%s), got %v (%s) %q, %v", c.reason, got.Outcome, got.Reason, got.Message, err)
			}
			if strings.Contains(got.Message, "5551112") {
				t.Errorf("the message tells a phone: %s", got.Message)
			}
		})
	}
}

func TestPhonesAtTheLimitsAreTaken(t *testing.T) {
	for _, phone := range []string{"+12345678", "+123456789012345", testPhone} {
		if !validPhone(phone) {
			t.Errorf("%s is refused", phone)
		}
	}
}

func TestAFoundCustomerIsToldWhatToSend(t *testing.T) {
	expires := dawn().Add(90 * time.Minute)
	for name, c := range map[string]struct {
		expires, until time.Time
	}{
		"until expires_at":          {expires, expires},
		"until the window's end":    {time.Time{}, dawn().Add(10*time.Second + time.Hour)},
		"until a near expires_at":   {dawn().Add(11 * time.Second), dawn().Add(11 * time.Second)},
		"until a distant expire_at": {dawn().Add(720 * time.Hour), dawn().Add(720 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", dawn().Add(10*time.Second).Format(http.TimeFormat))
				_, _ = w.Write([]byte(sample(t, "account-found.json")))
			})
			got, err := p.CreatePayment(t.Context(), request(func(r *sdk.PaymentRequest) { r.ExpiresAt = c.expires }))
			if err != nil {
				t.Fatal(err)
			}
			got.Exchanges = nil
			amount := money.Of(1050, money.USD)
			want := sdk.Result{
				Outcome: sdk.OutcomeRequiresAction,
				Match:   &sdk.Match{Customer: "usr_7f3a", Amount: amount, From: dawn().Add(10 * time.Second), Until: c.until},
				NextAction: &sdk.NextAction{
					Type: sdk.ActionTransfer, Amount: amount, Until: c.until,
					Instructions: "In the Cenoa app, send exactly 10.50 USD to the merchant from your account j***@example.com. " +
						"Another amount or another account cannot be matched to this payment.",
				},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAKnownCustomerNeedsNoLookUp(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	p.clock.learn(dated(dawn().Add(time.Minute)))
	got, err := p.CreatePayment(t.Context(), request(func(r *sdk.PaymentRequest) { r.Customer = sdk.Customer{ProviderCustomer: "4711"} }))
	if err != nil || got.Outcome != sdk.OutcomeRequiresAction {
		t.Fatalf("got %v %q, %v", got.Outcome, got.Message, err)
	}
	from := dawn().Add(time.Minute)
	want := &sdk.Match{Customer: "4711", Amount: money.Of(1050, money.USD), From: from, Until: from.Add(time.Hour)}
	if diff := cmp.Diff(want, got.Match); diff != "" {
		t.Errorf("match (-want +got):\n%s", diff)
	}
	if strings.Contains(got.NextAction.Instructions, "@") {
		t.Errorf("got %q", got.NextAction.Instructions)
	}
}

func TestAskingAgainGivesTheSameOrder(t *testing.T) {
	p := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", dawn().Format(http.TimeFormat))
		_, _ = w.Write([]byte(sample(t, "account-found.json")))
	})
	var results []sdk.Result
	for range 2 {
		got, err := p.CreatePayment(t.Context(), request(nil))
		if err != nil {
			t.Fatal(err)
		}
		got.Exchanges = nil
		results = append(results, got)
	}
	if diff := cmp.Diff(results[0], results[1]); diff != "" {
		t.Errorf("the second differs:\n%s", diff)
	}
}

func TestACreateAfterSendByIsNotSent(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	late := sdk.WithSendBy(t.Context(), time.Now().Add(-time.Second))
	if got, err := p.CreatePayment(late, request(nil)); err != nil || got.Outcome != sdk.OutcomeNotSent {
		t.Errorf("want NOT_SENT, got %v, %v", got.Outcome, err)
	}
}

func TestAnAddressIsShownMasked(t *testing.T) {
	for told, want := range map[string]string{
		"j***@example.com":    "j***@example.com",
		"jane@example.com":    "j***@example.com",
		"Ü@example.com":       "Ü***@example.com",
		"***":                 "***",
		"":                    "",
		"@example.com":        "",
		"jane":                "",
		"j***@example.com\n!": "j***@example.com !",
	} {
		if got := masked(told); got != want {
			t.Errorf("%q: want %q, got %q", told, want, got)
		}
	}
}
