package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// on is a fault of the answer to the call that creates a payment.
func on(kind sandbox.FaultKind, status int) sandbox.Fault {
	return sandbox.Fault{Op: sandbox.OpPayment, Kind: kind, Status: status}
}

// Only what provably created nothing goes on to the second account.
func TestWhatAFaultOfTheProviderMeans(t *testing.T) {
	t.Parallel()
	slow := sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 3000}
	tests := map[string]struct {
		fault sandbox.Fault
		// state is of the payment, attempts of its attempts as it was answered.
		state, attempts string
		// created says that CinetPay has the payment whatever it answered.
		created bool
	}{
		"500":                       {on(sandbox.FaultStatus, 500), "unknown", "first unknown", false},
		"502":                       {on(sandbox.FaultStatus, 502), "unknown", "first unknown", false},
		"no answer in time":         {slow, "unknown", "first unknown", true},
		"garbage":                   {on(sandbox.FaultGarbage, 0), "unknown", "first unknown", true},
		"garbage with 500":          {on(sandbox.FaultGarbage, 500), "unknown", "first unknown", true},
		"an answer of 2 MiB":        {on(sandbox.FaultHuge, 0), "unknown", "first unknown", true},
		"half an answer":            {on(sandbox.FaultTruncate, 0), "unknown", "first unknown", true},
		"the answer is cut off":     {on(sandbox.FaultDrop, 0), "unknown", "first unknown", true},
		"the request is cut off":    {on(sandbox.FaultDropBefore, 0), "unknown", "first unknown", false},
		"a redirect":                {on(sandbox.FaultRedirect, 307), "unknown", "first unknown", false},
		"429":                       {on(sandbox.FaultStatus, 429), "requires_action", "first rejected, second requires_action", false},
		"403, which is at the door": {on(sandbox.FaultStatus, 403), "requires_action", "first rejected, second requires_action", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			inject(t, s.first, test.fault)
			tx := s.pay("order-1")
			want, got := test.state+": "+test.attempts, tx.State+": "+attempts(tx)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("payment (-want +got):\n%s", diff)
			}
			if test.created {
				decide(t, s.first, tx, sandbox.Pay)
				tx = s.await(tx.ID, "succeeded")
			}
			s.checkLedgers(tx, test.created)
		})
	}
}

func attempts(tx api.Transaction) string {
	var all []string
	for _, a := range tx.Attempts {
		all = append(all, a.Provider+" "+a.State)
	}
	return strings.Join(all, ", ")
}

// checkLedgers checks that each attempt was asked for once, and nothing else.
func (s *shop) checkLedgers(tx api.Transaction, created bool) {
	s.t.Helper()
	first, second := s.first.State(), s.second.State()
	if (len(first.Payments) == 1) != created || first.RedirectsFollowed != 0 {
		s.t.Errorf("the first account has %d payments, %d redirects were followed", len(first.Payments), first.RedirectsFollowed)
	}
	if created && first.Payments[0].CreateCalls != 1 {
		s.t.Errorf("the first account was asked %d times", first.Payments[0].CreateCalls)
	}
	if want := len(tx.Attempts) - 1; len(second.Payments) != want {
		s.t.Errorf("the second account has %d payments, want %d", len(second.Payments), want)
	}
}

func TestAProviderThatCannotBeReachedIsPassedOver(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s := newShop(t)
	s.setup.Accounts[0].URL = closed
	s.write()
	s.open()
	tx := s.pay("order-1")
	if diff := cmp.Diff("first not_sent, second requires_action", attempts(tx)); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// Questions that nobody answers never end a payment.
func TestAPaymentThatNobodyKnowsStaysUnknown(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	inject(t, s.first, on(sandbox.FaultDrop, 0),
		sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultStatus, Status: 500},
		sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultStatus, Status: 429},
		sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultGarbage},
		sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultDrop})
	tx := s.pay("order-1")
	decide(t, s.first, tx, sandbox.Pay)
	paid := s.await(tx.ID, "succeeded")
	for _, h := range paid.History {
		if h.To != "created" && h.To != "processing" && h.To != "unknown" && h.To != "succeeded" {
			t.Errorf("it was %s in between: %+v", h.To, h)
		}
	}
	if left := s.first.State().Faults; len(left) != 0 {
		t.Errorf("it ended before every bad answer was given: %+v", left)
	}
}

func TestAProviderThatTellsAnotherAmountIsLookedAt(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	other := order("order-1")
	other.Amount = "6225" // The sandbox's check tells 5 less.
	answer, err := s.client.Pay(t.Context(), "key", other)
	if err != nil {
		t.Fatal(err)
	}
	decide(t, s.first, answer.Transaction, sandbox.Pay)
	tx := s.await(answer.Transaction.ID, "review")
	if tx.Reason == nil || tx.Reason.Code != "amount_mismatch" || tx.AmountReceived != "6220" {
		t.Errorf("want amount_mismatch and what was confirmed, got %+v and %s", tx.Reason, tx.AmountReceived)
	}
}

// An accepted notification leaves a row or a question; a genuine one shows that this is seen.
func TestAForgedNotificationHasNoEffect(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.setup.Poll = []time.Duration{time.Hour} // Nobody asks but because of a notification.
	s.write()
	s.open()
	tx := s.pay("order-1")
	ref := tx.Attempts[0].Ref
	s.notify(ref, sandbox.TokenBad, http.StatusUnauthorized)
	s.notify(ref, sandbox.TokenNone, http.StatusUnauthorized)
	if _, code := s.terminate(); code != 0 {
		t.Fatalf("it ended with code %d", code)
	}
	if _, text := s.command("store", "stats", s.setup.Store()); !strings.Contains(text, "notifications waiting  0\n") {
		t.Errorf("a forged notification was kept:\n%s", text)
	}
	if row, _ := s.first.Payment(ref); row.Checks != 0 {
		t.Errorf("the provider was asked %d times because of forged notifications", row.Checks)
	}
	s.open()
	s.notify(ref, sandbox.TokenGood, http.StatusOK)
	s.until("the provider is asked because of a genuine notification", func(context.Context) (bool, error) {
		row, _ := s.first.Payment(ref)
		return row.Checks == 1, nil
	})
	if after := s.await(tx.ID, "requires_action"); after.AmountReceived != "0" {
		t.Errorf("%s received because a notification said so", after.AmountReceived)
	}
}

// notify sends the notification "paid" of a payment that is not, and wants it answered so.
func (s *shop) notify(ref string, token sandbox.TokenKind, want int) {
	s.t.Helper()
	sent, err := s.first.Notify(ref, sandbox.Again{Status: "00", Token: token})
	if err != nil {
		s.t.Fatal(err)
	}
	if told := sent[len(sent)-1]; told.Status != want {
		s.t.Errorf("token %s: want %d, got %d", token, want, told.Status)
	}
}

func TestNotificationsThatNobodyCanUse(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tests := map[string]struct {
		account, body string
		status        int
	}{
		"300 KiB":                  {"first", strings.Repeat("x", 300<<10), http.StatusRequestEntityTooLarge},
		"an account that is none":  {"third", "cpm_trans_id=1", http.StatusNotFound},
		"a form without signature": {"first", "cpm_trans_id=1", http.StatusUnauthorized},
		"no form":                  {"first", "\x00%%%&&&=", http.StatusUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				s.engine.URL+"/v1/webhooks/"+test.account, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if status, text := send(t, req); status != test.status {
				t.Errorf("want %d, got %d: %s", test.status, status, text)
			}
		})
	}
}
