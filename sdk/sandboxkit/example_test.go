package sandboxkit_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// acme is a sandbox of a provider with one operation.
type acme struct {
	*sandboxkit.Server
	stage    *sandboxkit.Stage
	payments map[string]string // the status by reference
	webhooks string            // the address of the merchant
}

func newAcme(now func() time.Time, webhooks string) *acme {
	s := &acme{webhooks: webhooks, payments: map[string]string{}}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Now:        now,
		Operations: []sandboxkit.Operation{"pay"},
		State:      s.state,
		Forget:     func() { s.payments = map[string]string{} },
		UserAgent:  "AcmePay/1.0",
		Pauses:     []time.Duration{time.Minute, time.Hour},
	})
	s.Server = s.stage.Server()
	s.stage.HandleFunc("POST /payments/{ref}", func(w http.ResponseWriter, r *http.Request) {
		s.stage.Serve(w, r, "pay", func() sandboxkit.Answer { return s.pay(r.PathValue("ref")) })
	})
	return s
}

// pay makes a payment, which ends a minute later; one whose reference ends with
// "!" is made too, but its answer is lost.
func (s *acme) pay(ref string) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	s.payments[ref] = "pending"
	s.stage.After(time.Minute, func() {
		s.payments[ref] = "paid"
		s.stage.Post(0, sandboxkit.Delivery{Ref: ref, Word: "paid", Requests: []sandboxkit.Request{
			{Method: http.MethodPost, URL: s.webhooks, Body: []byte(ref + " is paid")},
		}})
	})
	answer := sandboxkit.JSON(http.StatusOK, map[string]string{"status": "pending"})
	answer.Dropped = strings.HasSuffix(ref, "!")
	return answer
}

func (s *acme) state() any {
	s.stage.Lock()
	defer s.stage.Unlock()
	payments := map[string]string{}
	for ref, status := range s.payments {
		payments[ref] = status
	}
	return payments
}

func Example() {
	merchant := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Printf("webhook: %s\n", body)
	}))
	defer merchant.Close()
	// A clock that stands still, so that only Advance moves it.
	dawn := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	sandbox := newAcme(dawn, merchant.URL)
	if err := sandbox.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer sandbox.Close()

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	pay := func(ref string) {
		resp, err := client.Post(sandbox.URL()+"/payments/"+ref, "", nil)
		if err != nil {
			fmt.Println(ref + ": no answer")
			return
		}
		defer resp.Body.Close()
		fmt.Println(ref+":", resp.Status)
	}
	if err := sandbox.Inject(sandboxkit.Fault{Op: "pay", Kind: sandboxkit.FaultStatus, Status: 503}); err != nil {
		fmt.Println(err)
	}
	pay("one")
	pay("two")
	pay("three!")
	sandbox.Advance(time.Minute)
	fmt.Println(sandbox.state())
	// Output:
	// one: 503 Service Unavailable
	// two: 200 OK
	// three!: no answer
	// webhook: two is paid
	// webhook: three! is paid
	// map[three!:paid two:paid]
}
