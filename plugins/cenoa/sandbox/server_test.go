package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
)

func TestPathsMoveTheOperations(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{Paths: map[string]string{
		"user_account": "POST /users/{phone}", "transactions": "/list/{page}?size={limit}&user={userId}&since={from}&to=",
	}})
	if got := s.do(http.MethodPost, "/users/+905551112233", "", at(s.Now())); got.Status != 200 || got.object()["userId"] == nil {
		t.Errorf("account: HTTP %d %s", got.Status, got.Text)
	}
	s.send("1.00", "2.00", "3.00")
	if got := s.get("/list/2?size=2&since=2026-01-01T00:00:00Z"); len(got.object()["data"].([]any)) != 1 {
		t.Errorf("list: HTTP %d %s", got.Status, got.Text)
	}
	if got := s.lookUp(phone); got.Status != 404 {
		t.Errorf("the assumed path: HTTP %d", got.Status)
	}
}

func TestPathsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, paths := range map[string]map[string]string{
		"an unknown operation": {"pay": "/pay"},
		"no path":              {"transactions": "list"},
		"a control path":       {"transactions": "/_sandbox/state"},
		"one path for both":    {"user_account": "/one", "transactions": "/one"},
		"a broken wildcard":    {"user_account": "/users/{"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandbox.New(sandbox.Options{Paths: paths})
			if err := s.Start(); err == nil {
				t.Error("it started")
				_ = s.Close()
			}
		})
	}
}
