package httpapi_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestAListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	want := map[string]bool{}
	for i := range 5 {
		want[b.pay("", "k"+strconv.Itoa(i), `{"amount":"5000","currency":"XOF"}`).ID] = true
	}
	got := map[string]bool{}
	cursor, pages := "", 0
	for {
		page := decode[api.List[api.Transaction]](t, b.do(request{method: "GET", path: "/v1/transactions?limit=2" + cursor}))
		pages++
		for _, tx := range page.Data {
			got[tx.ID] = true
		}
		if page.NextCursor == nil {
			break
		}
		cursor = "&cursor=" + *page.NextCursor
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
}

func TestATransactionIsShownWithItsHistoryWhereAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", payment)
	if tx.History != nil {
		t.Error("history is shown unasked")
	}
	expanded := decode[api.Transaction](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID + "?expand=history"}))
	if expanded.Routing != nil {
		t.Error("the routing is shown without being asked for")
	}
	history := decode[api.History](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID + "/history"}))
	if diff := cmp.Diff(history.Data, expanded.History); diff != "" || len(history.Data) != 2 || history.Data[0].Event != "created" {
		t.Errorf("history = %+v (-want +got):\n%s", history, diff)
	}
}

// moving is an engine whose transactions go on whenever one was read.
type moving struct{ *httpapitest.Engine }

func (m moving) Transaction(ctx context.Context, caller core.Caller, id string) (core.Transaction, error) {
	tx, err := m.Engine.Transaction(ctx, caller, id)
	if err != nil {
		return tx, err
	}
	_, err = m.Resolve(ctx, caller, id, core.Resolution{Verb: "failed", Reason: "meanwhile"})
	return tx, err
}

func TestATransactionAndItsHistoryAreOfOneMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *httpapi.Options) { o.Transactions = moving{o.Transactions.(*httpapitest.Engine)} })
	tx := b.pay("", "k", payment)
	shown := decode[api.Transaction](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID + "?expand=history"}))
	if last := shown.History[len(shown.History)-1]; last.To != shown.State || shown.State != "requires_action" {
		t.Errorf("it is %s, its history ends %s", shown.State, last.To)
	}
}

func TestATransactionIsShownWithItsRoutingWhereAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", payment)
	show := func(expand string) api.Transaction {
		return decode[api.Transaction](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID + "?expand=" + expand}))
	}
	for expand, history := range map[string]int{"routing": 0, "routing,history": 2, "history,routing": 2} {
		got := show(expand)
		want := []api.RoutingCandidate{{Provider: httpapitest.Account, Reason: httpapitest.Reason}}
		if diff := cmp.Diff(want, got.Routing.Candidates); diff != "" || len(got.History) != history {
			t.Errorf("%s: %d history entries, candidates (-want +got):\n%s", expand, len(got.History), diff)
		}
	}
}

// What accounts cost and how well they do is between the operator and the providers.
func TestAMerchantDoesNotReadWhatAccountsCost(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(
		key("shop", "default", httpapi.ScopePayments, httpapi.ScopeRead), key("desk", "default", httpapi.ScopeOperator),
	))
	tx := b.pay("shop", "k", payment)
	for as, reason := range map[string]string{"shop": "", "desk": httpapitest.Reason} {
		w := b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID + "?expand=routing", as: as})
		want := []api.RoutingCandidate{{Provider: httpapitest.Account, Reason: reason}}
		if diff := cmp.Diff(want, decode[api.Transaction](t, w).Routing.Candidates); diff != "" {
			t.Errorf("%s reads (-want +got):\n%s", as, diff)
		}
	}
}

func TestAnOperatorSettles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", payment)
	path := "/v1/transactions/" + tx.ID
	if got := decode[api.Transaction](t, b.do(request{method: "POST", path: path + "/sync", body: "{}"})); got.State != "requires_action" {
		t.Errorf("sync: state = %s", got.State)
	}
	body := `{"state":"succeeded","attempt":"` + tx.Attempts[0].ID + `","amount":"5000","reason":"seen on the statement"}`
	w := b.do(request{method: "POST", path: path + "/resolve", body: body})
	if got := decode[api.Transaction](t, w); w.Code != http.StatusOK || got.State != "succeeded" || got.AmountReceived != "5000" {
		t.Errorf("resolve: %d %s", w.Code, w.Body)
	}
	wantProblem(t, b.do(request{method: "POST", path: path + "/resolve", body: body}), http.StatusConflict, "already_final")
}

func TestProvidersAreListed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := decode[api.List[api.Provider]](t, b.do(request{method: "GET", path: "/v1/providers"}))
	one := decode[api.Provider](t, b.do(request{method: "GET", path: "/v1/providers/cinetpay-ci"}))
	if diff := cmp.Diff([]api.Provider{one}, list.Data); diff != "" || !one.Ready || list.NextCursor != nil {
		t.Errorf("providers %+v (-want +got):\n%s", list, diff)
	}
}

func TestWhoAsksForAnotherFormatGetsJSON(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"", "json", "text/html", "application/cbor", "application/problem+json"} {
		w := newBench(t).do(request{method: "GET", path: "/v1/providers", header: map[string]string{"Accept": accept}})
		if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "application/json" {
			t.Errorf("Accept %q: %d %s", accept, w.Code, got)
		}
	}
}
