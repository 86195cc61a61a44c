package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/paymux/paymux/sdk"
)

// says0 is a call of the transfer API that is well, with data.
func says0(data string) string {
	return `{"code":0,"message":"OPERATION_SUCCES","data":` + data + `}`
}

// refuses is a call that is refused as a whole.
func refuses(code string) string { return `{"code":"` + code + `","message":"REFUSED","data":[]}` }

// page is what a path answers.
type page struct {
	status int
	body   string
}

// gate is CinetPay's transfer API: it counts the logins and takes the latest
// token only.
type gate struct {
	account *provider

	mu     sync.Mutex
	logins int
	calls  []string
	closed bool // Calls are refused whatever the token.
	pages  map[string]page
}

const (
	loginPath   = "/v1/auth/login"
	contactPath = "/v1/transfer/contact"
	sendPath    = "/v1/transfer/money/send/contact"
	moneyPath   = "/v1/transfer/check/money"
	balancePath = "/v1/transfer/check/balance"
)

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{pages: map[string]page{
		loginPath:   {200, says0(`{"token":"token-%d"}`)},
		contactPath: {200, says0(`[[{"code":0,"status":"success","lot":"1"}]]`)},
		sendPath:    {200, says0(`[[` + item("NEW", "") + `]]`)},
		moneyPath:   {200, says0(`[` + item("NEW", "") + `]`)},
		balancePath: {200, says0(`{"amount":900,"inUsing":400,"available":500}`)},
	}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.account = paying(t, server.URL, map[string]any{"currency": "XOF"})
	return g
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	g.calls = append(g.calls, r.URL.Path+"?"+r.URL.RawQuery+" "+string(body))
	if r.URL.Path == loginPath {
		g.logins++
	} else if g.closed || r.URL.Query().Get("token") != fmt.Sprintf("token-%d", g.logins) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, refuses("706"))
		return
	}
	told := g.pages[r.URL.Path]
	if told.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(told.status)
	fmt.Fprint(w, strings.ReplaceAll(told.body, "%d", fmt.Sprint(g.logins)))
}

// tell sets what a path answers from now on.
func (g *gate) tell(path string, answer page) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pages[path] = answer
}

// called counts the calls of a path.
func (g *gate) called(path string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, call := range g.calls {
		if strings.HasPrefix(call, path+"?") {
			n++
		}
	}
	return n
}

func (g *gate) pay(t *testing.T) (sdk.Result, error) {
	t.Helper()
	got, err := g.account.CreatePayout(t.Context(), payout(nil))
	if err != nil {
		got.Outcome = sdk.CreateOutcome(err)
	}
	return got, err
}
