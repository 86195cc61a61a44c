package sandboxkit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

func TestAServerStartsOnceAndIsGoneAfterClose(t *testing.T) {
	t.Parallel()
	s := newTill(sandboxkit.Setup{})
	if got := s.URL(); got != "" {
		t.Errorf("before Start: %q", got)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if got := s.URL(); !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("got %q", got)
	}
	if err := s.Start(); err == nil {
		t.Error("it started twice")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Start(); err == nil {
		t.Error("it started after Close")
	}
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	if err := newTill(sandboxkit.Setup{Addr: strings.TrimPrefix(s.URL(), "http://")}).Start(); err == nil {
		t.Error("two sandboxes on one port")
	}
}

func TestAHandlerNeedsNoListener(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/_sandbox/state", nil)
	newTill(sandboxkit.Setup{}).Handler().ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Errorf("HTTP %d", recorder.Code)
	}
}

func TestAnAnswerHasItsHeaders(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	got := s.do(http.MethodPost, "/pay/id1", "please")
	want := http.Header{
		"Content-Length": {"29"}, "Content-Type": {"application/json"},
		"Date": {"Fri, 02 Jan 2026 03:04:05 GMT"}, "X-Till": {"open"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" || got.Text != `{"heard":"please","id":"id1"}` {
		t.Errorf("%s (-want +got)\n%s", got.Text, diff)
	}
}

func TestABodyBeyondAMebibyteIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	got := s.do(http.MethodPost, "/pay/id1", strings.Repeat("x", 1<<20+1))
	if got.Status != http.StatusRequestEntityTooLarge || len(s.paidNow()) != 0 {
		t.Errorf("got %+v", got)
	}
}
