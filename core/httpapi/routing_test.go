package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const evaluate = "/v1/routing/evaluate"

// The names are a contract: other programs read them.
func TestAnEvaluationHasExactlyTheAgreedShape(t *testing.T) {
	t.Parallel()
	w := newBench(t).do(request{method: "POST", path: evaluate, body: `{"kind":"payment","amount":"5000","currency":"XOF","country":"CI"}`})
	const want = `{"rule":"ivory-coast","generation":3,` +
		`"candidates":[{"provider":"cinetpay-ci","reason":"number 1 of 2 in the order of ivory-coast"}],` +
		`"removed":[{"provider":"numipay","reason":"offers no payment"}],` +
		`"rules":[{"name":"closed","matched":false,"why":"country CI is not KP"},` +
		`{"name":"ivory-coast","matched":true,"why":"country CI"},` +
		`{"name":"default","matched":false,"why":"not asked: ivory-coast matched before"}]}`
	if diff := cmp.Diff(want, strings.TrimSpace(w.Body.String())); w.Code != http.StatusOK || diff != "" {
		t.Errorf("%d (-want +got):\n%s", w.Code, diff)
	}
}

func TestADenialIsAnEvaluationToo(t *testing.T) {
	t.Parallel()
	w := newBench(t).do(request{method: "POST", path: evaluate, body: `{"amount":"5000","currency":"XOF","country":"KP"}`})
	const want = `{"rule":"closed","generation":3,"denied":"not served","candidates":[],"removed":[],"rules":[{"name":"closed","matched":true,"why":"country KP"}]}`
	if diff := cmp.Diff(want, strings.TrimSpace(w.Body.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheFieldsOfAPaymentAreEvaluated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want core.Sample
	}{
		"a payment": {
			`{"reference":"o","amount":"12.50","currency":"EUR","country":"FR","method":"card","provider":"numipay","customer":{"id":"c-7","email":"a@b.fr"},
			"return_url":"https://shop.example/","metadata":{"tier":"vip"},"id":"pay_1","at":"2026-11-20T10:00:00Z","merchant":"shop","card":true}`,
			core.Sample{
				ID: "pay_1", Merchant: "shop", Kind: sdk.KindPayment, Amount: money.Of(1250, money.EUR), Country: "FR", Method: "card",
				Customer: "c-7", Metadata: map[string]string{"tier": "vip"}, Provider: "numipay", Card: true,
				Present: map[string]bool{"reference": true, "country": true, "customer.id": true, "customer.email": true, "return_url": true},
				At:      time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
			},
		},
		"a payout with a customer": {
			`{"kind":"payout","amount":"5","currency":"XOF","customer":{"phone":"+2250707123456"}}`,
			core.Sample{
				Merchant: "default", Kind: sdk.KindPayout, Amount: money.Of(5, money.XOF), Method: "any",
				Present: map[string]bool{"customer.phone": true, "recipient.phone": true},
			},
		},
		"a payout with a recipient": {
			`{"kind":"payout","amount":"5","currency":"XOF","recipient":{"id":"e-7","bank_account":{"account_number":"0011122233344455"}}}`,
			core.Sample{
				Merchant: "default", Kind: sdk.KindPayout, Amount: money.Of(5, money.XOF), Method: "any", Customer: "e-7",
				Present: map[string]bool{"customer.id": true, "recipient.id": true, "recipient.bank_account": true},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if w := b.do(request{method: "POST", path: evaluate, body: test.body}); w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(test.want, b.engine.Sample(), cmp.Comparer(money.Amount.Equal)); diff != "" {
				t.Errorf("sample (-want +got):\n%s", diff)
			}
			if b.engine.Executed() != 0 {
				t.Error("a payment was made")
			}
		})
	}
}

func TestAWrongEvaluationNamesTheField(t *testing.T) {
	t.Parallel()
	for body, location := range map[string]string{
		`{"currency":"XOF"}`:                                                           "body.amount",
		`{"kind":"refund","amount":"5","currency":"XOF"}`:                              "body.kind",
		`{"amount":"5","currency":"XOF","at":"noon"}`:                                  "body.at",
		`{"amount":"5","currency":"XOF","recipient":{}}`:                               "body.recipient",
		`{"amount":"5","currency":"XOF","card":{"number":"4111111111111111"}}`:         "body.card",
		`{"kind":"payout","amount":"5","currency":"XOF","recipient":{},"customer":{}}`: "body.recipient",
		`{"amount":"5","currency":"XOF","state":"succeeded"}`:                          "body.state",
	} {
		w := newBench(t).do(request{method: "POST", path: evaluate, body: body})
		problem := wantProblem(t, w, http.StatusBadRequest, "invalid_request")
		if len(problem.Errors) == 0 || problem.Errors[0].Location != location {
			t.Errorf("%s: %+v, want %s", body, problem.Errors, location)
		}
		if strings.Contains(w.Body.String(), "4111") {
			t.Errorf("the answer repeats a card: %s", w.Body)
		}
	}
}

func TestABacktestIsAnsweredInThePublicForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body, err := json.Marshal(api.Backtest{Rules: "default:\n  order: [cinetpay-ci]\n", Since: "30d"})
	if err != nil {
		t.Fatal(err)
	}
	got := decode[api.Backtested](t, b.do(request{method: "POST", path: "/v1/routing/backtest", body: string(body)}))
	want := httpapitest.Backtested()
	want.From = want.To.AddDate(0, 0, -30)
	if diff := cmp.Diff(api.BacktestedOf(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	success, fee := got.Moves[0].Success, got.Fees[0]
	if success.BeforePercent != "91.37" || success.AfterPercent != "93.80" || fee.Difference != "-38" || got.Moves[1].Success != nil {
		t.Errorf("success %+v, fee %+v", success, fee)
	}
}

func TestABacktestOfBadRulesSaysWhere(t *testing.T) {
	t.Parallel()
	const path = "/v1/routing/backtest"
	w := newBench(t).do(request{method: "POST", path: path, body: `{"rules":"x"}`})
	problem := wantProblem(t, w, http.StatusBadRequest, "invalid_request")
	if len(problem.Errors) != 1 || problem.Errors[0].Location != "body.rules" || !strings.Contains(problem.Errors[0].Message, "line 1") {
		t.Errorf("errors = %+v", problem.Errors)
	}
	for name, body := range map[string]string{
		"no rules": `{}`, "rules as an object": `{"rules":{}}`, "a year": `{"rules":"cinetpay-ci","since":"1y"}`,
		"a second": `{"rules":"cinetpay-ci","since":"1s"}`, "a new field": `{"rules":"cinetpay-ci","store":"/etc/passwd"}`,
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, newBench(t).do(request{method: "POST", path: path, body: body}), http.StatusBadRequest, "invalid_request")
		})
	}
}

// Rules need more room than any other body but that of a statement.
func TestTheRulesOfABacktestMayBeLarge(t *testing.T) {
	t.Parallel()
	const path = "/v1/routing/backtest"
	body := func(size int) string {
		const text = `{"rules":"cinetpay-ci"}`
		return text + strings.Repeat(" ", size-len(text))
	}
	b := newBench(t)
	if w := b.do(request{method: "POST", path: path, body: body(api.BacktestBodyMax)}); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, b.do(request{method: "POST", path: path, body: body(api.BacktestBodyMax + 1)}), http.StatusRequestEntityTooLarge, "too_large")
	wantProblem(t, b.do(request{method: "POST", path: evaluate, body: body(httpapi.BodyMax + 1)}), http.StatusRequestEntityTooLarge, "too_large")
}
