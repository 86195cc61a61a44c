package httpapi_test

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk/money"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestTheDocumentIsTheGoldenOne(t *testing.T) {
	t.Parallel()
	w := newBench(t).do(request{method: "GET", path: "/openapi.json"})
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	const path = "testdata/openapi.json"
	if *update {
		if err := os.WriteFile(path, w.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), w.Body.String()); diff != "" {
		t.Errorf("openapi.json (-want +got):\n%s", diff)
	}
}

func TestTheDocumentTellsWhatIsShown(t *testing.T) {
	t.Parallel()
	document := documentOf(t, newBench(t))
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		if _, there := document.Components.Schemas[name]; there {
			t.Errorf("%s is documented and never answered", name)
		}
	}
	shown, err := json.Marshal(api.Transaction{})
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(shown, &members); err != nil {
		t.Fatal(err)
	}
	for name, closed := range map[string]bool{
		"Payment": true, "Payout": true, "Recipient": true, "RecipientBankAccount": true, "Refund": true, "Decide": true,
		"Resolve": true, "Lookup": true, "Transaction": false, "Problem": false, "Found": false, "Balances": false,
		"Assign": true, "Transfer": false, "CompareStatement": true, "Adopt": true, "Comparison": false, "Finding": false, "Record": false, "StoreStats": false,
		"Reload": true, "Rollback": true, "Reloaded": false, "Generations": false, "Generation": false,
		"Evaluate": true, "Backtest": true, "Evaluation": false, "Backtested": false,
	} {
		if got := document.Components.Schemas[name].AdditionalProperties != nil; got != closed {
			t.Errorf("%s is closed: %t, want %t", name, got, closed)
		}
	}
	schema := document.Components.Schemas["Transaction"]
	for name, value := range members {
		property, there := schema.Properties[name]
		if !there || value == nil && !strings.Contains(string(property), `"null"`) && name != "attempts" && name != "metadata" {
			t.Errorf("%s = %v is documented as %s", name, value, property)
		}
	}
}

func TestTheDocsPageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	text := b.do(request{method: "GET", path: "/docs"}).Body.String()
	for _, foreign := range []string{"http://", "https://", "<script", "src="} {
		if strings.Contains(text, foreign) {
			t.Errorf("the page holds %s", foreign)
		}
	}
	for path := range documentOf(t, b).Paths {
		if !strings.Contains(text, path) {
			t.Errorf("the page lacks %s", path)
		}
	}
	for _, kind := range api.ProblemKinds() {
		if !strings.Contains(text, "<code>"+kind.Code+"</code>") {
			t.Errorf("the page lacks %s", kind.Code)
		}
	}
}

// document is what the tests read of the OpenAPI document.
type document struct {
	Paths      map[string]map[string]documentedOperation
	Components struct {
		Schemas map[string]struct {
			Properties           map[string]json.RawMessage
			AdditionalProperties any
		}
	}
}

type documentedOperation struct {
	OperationID string
	Security    []map[string][]httpapi.Scope
	Responses   map[string]json.RawMessage
	RequestBody struct{ Required bool }
}

func documentOf(t *testing.T, b *bench) document {
	t.Helper()
	w := b.do(request{method: "GET", path: "/openapi.json"})
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheAuthorizationMatrix takes every operation of the document and calls it
// with no key, with a wrong key, with a key of each single scope, of another
// merchant with all but operator, and of an operator of another merchant.
func TestTheAuthorizationMatrix(t *testing.T) {
	t.Parallel()
	keys := []httpapi.Key{
		key("owner", "shop", httpapi.ScopePayments, httpapi.ScopePayouts, httpapi.ScopeRead),
		key("stranger", "other", httpapi.ScopePayments, httpapi.ScopeRead, httpapi.ScopePayouts, httpapi.ScopeRefunds),
		key("foreign-operator", "office", httpapi.Scopes()...),
	}
	for _, scope := range httpapi.Scopes() {
		keys = append(keys, key("only-"+string(scope), "shop", scope))
	}
	cells := 0
	d := documentOf(t, newBench(t))
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for method, op := range d.Paths[path] {
			for _, as := range append(idsOf(keys), "", "unknown") {
				cells++
				t.Run(op.OperationID+" as "+as, func(t *testing.T) {
					t.Parallel()
					checkCell(t, keys, strings.ToUpper(method), path, op, as)
				})
			}
		}
	}
	if want := 39 * (len(keys) + 2); cells != want {
		t.Errorf("%d cells, want %d: operations are missing from the document or new", cells, want)
	}
	t.Logf("%d cells", cells)
}

