package main

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestBalancesAreReadPerCurrency(t *testing.T) {
	answers := map[string]string{
		"KES": `{"status_code":100,"balances":[{"currency":"KES","available":"12.50"}]}`,
		"NGN": says("103"), "GHS": says("106"),
		"XAF": `{"status_code":100,"balances":[{"currency":"XAF","available":100.0},{"currency":"XOF","available":7},{"currency":"XYZ","available":1}]}`,
		"XOF": `{"status_code":100,"balances":[{"currency":"XOF","available":7}]}`,
	}
	p := local(t, nil, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, answers[r.URL.Query().Get("currency")]) })
	got, err := p.GetBalance(t.Context())
	want := []sdk.Balance{
		{Available: money.Of(1250, money.KES)}, {Available: money.Of(100, money.XAF)}, {Available: money.Of(7, money.XOF)},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestABalanceThatCannotBeTold(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   sdk.ErrorKind
	}{
		"refused":        {401, says("101"), sdk.KindAuthentication},
		"suspended":      {200, says("109"), sdk.KindAuthentication},
		"too often":      {429, says("102"), sdk.KindRateLimited},
		"maintenance":    {503, says("108"), sdk.KindUnavailable},
		"no such path":   {404, "", sdk.KindUnavailable},
		"no list":        {200, says("100"), sdk.KindUnknown},
		"a list of text": {200, `{"status_code":100,"balances":["XOF"]}`, sdk.KindUnknown},
		"below zero":     {200, `{"status_code":100,"balances":[{"currency":"XOF","available":-5}]}`, sdk.KindUnknown},
		"half a franc":   {200, `{"status_code":100,"balances":[{"currency":"XOF","available":0.5}]}`, sdk.KindUnknown},
		"not JSON":       {200, "<html>", sdk.KindUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, nil, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			got, err := p.GetBalance(t.Context())
			var fault *sdk.Error
			if !errors.As(err, &fault) || fault.Kind != c.kind || len(got) > 0 || len(fault.Exchanges) != 1 {
				t.Errorf("want a fault of kind %s, got %v, %v", c.kind, got, err)
			}
		})
	}
}
