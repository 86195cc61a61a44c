package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk/money"
)

// transfers returns the ids of a page, and its cursor.
func (b *bench) transfers(query string) (ids []string, next string) {
	b.t.Helper()
	w := b.do(request{method: "GET", path: "/v1/transfers" + query})
	list := decode[api.List[api.Transfer]](b.t, w)
	for _, t := range list.Data {
		ids = append(ids, t.ID)
	}
	if list.NextCursor != nil {
		next = *list.NextCursor
	}
	return ids, next
}

// assign gives a transfer away and returns it.
func (b *bench) assign(id, body string) api.Transfer {
	b.t.Helper()
	w := b.do(request{method: "POST", path: "/v1/transfers/" + id + "/assign", body: body})
	if w.Code != http.StatusOK {
		b.t.Fatalf("assign: %d %s", w.Code, w.Body)
	}
	return decode[api.Transfer](b.t, w)
}

func TestATransferIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	received := b.engine.Receive(money.Of(5000, money.XOF))
	text := b.do(request{method: "GET", path: "/v1/transfers"}).Body.String()
	want := `{"id":"` + received.ID + `","provider":"cinetpay-ci","provider_ref":"at-` + received.ID + `","provider_customer":"cus_7",` +
		`"amount":"5000","currency":"XOF","status":"completed","received_at":`
	for _, part := range []string{want, `"matched":false,"transaction":null,"top_up":null`, `"next_cursor":null`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %s", text, part)
		}
	}
}

func TestTransfersAreFiltered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var ids []string
	for range 3 {
		ids = append(ids, b.engine.Receive(money.Of(5000, money.XOF)).ID)
	}
	b.assign(ids[0], `{"top_up":"c-7","reason":"asked"}`)
	for query, want := range map[string][]string{
		"":                                 {ids[2], ids[1], ids[0]},
		"?matched=":                        {ids[2], ids[1], ids[0]},
		"?matched=true":                    {ids[0]},
		"?matched=false":                   {ids[2], ids[1]},
		"?provider=" + httpapitest.Account: {ids[2], ids[1], ids[0]},
		"?provider=nobody":                 nil,
		"?customer=cus_7&matched=true":     {ids[0]},
		"?customer=cus_8":                  nil,
	} {
		if got, next := b.transfers(query); cmp.Diff(want, got) != "" || next != "" {
			t.Errorf("%q lists %v and then %q, want %v", query, got, next, want)
		}
	}
	first, next := b.transfers("?matched=false&limit=1")
	second, end := b.transfers("?matched=false&limit=1&cursor=" + next)
	if diff := cmp.Diff([]string{ids[2], ids[1]}, append(first, second...)); diff != "" || end != "" {
		t.Errorf("page by page, then %q (-want +got):\n%s", end, diff)
	}
}

func TestATransferIsGivenToAPaymentOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", payment)
	received := b.engine.Receive(money.Of(5000, money.XOF))
	body := `{"transaction":"` + tx.ID + `","reason":"the customer showed it"}`
	got := b.assign(received.ID, body)
	if !got.Matched || got.Transaction == nil || *got.Transaction != tx.ID || got.TopUp != nil {
		t.Errorf("transfer = %+v", got)
	}
	again := b.do(request{method: "POST", path: "/v1/transfers/" + received.ID + "/assign", body: body})
	wantProblem(t, again, http.StatusConflict, "not_allowed")
}

func TestATransferOfAnotherAmountMustBeMeant(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", payment)
	path := "/v1/transfers/" + b.engine.Receive(money.Of(4900, money.XOF)).ID + "/assign"
	for name, body := range map[string]string{
		"absent": `{"transaction":"` + tx.ID + `","reason":"fees"}`,
		"false":  `{"transaction":"` + tx.ID + `","accept_amount":false,"reason":"fees"}`,
	} {
		problem := wantProblem(t, b.do(request{method: "POST", path: path, body: body}), http.StatusBadRequest, "invalid_request")
		if len(problem.Errors) != 1 || problem.Errors[0].Location != "body.accept_amount" {
			t.Errorf("%s: errors = %+v, want one at body.accept_amount", name, problem.Errors)
		}
	}
	w := b.do(request{method: "POST", path: path, body: `{"transaction":"` + tx.ID + `","accept_amount":true,"reason":"fees"}`})
	if got := decode[api.Transfer](t, w); w.Code != http.StatusOK || !got.Matched {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestATransferFillsAWallet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	got := b.assign(b.engine.Receive(money.Of(4900, money.XOF)).ID, `{"top_up":"c-7","transaction":"","reason":"asked for it"}`)
	if !got.Matched || got.TopUp == nil || *got.TopUp != "c-7" || got.Transaction != nil {
		t.Errorf("transfer = %+v", got)
	}
}

func TestAnAssignmentOfAFailingStoreIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", payment)
	received := b.engine.Receive(money.Of(5000, money.XOF))
	b.engine.Before = fails(core.ErrStoreUnavailable)
	w := b.do(request{
		method: "POST", path: "/v1/transfers/" + received.ID + "/assign", body: `{"transaction":"` + tx.ID + `","reason":"x"}`,
	})
	wantProblem(t, w, http.StatusServiceUnavailable, "store_unavailable")
}

func fails(err error) func(context.Context) error { return func(context.Context) error { return err } }