func checkCell(t *testing.T, keys []httpapi.Key, method, path string, op documentedOperation, as string) {
	t.Helper()
	b := newBench(t, withKeys(keys...))
	tx := b.subject(path)
	id := tx.ID
	if strings.HasPrefix(path, "/v1/transfers") {
		id = b.engine.Receive(money.Of(5000, money.XOF)).ID
	}
	req := request{method: method, path: strings.NewReplacer(
		"{id}", id, "{account}", httpapitest.Account, "{ref}", refOf(tx)).Replace(path), as: as}
	if op.RequestBody.Required {
		req.body = map[string]string{
			"createPayment": strings.Replace(payment, "order-42", "order-43", 1), "createPayout": strings.Replace(payout, "salary-42", "salary-43", 1),
			"resolveTransaction": `{"state":"failed","reason":"x"}`, "lookupCustomer": `{"phone":"` + httpapitest.PhoneKnown + `"}`,
			"compareStatement":    `{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"}`,
			"adoptStatement":      `{"attempts":[{"transaction":"` + tx.ID + `","attempt":1}]}`,
			"logProviderRequests": `{"for":"1m"}`,
			"evaluateRouting":     `{"amount":"5000","currency":"XOF"}`,
			"backtestRouting":     `{"rules":"default: { order: [` + httpapitest.Account + `] }"}`,
			"assignTransfer":      `{"transaction":"` + tx.ID + `","reason":"x"}`,
		}[op.OperationID]
	}
	if op.OperationID == "listExpected" {
		req.path += "?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z"
	}
	if method == http.MethodPost {
		req.header = map[string]string{"Idempotency-Key": "k2"}
	}
	w := b.do(req)
	switch {
	case len(op.Security) == 0:
		if w.Code == 401 || w.Code == 403 {
			t.Errorf("an open path answers %d", w.Code)
		}
	case as == "" || as == "unknown":
		wantProblem(t, w, http.StatusUnauthorized, "unauthorized")
		if w.Header().Get("WWW-Authenticate") == "" {
			t.Error("401 without WWW-Authenticate")
		}
	case !mayBy(keys, op, as):
		wantProblem(t, w, http.StatusForbidden, "forbidden")
	case as == "stranger" && strings.Contains(path, "{id}"):
		wantProblem(t, w, http.StatusNotFound, "not_found")
	case w.Code >= 300:
		t.Errorf("%d %s, want it allowed", w.Code, w.Body)
	case as == "stranger" && strings.Contains(w.Body.String(), tx.ID):
		t.Errorf("another merchant sees %s", w.Body)
	}
	if as == "stranger" || w.Code >= 400 {
		after := decode[api.Transaction](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID, as: "owner"}))
		if diff := cmp.Diff(tx, after); diff != "" {
			t.Errorf("the transaction was changed (-want +got):\n%s", diff)
		}
	}
}

// subject is a transaction of the owner's that the operation of path could change:
// a held payout, a payment that was paid, or one that waits for its customer.
func (b *bench) subject(path string) api.Transaction {
	b.t.Helper()
	switch {
	case strings.HasPrefix(path, "/v1/payouts/"):
		return b.create(request{path: "/v1/payouts", body: payout, as: "owner"}, "k")
	case strings.HasSuffix(path, "/refunds"):
		return b.settle(b.pay("owner", "k", payment).ID, "foreign-operator")
	default:
		return b.pay("owner", "k", payment)
	}
}

