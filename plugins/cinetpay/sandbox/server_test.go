package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestServerListensOnLoopback(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
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

func TestServerRefusesAnAddressInUse(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	other := sandbox.New(sandbox.Options{Addr: strings.TrimPrefix(s.URL(), "http://")})
	if err := other.Start(); err == nil {
		t.Error("two sandboxes on one port")
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

func TestHandlerServesWithoutAListener(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	recorder := httptest.NewRecorder()
	s.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/_sandbox/state", nil))
	if recorder.Code != http.StatusOK {
		t.Errorf("HTTP %d", recorder.Code)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseEndsWhatWaits(t *testing.T) {
	t.Parallel()
	s := openReal(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 3_600_000})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.post("/v2/payment", s.order("ref1", 1500))
	}()
	within(t, "the slow call begins", func() bool {
		_, created := s.Payment("ref1")
		return created
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	select {
	case <-answered:
	case <-time.After(10 * time.Second):
		t.Error("the slow call still waits")
	}
}

func TestManyPaymentsAtOnce(t *testing.T) {
	t.Parallel()
	s := openReal(t, sandbox.Options{CompletionDelay: time.Millisecond})
	const count = 50
	var calls sync.WaitGroup
	for i := range count {
		calls.Go(func() {
			ref := fmt.Sprintf("ref%d", i)
			s.post("/v2/payment", s.order(ref, 1500))
			s.post("/v2/payment", s.order(ref, 1500))
			s.check(ref)
			s.State()
		})
	}
	calls.Wait()
	within(t, "every payment is told once", func() bool { return len(s.receiver.posts()) == count })
	for _, row := range s.State().Payments {
		if row.Created != 1 || row.CreateCalls != 2 || !row.Paid {
			t.Errorf("%s: created %d of %d calls, paid %t", row.Ref, row.Created, row.CreateCalls, row.Paid)
		}
	}
}
