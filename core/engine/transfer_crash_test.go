package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// mortal is an office whose engine dies at a commit and is started again.
type mortal struct {
	office
	file  store.Store
	store *coretest.Mortal
	desk  *desk
	died  bool
}

func (m *mortal) start(s store.Store) {
	m.Helper()
	started, err := engine.New(m.Context(), engine.Options{
		Config: coretest.MustConfig(m.T, m.TempDir()), Store: s, Rules: coretest.Rules(m.desk.name),
		Providers: map[string]engine.Provider{m.desk.name: {Plugin: m.desk}},
	})
	if err != nil {
		m.Fatal(err)
	}
	m.engine = started
}

func (m *mortal) close() {
	m.Helper()
	if err := m.engine.Close(context.WithoutCancel(m.Context())); err != nil {
		m.Error(err)
	}
}

// wait lets time go by; an engine that died is started again.
func (m *mortal) wait(d time.Duration) {
	m.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(time.Second)
		if m.store.Dead() && !m.died {
			m.died = true
			m.close()
			m.start(m.file)
		}
	}
}

// order repeats the request until it is accepted.
func (m *mortal) order(key string) core.Transaction {
	m.Helper()
	for range 60 {
		answer, err := m.engine.Pay(m.Context(), core.PaymentRequest{IdempotencyKey: key, Amount: money.Of(5000, money.XOF)})
		if err == nil && !m.store.Dead() || err == nil && m.died {
			return answer.Transaction
		}
		m.wait(time.Second)
	}
	m.Fatal("the request is never accepted")
	return core.Transaction{}
}

// An engine dies at any commit between an order and its money: the order is paid
// once all the same, and no second one ever waits beside it for the same transfer.
func TestACrashLosesNoTransfer(t *testing.T) {
	for at := range 24 {
		for _, written := range []bool{false, true} {
			t.Run(fmt.Sprintf("commit %d, written %t", at, written), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					file := coretest.MustOpenStore(t)
					m := &mortal{office: office{T: t}, file: file, store: coretest.NewMortal(file, at, written), desk: lists()}
					m.start(m.store)
					m.wait(5 * time.Second)
					tx := m.order("first")
					m.wait(20 * time.Second)
					second := m.order("second")
					m.desk.sends("t", "5000", time.Now(), sdk.OutcomePending)
					m.wait(2 * time.Minute)
					m.desk.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
					m.wait(3 * time.Minute)
					tx = m.is(tx.ID, core.StateSucceeded)
					m.is(second.ID, core.StateFailed)
					if n := len(m.transfers(false)); n != 1 || tx.Received != money.Of(5000, money.XOF) {
						t.Errorf("%d transfers, received %s", n, tx.Received)
					}
					if claims, err := file.Claims(t.Context(), "till", ""); err != nil || len(claims) != 0 {
						t.Errorf("claims that are left: %v, %v", claims, err)
					}
					m.close()
				})
			})
		}
	}
}