func refOf(tx api.Transaction) string {
	if len(tx.Attempts) == 0 {
		return "none"
	}
	return tx.Attempts[0].Ref
}

// mayBy is the rule in the words of the test: one alternative's scopes are all there.
func mayBy(keys []httpapi.Key, op documentedOperation, as string) bool {
	at := slices.IndexFunc(keys, func(k httpapi.Key) bool { return k.ID == as })
	for _, alternative := range op.Security {
		missing := slices.DeleteFunc(slices.Clone(alternative["key"]), func(s httpapi.Scope) bool {
			return slices.Contains(keys[at].Scopes, s)
		})
		if len(missing) == 0 {
			return true
		}
	}
	return false
}

func idsOf(keys []httpapi.Key) []string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// TestTheScopesAreTheAgreedOnes pins the matrix itself: it is generated from what
// the document says, so that the document could loosen both at once.
func TestTheScopesAreTheAgreedOnes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"createPayment": "payments:write", "cancelPayment": "payments:write", "getTransaction": "read operator",
		"listTransactions": "read operator", "getHistory": "read operator", "syncTransaction": "payments:write operator",
		"storeStats": "operator", "backupStore": "operator",
		"reload": "operator", "rollbackRules": "operator", "listGenerations": "operator",
		"resolveTransaction": "operator", "listProviders": "operator", "getProvider": "operator",
		"drainProvider": "operator", "resumeProvider": "operator", "restartProvider": "operator", "logProviderRequests": "operator",
		"createPayout": "payouts:write", "cancelPayout": "payouts:write", "approvePayout": "operator", "rejectPayout": "operator",
		"createRefund": "refunds:write", "lookupCustomer": "payments:write", "getBalance": "operator", "listTransfers": "operator", "assignTransfer": "operator",
		"evaluateRouting": "operator", "backtestRouting": "operator",
		"compareStatement": "operator", "listExpected": "operator", "adoptStatement": "operator",
		"notifyByGet": "", "notifyByPost": "", "returnByGet": "", "returnByPost": "", "health": "", "ready": "", "metrics": "",
	}
	got := map[string]string{}
	for _, operations := range documentOf(t, newBench(t)).Paths {
		for _, op := range operations {
			var words []string
			for _, alternative := range op.Security {
				for _, scope := range alternative["key"] {
					words = append(words, string(scope))
				}
			}
			got[op.OperationID] = strings.Join(words, " ")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

func TestOnlyAnOperatorSeesOtherMerchants(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(
		key("a", "a", httpapi.ScopePayments, httpapi.ScopeRead), key("b", "b", httpapi.ScopePayments, httpapi.ScopeRead),
		key("op", "office", httpapi.ScopeOperator)))
	b.pay("a", "k", payment)
	b.pay("b", "k", payment)
	count := func(as, query string) int {
		w := b.do(request{method: "GET", path: "/v1/transactions" + query, as: as})
		return len(decode[api.List[api.Transaction]](t, w).Data)
	}
	if a, op, one := count("a", ""), count("op", ""), count("op", "?merchant=a"); a != 1 || op != 2 || one != 1 {
		t.Errorf("a sees %d, the operator %d and %d of a; want 1, 2, 1", a, op, one)
	}
	wantProblem(t, b.do(request{method: "GET", path: "/v1/transactions?merchant=b", as: "a"}), 403, "forbidden")
}

func TestTheProviderFieldNeedsItsScope(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(key("a", "a", httpapi.ScopePayments), key("b", "b", httpapi.ScopePayments, httpapi.ScopeChooseProvider)))
	chosen := strings.Replace(payment, `"country"`, `"provider":"cinetpay-ci","country"`, 1)
	w := b.do(request{method: "POST", path: "/v1/payments", as: "a", body: chosen, header: map[string]string{"Idempotency-Key": "k"}})
	wantProblem(t, w, http.StatusForbidden, "forbidden")
	b.pay("b", "k", chosen)
}

