package coretest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/sdk/money"
)

// The provider's answer is lost: nobody else is asked, and a question finds the money.
func aLostAnswerIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank, spare := coretest.NewProvider("bank"), coretest.NewProvider("spare")
		bank.Script = func(coretest.Creation) coretest.Plan {
			return coretest.Plan{
				Answer: coretest.AnswerLostResponse,
				Then:   []coretest.Turn{{After: time.Minute, Becomes: coretest.Paid}},
			}
		}
		eng := coretest.MustStart(t, coretest.MustOpenStore(t), bank, spare)
		shop := core.Caller{Merchant: "shop"}
		answer, err := eng.Pay(t.Context(), core.PaymentRequest{
			Caller: shop, IdempotencyKey: "order-7", Amount: money.Of(5000, money.XOF),
		})
		if err != nil || answer.Transaction.State != core.StateUnknown {
			t.Fatalf("answered %s, %v, want unknown", answer.Transaction.State, err)
		}
		time.Sleep(time.Hour) // In virtual time.
		tx, err := eng.Transaction(t.Context(), shop, answer.Transaction.ID)
		if err != nil || tx.State != core.StateSucceeded || len(spare.Entries()) > 0 {
			t.Errorf("an hour later it is %s, %v, want succeeded", tx.State, err)
		}
	})
}

// A test of a service that embeds the engine, in virtual time and with a real store.
func Example() {
	_ = testing.InternalTest{Name: "TestALostAnswerIsFound", F: aLostAnswerIsFound}
}
