package sandbox_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

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
	sandboxtest.Within(t, "every payment is told once", func() bool { return len(s.receiver.posts()) == count })
	for _, row := range s.State().Payments {
		if row.Created != 1 || row.CreateCalls != 2 || !row.Paid {
			t.Errorf("%s: created %d of %d calls, paid %t", row.Ref, row.Created, row.CreateCalls, row.Paid)
		}
	}
}
