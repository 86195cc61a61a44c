package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// operations are what an engine is asked to do, each on a stage of its own.
func operations() map[string]func(t *testing.T) *stage {
	return map[string]func(t *testing.T) *stage{
		"a payment":                             aPayment,
		"a payment that fails over":             aFailover,
		"a payment whose answer is lost":        aLostAnswer,
		"a payment answered at the deadline":    aLateAnswer,
		"a payment that is asked for again":     aRepeat,
		"a payment that was refused, and paid":  aLatePayment,
		"a payment that expires":                anExpiry,
		"a payment that is retried by hand":     aRetry,
		"a payout that is approved":             func(t *testing.T) *stage { return aPolicyHeldPayout(t, (*client.Client).Approve) },
		"a payout that is rejected":             func(t *testing.T) *stage { return aPolicyHeldPayout(t, (*client.Client).Reject) },
		"a payout that is canceled":             func(t *testing.T) *stage { return aPolicyHeldPayout(t, (*client.Client).Cancel) },
		"a payout that nobody decides":          anUndecidedPayout,
		"a held payout that is approved":        func(t *testing.T) *stage { return aHeldPayout(t, (*client.Client).Approve) },
		"a held payout that is rejected":        func(t *testing.T) *stage { return aHeldPayout(t, (*client.Client).Reject) },
		"a payout that goes on after a late no": aLateFailover,
		"a transfer":                            aTransfer,
		"transfers of nobody's":                 strangeTransfers,
		"an order whose look-up is lost":        aLostLookUp,
		"a refund":                              func(t *testing.T) *stage { return aRefund(t, false) },
		"a refund outside":                      func(t *testing.T) *stage { return aRefund(t, true) },
		"a cancel at the provider":              aCancel,
		"a payment overtaken by a late one":     anOvertaken,
		"a notification before the answer":      anEarlyNotification,
	}
}

// shopStage is a stage at two CinetPays, whose customers pay whatever there is.
func shopStage(t *testing.T, change func(*shop)) *stage {
	t.Helper()
	s := newShop(t)
	change(s)
	s.write()
	return &stage{
		shop:      s,
		play:      func(l *lives) { l.paid(order("order-1")) },
		meanwhile: func(l *lives) { payAll(l.t, s.first); payAll(l.t, s.second) },
		books: func([]api.Transaction) ledgers {
			return ledgerOfCinetPay(s.first.State()).alongside(ledgerOfCinetPay(s.second.State()))
		},
	}
}

// payAll lets everybody pay who has not decided yet.
func payAll(t *testing.T, at *cinetpay.Server) {
	t.Helper()
	state := at.State()
	for _, row := range state.Payments {
		if row.DecidedAt == nil {
			payNow(t, at, row.Ref)
		}
	}
	for _, row := range state.Transfers {
		if row.DecidedAt == nil {
			payNow(t, at, row.Ref)
		}
	}
}

func payNow(t *testing.T, at *cinetpay.Server, ref string) {
	t.Helper()
	if err := at.Decide(ref, cinetpay.Decision{Action: cinetpay.Pay}); err != nil && !errors.Is(err, cinetpay.ErrDecided) {
		t.Error(err)
	}
}

func aPayment(t *testing.T) *stage { return shopStage(t, func(*shop) {}) }

func aFailover(t *testing.T) *stage {
	return shopStage(t, func(s *shop) { s.setup.Accounts[0].URL = "http://127.0.0.1:1" }) // Nobody listens there.
}

func aLostAnswer(t *testing.T) *stage {
	return shopStage(t, func(s *shop) { inject(t, s.first, on(cinetpay.FaultDrop, 0)) })
}

func aLateAnswer(t *testing.T) *stage {
	return shopStage(t, func(s *shop) {
		s.setup.Deadline, s.setup.Accounts[0].Timeout = time.Second, 5*time.Second
		inject(t, s.first, cinetpay.Fault{Op: cinetpay.OpPayment, Kind: cinetpay.FaultSlow, DelayMS: 2500})
	})
}

// aRepeat looks at the life after one that ended before it answered.
func aRepeat(t *testing.T) *stage {
	g := aPayment(t)
	g.first = "create: after"
	return g
}

// aLatePayment is asked about long after it was refused, and was paid.
func aLatePayment(t *testing.T) *stage {
	g := aPayment(t)
	g.play, g.between = func(*lives) {}, dueNow
	g.before = func(l *lives) {
		tx := l.paid(order("order-1"))
		decide(l.t, l.first, tx, cinetpay.Refuse)
		l.reaches(tx.ID, "failed")
		late := cinetpay.Decision{Action: cinetpay.Pay, Silent: true}
		if err := l.first.Decide(tx.Attempts[0].Ref, late); err != nil {
			l.t.Error(err)
		}
	}
	return g
}

// dueNow makes everything due that is due at some time.
func dueNow(tx *core.Transaction) {
	for i := range tx.Timers {
		tx.Timers[i].At = time.Now()
	}
}

// anExpiry is a payment whose time is over without money.
func anExpiry(t *testing.T) *stage {
	g := aPayment(t)
	g.play, g.meanwhile = func(*lives) {}, nil
	g.before = func(l *lives) { l.paid(order("order-1")) }
	g.between = func(tx *core.Transaction) {
		dueNow(tx)
		tx.ExpiresAt = time.Now()
	}
	return g
}

// aRetry is given by hand to the second account, because nobody knows what became
// of it at the first.
func aRetry(t *testing.T) *stage {
	g := shopStage(t, func(s *shop) { inject(t, s.first, on(cinetpay.FaultDropBefore, 0)) })
	g.play = func(l *lives) {
		tx := l.paid(order("order-1"))
		l.reaches(tx.ID, "unknown", "requires_action", "succeeded")
		resolve := api.Resolve{State: "retry", Reason: "the portal has nothing"}
		l.insist("retry", func(ctx context.Context) error {
			_, err := l.client.Resolve(ctx, tx.ID, resolve)
			return err
		}, core.ErrNotAllowed, core.ErrDecisionMade)
	}
	return g
}