func TestTheProviderFieldOfAPayoutNeedsItsScope(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(key("a", "a", httpapi.ScopePayouts), key("b", "b", httpapi.ScopePayouts, httpapi.ScopeChooseProvider)))
	chosen := strings.Replace(payout, `"country"`, `"provider":"cinetpay-ci","country"`, 1)
	w := b.do(request{method: "POST", path: "/v1/payouts", as: "a", body: chosen, header: map[string]string{"Idempotency-Key": "k"}})
	wantProblem(t, w, http.StatusForbidden, "forbidden")
	b.create(request{path: "/v1/payouts", body: chosen, as: "b"}, "k")
}

func TestAManualRefundNeedsAnOperator(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(
		key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRefunds), key("op", "office", httpapi.ScopeRefunds, httpapi.ScopeOperator)))
	tx := b.settle(b.pay("shop", "k", payment).ID, "op")
	manual := request{method: "POST", path: "/v1/payments/" + tx.ID + "/refunds", as: "shop", body: `{"manual":true}`}
	manual.header = map[string]string{"Idempotency-Key": "k"}
	wantProblem(t, b.do(manual), http.StatusForbidden, "forbidden")
	manual.as = "op"
	if got := b.create(manual, "k"); !got.Manual || got.State != "succeeded" || got.Merchant != "shop" {
		t.Errorf("refund = %+v", got)
	}
}

// careless is an engine that forgets to look whose a transaction is.
type careless struct{ *httpapitest.Engine }

func (e careless) Transaction(ctx context.Context, _ core.Caller, id string) (core.Transaction, error) {
	return e.Engine.Transaction(ctx, core.Caller{Operator: true}, id)
}

func (e careless) Transactions(ctx context.Context, _ core.Caller, f core.Filter) (core.Page[core.Transaction], error) {
	return e.Engine.Transactions(ctx, core.Caller{Operator: true}, f)
}

func (e careless) Sync(ctx context.Context, _ core.Caller, id string) (core.Transaction, error) {
	return e.Engine.Sync(ctx, core.Caller{Operator: true}, id)
}

func (e careless) Refund(ctx context.Context, req core.RefundRequest) (core.Answer, error) {
	req.Caller.Operator = true
	return e.Engine.Refund(ctx, req)
}

func TestACarelessEngineStillShowsNothingOfOthers(t *testing.T) {
	t.Parallel()
	engine := careless{&httpapitest.Engine{}}
	b := newBench(t, withKeys(key("a", "a", httpapi.ScopePayments), key("b", "b", httpapi.ScopeRead, httpapi.ScopePayments, httpapi.ScopeRefunds)), func(o *httpapi.Options) {
		o.Payments, o.Transactions, o.Operator, o.Refunds = engine, engine, engine, engine
	})
	tx := b.pay("a", "k", payment)
	for _, req := range []request{
		{method: "GET", path: "/v1/transactions/" + tx.ID, as: "b"},
		{method: "GET", path: "/v1/transactions/" + tx.ID + "/history", as: "b"},
		{method: "POST", path: "/v1/transactions/" + tx.ID + "/sync", as: "b"},
		{method: "POST", path: "/v1/payments/" + tx.ID + "/refunds", as: "b", header: map[string]string{"Idempotency-Key": "k"}},
	} {
		wantProblem(t, b.do(req), http.StatusNotFound, "not_found")
	}
	w := b.do(request{method: "GET", path: "/v1/transactions", as: "b"})
	if list := decode[api.List[api.Transaction]](t, w); len(list.Data) != 0 {
		t.Errorf("the list shows %+v", list.Data)
	}
}
