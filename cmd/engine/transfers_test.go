package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk/money"
)

// openAPI returns the address of an API over an engine in memory.
func openAPI(t *testing.T, e *httpapitest.Engine) string {
	t.Helper()
	handler, err := httpapi.New(httpapi.Options{
		Payments: e, Payouts: e, Refunds: e, Accounts: e, Transactions: e, Transfers: e, Operator: e, Providers: e, Processes: e, Statements: e, Routing: e, Inbound: e, Store: e, Reload: e, Readiness: e,
		FingerprintKey: bytes.Repeat([]byte{7}, httpapi.FingerprintKeyMin),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.StripPrefix("/pay", handler))
	t.Cleanup(server.Close)
	return server.URL + "/pay"
}

// engineAt runs the command against the engine at url.
func engineAt(url string, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	code = run(append(args, "--url", url), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestTransfersAreListedAndAssigned(t *testing.T) {
	t.Parallel()
	e := &httpapitest.Engine{}
	url := openAPI(t, e)
	first, second := e.Receive(money.Of(5000, money.XOF)), e.Receive(money.Of(4900, money.XOF))
	code, out, errs := engineAt(url, "tx", "assign", first.ID, "--top-up", "c-7", "--reason", "asked for it")
	if code != 0 || !strings.Contains(out, "wallet of c-7") {
		t.Fatalf("assign: %d %s%s", code, out, errs)
	}
	code, out, _ = engineAt(url, "tx", "transfers", "--unmatched")
	if code != 0 || !strings.Contains(out, second.ID) || strings.Contains(out, first.ID) || !strings.Contains(out, "4900 XOF") {
		t.Errorf("unmatched: %d\n%s", code, out)
	}
	if code, out, _ = engineAt(url, "tx", "transfers", "--limit", "1"); code != 0 || !strings.Contains(out, "more: --cursor "+second.ID) {
		t.Errorf("one: %d\n%s", code, out)
	}
	code, out, _ = engineAt(url, "tx", "transfers", "--json")
	var list api.List[api.Transfer]
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != 0 || len(list.Data) != 2 || !list.Data[1].Matched {
		t.Errorf("json: %d %v\n%s", code, err, out)
	}
	if code, _, errs = engineAt(url, "tx", "assign", first.ID, "--top-up", "c-7", "--reason", "again"); code != 1 || !strings.Contains(errs, "409 not_allowed") {
		t.Errorf("again: %d %s", code, errs)
	}
}

func TestAnAssignmentIsWholeBeforeItIsSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"to nobody":           {[]string{"--reason", "x"}, "one of --transaction and --top-up is required"},
		"to two":              {[]string{"--transaction", "pay_1", "--top-up", "c-7", "--reason", "x"}, "one of --transaction and --top-up is required"},
		"without a reason":    {[]string{"--top-up", "c-7"}, "--reason is required"},
		"top-up of an amount": {[]string{"--top-up", "c-7", "--accept-amount", "--reason", "x"}, "--accept-amount goes with --transaction only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := engineAt("http://127.0.0.1:1", append([]string{"tx", "assign", "trf_1"}, test.args...)...)
			if diff := cmp.Diff("engine: "+test.says+"\n", errs); diff != "" || code != 2 {
				t.Errorf("%d (-want +got):\n%s", code, diff)
			}
		})
	}
	if code, _, errs := engineAt("http://127.0.0.1:1", "tx", "transfers", "--limit", "0"); code != 2 {
		t.Errorf("limit 0: %d %s", code, errs)
	}
}
