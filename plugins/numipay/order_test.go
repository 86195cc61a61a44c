package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func bodyOf(t *testing.T, r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// sent is the call that a payment makes.
type sent struct{ Method, Path, Key, Type, Agent, Body string }

func sentFor(t *testing.T, changes map[string]any, call func(*provider) error) []sent {
	t.Helper()
	var calls []sent
	p := local(t, func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, sent{
			r.Method, r.URL.RequestURI(), r.Header.Get("X-Api-Key"), r.Header.Get("Content-Type"), r.UserAgent(), bodyOf(t, r),
		})
		fmt.Fprint(w, "{}")
	}, changes)
	if err := call(p); err != nil {
		t.Fatal(err)
	}
	return calls
}

func TestTheCallsAsTheyAreSent(t *testing.T) {
	const whole = `"tracking_id":"p01j8xk2m4n6q8r0s2t4v6w81","user_id":"1111222","currency":"EUR","amount":"200.00",` +
		`"email":"aya@example.com","first_name":"Aya","last_name":"Koné","country":"FR","phone":"+33612345678","language":"fr",` +
		`"description":"Basket 42 & more","redirect_url":"https://pay.example.com/return/1","webhook_url":"https://pay.example.com/notify/numipay?a=1&b=2"`
	const out = `"tracking_id":"p01j8xk2m4n6q8r0s2t4v6w81","user_id":"1111222","currency":"EUR","amount":"200.00","country":"FR",` +
		`"webhook_url":"https://pay.example.com/notify/numipay"`
	pay := func(p *provider) error { _, err := p.CreatePayment(t.Context(), request(nil)); return err }
	payOut := func(account *sdk.BankAccount) func(*provider) error {
		return func(p *provider) error {
			_, err := p.CreatePayout(t.Context(), payout(func(r *sdk.PayoutRequest) { r.BankAccount = account }))
			return err
		}
	}
	for name, c := range map[string]struct {
		changes map[string]any
		call    func(*provider) error
		want    sent
	}{
		"hosted": {nil, pay, sent{Method: "POST", Path: "/payments/hosted", Body: `{"request":{` + whole + `}}`}},
		"direct": {
			map[string]any{"mode": "direct", "provider_id": "psp-7"},
			pay,
			sent{Method: "POST", Path: "/payments/direct", Body: `{"request":{` + whole + `,"provider_id":"psp-7"}}`},
		},
		"payout": {nil, payOut(nil), sent{Method: "POST", Path: "/payouts", Body: `{"request":{` + out + `}}`}},
		"payout to an IBAN": {
			nil, payOut(&sdk.BankAccount{IBAN: "FR76", Holder: "A", BankCode: "1", AccountNumber: "2"}),
			sent{Method: "POST", Path: "/payouts", Body: `{"request":{` + out + `,"account":{"iban":"FR76","holder":"A"}}}`},
		},
		"payout to an account": {
			nil, payOut(&sdk.BankAccount{BankCode: "1", AccountNumber: "2"}),
			sent{Method: "POST", Path: "/payouts", Body: `{"request":{` + out + `,"account":{"account_number":"2","bank_code":"1"}}}`},
		},
		"approve": {
			nil, func(p *provider) error { _, err := approve(p, t, about(nil)); return err },
			sent{Method: "POST", Path: "/payouts/approve", Body: `{"transaction_id":"p01j8xk2m4n6q8r0s2t4v6w81"}`},
		},
		"reject": {
			nil, func(p *provider) error {
				_, err := reject(p, t, about(func(a *sdk.Attempt) { a.ProviderRef = theirID }))
				return err
			},
			sent{Method: "POST", Path: "/payouts/reject", Body: `{"transaction_id":"r21nmrtpcmrcava"}`},
		},
		"status": {
			nil, func(p *provider) error { _, err := p.QueryStatus(t.Context(), about(nil)); return err },
			sent{Method: "GET", Path: "/transactions/p01j8xk2m4n6q8r0s2t4v6w81"},
		},
		"a path of status with a query": {
			map[string]any{"paths": map[string]any{"status": "POST /status?id={id}"}},
			func(p *provider) error {
				_, err := p.QueryStatus(t.Context(), about(func(a *sdk.Attempt) { a.Ref = "a b" }))
				return err
			},
			sent{Method: "POST", Path: "/status?id=a+b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Key, c.want.Type, c.want.Agent = testKey, "application/json", "Paymux/1.0"
			same(t, []sent{c.want}, sentFor(t, c.changes, c.call))
			same(t, []sent{c.want}, sentFor(t, c.changes, c.call)) // the same request is the same bytes
		})
	}
}

func TestWhatNumipayWouldRefuseIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sdk.PaymentRequest)
		reason sdk.Reason
	}{
		"no reference":          {func(r *sdk.PaymentRequest) { r.Ref = "" }, sdk.ReasonInvalidRequest},
		"no customer id":        {func(r *sdk.PaymentRequest) { r.Customer.ID = "" }, sdk.ReasonInvalidRequest},
		"nothing to pay":        {func(r *sdk.PaymentRequest) { r.Amount = money.Zero(money.EUR) }, sdk.ReasonInvalidRequest},
		"less than nothing":     {func(r *sdk.PaymentRequest) { r.Amount = money.Of(-1, money.EUR) }, sdk.ReasonInvalidRequest},
		"no decimals":           {func(r *sdk.PaymentRequest) { r.Amount = money.Of(5_000, money.XOF) }, sdk.ReasonInvalidRequest},
		"three decimals":        {func(r *sdk.PaymentRequest) { r.Amount = money.Of(5_000, money.KWD) }, sdk.ReasonInvalidRequest},
		"no currency":           {func(r *sdk.PaymentRequest) { r.Amount = money.Amount{} }, sdk.ReasonInvalidRequest},
		"another currency":      {func(r *sdk.PaymentRequest) { r.Amount = money.Of(5_000, money.USD) }, sdk.ReasonNotSupported},
		"another method":        {func(r *sdk.PaymentRequest) { r.Method = "cash" }, sdk.ReasonNotSupported},
		"a local phone":         {func(r *sdk.PaymentRequest) { r.Customer.Phone = "0698765432" }, sdk.ReasonInvalidRequest},
		"a phone with blanks":   {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+33 6 98 76 54 32" }, sdk.ReasonInvalidRequest},
		"no return address":     {func(r *sdk.PaymentRequest) { r.ReturnURL = "" }, sdk.ReasonInvalidRequest},
		"no webhook address":    {func(r *sdk.PaymentRequest) { r.NotifyURL = "/notify" }, sdk.ReasonInvalidRequest},
		"a card without leave":  {func(r *sdk.PaymentRequest) { r.Card = &sdk.Card{} }, sdk.ReasonNotSupported},
		"an unreadable address": {func(r *sdk.PaymentRequest) { r.NotifyURL = "https://%zz" }, sdk.ReasonInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, nil)
			got, err := p.CreatePayment(t.Context(), request(c.change))
			if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != c.reason || got.Message == "" {
				t.Errorf("want REJECTED (%s), got %+v, %v", c.reason, got, err)
			}
			if strings.Contains(got.Message, "9876") {
				t.Errorf("a phone shows in %q", got.Message)
			}
		})
	}
	for name, account := range map[string]sdk.BankAccount{"an empty account": {}, "a number without its bank": {AccountNumber: "1"}} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, nil)
			got, err := p.CreatePayout(t.Context(), payout(func(r *sdk.PayoutRequest) { r.BankAccount = &account }))
			if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonInvalidRequest {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
