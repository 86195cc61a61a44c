package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const november = `"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"`

func TestAStatementIsComparedOverHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	held := core.Held{ID: "att_1", Ref: "r1", Kind: sdk.KindPayment, State: "succeeded", Amount: money.Of(5000, money.XOF), At: at}
	b.engine.Held = []core.Held{held, held}
	b.engine.Comparison = core.Comparison{
		Unread:   "the list was cut",
		Findings: []core.Finding{{Class: core.StatementMissingThere, Held: &held, Why: "not there", Adoptable: true}},
	}
	list := decode[api.Comparison](t, b.do(request{method: "POST", path: "/v1/providers/cinetpay-ci/statement", body: "{" + november + "}"}))
	if list.Unread == "" || len(list.Data) != 1 || list.Data[0].Row != nil || list.Data[0].Record.ID != "att_1" || !list.Data[0].Adoptable {
		t.Errorf("list: %+v", list)
	}
	rows := `{` + november + `,"rows":[{"line":2,"reference":"r1","state":"succeeded","amount":"5000"},{"line":3,"reference":"r2","state":"failed"}]}`
	file := decode[api.Comparison](t, b.do(request{method: "POST", path: "/v1/providers/cinetpay-ci/statement", body: rows}))
	var classes []string
	for _, f := range file.Data {
		classes = append(classes, f.Class)
	}
	if diff := cmp.Diff([]string{"equal", "missing_here"}, classes); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	wantProblem(t, b.do(request{method: "POST", path: "/v1/providers/nobody/statement", body: rows}), http.StatusNotFound, "not_found")
	wantProblem(t, b.do(request{method: "POST", path: "/v1/providers/cinetpay-ci/statement", body: "{}"}), http.StatusBadRequest, "invalid_request")
}

func TestWhatIsExpectedIsReadPageByPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.engine.Held = []core.Held{{ID: "att_1"}, {ID: "att_2"}, {ID: "att_3"}}
	var ids []string
	const path = "/v1/providers/cinetpay-ci/expected?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z"
	for cursor := ""; ; {
		page := decode[api.List[api.Record]](t, b.do(request{method: "GET", path: path + cursor}))
		for _, record := range page.Data {
			ids = append(ids, record.ID)
		}
		if page.NextCursor == nil {
			break
		}
		cursor = "&cursor=" + *page.NextCursor
	}
	if diff := cmp.Diff([]string{"att_1", "att_2", "att_3"}, ids); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	wantProblem(t, b.do(request{method: "GET", path: "/v1/providers/cinetpay-ci/expected"}), http.StatusBadRequest, "invalid_request")
	wantProblem(t, b.do(request{method: "GET", path: strings.Replace(path, "cinetpay-ci", "nobody", 1)}), http.StatusNotFound, "not_found")
}

// The rows of a file need more room than any other body; nothing else gets it.
func TestOnlyAStatementMayBeLarge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := func(size int) string {
		text := `{` + november + `}`
		return text + strings.Repeat(" ", size-len(text))
	}
	const path = "/v1/providers/cinetpay-ci/"
	if w := b.do(request{method: "POST", path: path + "statement", body: body(api.StatementBodyMax)}); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, b.do(request{method: "POST", path: path + "statement", body: body(api.StatementBodyMax + 1)}), http.StatusRequestEntityTooLarge, "too_large")
	wantProblem(t, b.do(request{method: "POST", path: path + "adopt", body: body(64<<10 + 1)}), http.StatusRequestEntityTooLarge, "too_large")
}
