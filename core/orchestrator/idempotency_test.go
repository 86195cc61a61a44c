package orchestrator_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// order is a request of a shop. Its key and its reference are the same number.
func order(number string) core.PaymentRequest {
	return core.PaymentRequest{
		Caller: core.Caller{Actor: "key_1", Merchant: "shop"}, IdempotencyKey: "key-" + number, Reference: "order-" + number,
		Amount: money.Of(5000, money.XOF), Country: "CI",
	}
}

// bank is a provider that treats every create call alike.
func bank(name string, plan coretest.Plan) *coretest.Provider {
	p := coretest.NewProvider(name)
	p.Script = func(coretest.Creation) coretest.Plan { return plan }
	return p
}

// inVirtualTime runs a test with an engine of these providers.
func inVirtualTime(t *testing.T, test func(*testing.T, *engine.Engine), providers ...*coretest.Provider) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, coretest.MustStart(t, coretest.MustOpenStore(t), providers...))
	})
}

// mustPay pays and returns what was answered.
func mustPay(t *testing.T, e *engine.Engine, req core.PaymentRequest) core.Answer {
	t.Helper()
	answer, err := e.Pay(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// same reports where two answers differ, whichever way each one came.
func same(first, later core.Answer) string {
	return cmp.Diff(first.Transaction, later.Transaction, cmpopts.EquateEmpty())
}

// received counts the create calls that arrived at a provider.
func received(p *coretest.Provider) int {
	calls := 0
	for _, entry := range p.Entries() {
		calls += entry.Received
	}
	return calls
}

func TestFiftyRequestsWithOneKeyAreExecutedOnce(t *testing.T) {
	p := bank("bank", coretest.Plan{Takes: time.Second})
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		var mu sync.Mutex
		ids, inFlight := map[string]bool{}, 0
		var asking sync.WaitGroup
		for range 50 {
			asking.Go(func() {
				answer, err := e.Pay(context.Background(), order("7"))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					ids[answer.Transaction.ID] = true
				case errors.Is(err, core.ErrIdempotencyInFlight):
					inFlight++
				default:
					t.Errorf("refused with %v", err)
				}
			})
		}
		asking.Wait()
		if len(ids) != 1 || inFlight != 49 {
			t.Errorf("%d transactions, %d told that it is in flight, want 1 and 49", len(ids), inFlight)
		}
	}, p)
	if got := received(p); got != 1 {
		t.Errorf("the provider was asked %d times", got)
	}
}

func TestAnotherRequestWithTheKeyIsRefused(t *testing.T) {
	change := map[string]func(*core.PaymentRequest){
		"another amount":    func(r *core.PaymentRequest) { r.Amount = money.Of(5001, money.XOF) },
		"another currency":  func(r *core.PaymentRequest) { r.Amount = money.Of(5000, money.EUR) },
		"another customer":  func(r *core.PaymentRequest) { r.Customer.ID = "customer-2" },
		"another reference": func(r *core.PaymentRequest) { r.Reference = "order-8" },
		"more metadata":     func(r *core.PaymentRequest) { r.Metadata = map[string]string{"cart": "2"} },
	}
	p := bank("bank", coretest.Plan{})
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		mustPay(t, e, order("7"))
		for name, change := range change {
			req := order("7")
			change(&req)
			if _, err := e.Pay(context.Background(), req); !errors.Is(err, core.ErrIdempotencyKeyReused) {
				t.Errorf("%s is answered with %v", name, err)
			}
		}
	}, p)
	if got := received(p); got != 1 {
		t.Errorf("the provider was asked %d times", got)
	}
}

// Whose API key sends it does not matter: a repeat may come from another service
// of the same merchant.
func TestAKeyBelongsToItsMerchantAndItsRoute(t *testing.T) {
	p := bank("bank", coretest.Plan{})
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		other, again := order("7"), order("7")
		other.Caller.Merchant, again.Caller.Actor = "market", "key_2"
		first, second := mustPay(t, e, order("7")), mustPay(t, e, other)
		if first.Transaction.ID == second.Transaction.ID || second.Replayed {
			t.Errorf("both merchants got %s", first.Transaction.ID)
		}
		if repeated := mustPay(t, e, again); repeated.Transaction.ID != first.Transaction.ID || !repeated.Replayed {
			t.Errorf("another API key of the merchant got %s, not %s again", repeated.Transaction.ID, first.Transaction.ID)
		}
		paid, err := e.Payout(context.Background(), core.PayoutRequest{
			Caller: again.Caller, IdempotencyKey: again.IdempotencyKey, Amount: again.Amount, Country: "CI",
			Recipient: sdk.Customer{Name: "Awa", Phone: "+2250700000000"},
		})
		if err != nil || paid.Replayed || paid.Transaction.ID == first.Transaction.ID {
			t.Errorf("a payout with the key of a payment: %s, %v", paid.Transaction.ID, err)
		}
	}, p)
}

func TestTheDeadlinesAnswerIsRepeated(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		began := time.Now()
		first := mustPay(t, e, order("7"))
		if took := time.Since(began); took != 25*time.Second || first.Transaction.State != core.StateProcessing {
			t.Errorf("answered %s after %v", first.Transaction.State, took)
		}
		time.Sleep(time.Minute)
		later := mustPay(t, e, order("7"))
		if diff := same(first, later); diff != "" || !later.Replayed {
			t.Errorf("replayed %v, the answers differ (-first +later):\n%s", later.Replayed, diff)
		}
		now, err := e.Transaction(t.Context(), order("7").Caller, first.Transaction.ID)
		if err != nil || now.State != core.StateRequiresAction {
			t.Errorf("the call that went on led to %s, %v", now.State, err)
		}
	}, bank("bank", coretest.Plan{Takes: 27 * time.Second}))
}

// A caller that hung up and asks again gets one answer from then on, although
// the call that it did not wait for ends after the key's row counts as free.
func TestOneWhoHungUpGetsOneAnswer(t *testing.T) {
	slow := bank("one", coretest.Plan{Answer: coretest.AnswerRejected, Reason: sdk.ReasonLimitExceeded, Takes: 20 * time.Second})
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		ctx, hangUp := context.WithTimeout(context.Background(), time.Second)
		defer hangUp()
		if _, err := e.Pay(ctx, order("7")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(31 * time.Second)
		first := mustPay(t, e, order("7"))
		time.Sleep(time.Minute)
		if diff := same(first, mustPay(t, e, order("7"))); diff != "" {
			t.Errorf("the answers differ (-first +later):\n%s", diff)
		}
	}, slow, bank("two", coretest.Plan{Takes: 28 * time.Second}))
}

// twoLives kills an engine at its second commit, the outcome of the create call,
// and hands the file to the next engine.
func twoLives(t *testing.T, test func(*testing.T, *engine.Engine), p *coretest.Provider) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		file := coretest.MustOpenStore(t)
		mortal := coretest.NewMortal(file, 2, false)
		first := coretest.MustStart(t, mortal, p)
		if _, err := first.Pay(context.Background(), order("7")); err != nil {
			t.Fatal(err)
		}
		if !mortal.Dead() {
			t.Fatal("the first engine lives")
		}
		time.Sleep(time.Millisecond)
		test(t, coretest.MustStart(t, file, p))
	})
}

func TestTheKeyOfADeadEngineIsFree(t *testing.T) {
	p := bank("bank", coretest.Plan{})
	twoLives(t, func(t *testing.T, e *engine.Engine) {
		first := mustPay(t, e, order("7"))
		// The new engine gives the call of the dead one up, at once or a moment later.
		live := first.Transaction.State == core.StateProcessing || first.Transaction.State == core.StateUnknown
		if !live || !first.Replayed {
			t.Errorf("answered %s, replayed %v", first.Transaction.State, first.Replayed)
		}
		time.Sleep(time.Hour)
		if diff := same(first, mustPay(t, e, order("7"))); diff != "" {
			t.Errorf("the answers differ (-first +later):\n%s", diff)
		}
	}, p)
	if got := received(p); got != 1 {
		t.Errorf("the provider was asked %d times", got)
	}
}

// slowDesk takes ten seconds to record an answer.
type slowDesk struct{ store.Store }

func (s slowDesk) Apply(ctx context.Context, c core.Commit) error {
	if len(c.Transactions) == 0 && len(c.Idempotency) > 0 {
		time.Sleep(10 * time.Second)
	}
	return s.Store.Apply(ctx, c)
}

// The provider is asked, half a minute after the call, while one repeat records
// its answer and another comes.
func TestRepeatsThatAdoptTheSameKeyGetOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, p := coretest.MustOpenStore(t), bank("bank", coretest.Plan{Answer: coretest.AnswerLostRequest, Takes: time.Hour})
		mortal := coretest.NewMortal(file, 0, false)
		dead := coretest.MustStart(t, mortal, p)
		ctx, hangUp := context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		if _, err := dead.Pay(ctx, order("7")); err != nil {
			t.Fatal(err)
		}
		mortal.Kill()
		e := coretest.MustStart(t, slowDesk{file}, p)
		answers := make([]core.Answer, 3)
		var asking sync.WaitGroup
		for i, after := range []time.Duration{24 * time.Second, 32 * time.Second, time.Hour} {
			asking.Go(func() {
				time.Sleep(after)
				answers[i] = mustPay(t, e, order("7"))
			})
		}
		asking.Wait()
		for _, answer := range answers[1:] {
			if diff := same(answers[0], answer); diff != "" {
				t.Errorf("the answers differ (-first +other):\n%s", diff)
			}
		}
	})
}

func TestAFailureStaysOneUnderItsKey(t *testing.T) {
	p := bank("bank", coretest.Plan{Answer: coretest.AnswerDeclinedFinal, Reason: sdk.ReasonInsufficientFunds})
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		first := mustPay(t, e, order("7"))
		time.Sleep(time.Hour)
		later := mustPay(t, e, order("7"))
		if diff := same(first, later); diff != "" || later.Transaction.State != core.StateFailed {
			t.Errorf("it is %s, the answers differ (-first +later):\n%s", later.Transaction.State, diff)
		}
		again := order("7")
		again.IdempotencyKey = "key-8"
		if answer := mustPay(t, e, again); answer.Transaction.ID == first.Transaction.ID {
			t.Error("a new key for the reference of a failed payment is no new payment")
		}
	}, p)
	if got := received(p); got != 2 {
		t.Errorf("the provider was asked %d times, want once for each key", got)
	}
}

func TestAReferenceInUseIsRefused(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		first := mustPay(t, e, order("7"))
		again := order("7")
		again.IdempotencyKey = "key-8"
		_, err := e.Pay(context.Background(), again)
		var problem *core.Problem
		if !errors.As(err, &problem) || !errors.Is(err, core.ErrDuplicateReference) || problem.Transaction != first.Transaction.ID {
			t.Errorf("answered with %v, want duplicate_reference of %s", err, first.Transaction.ID)
		}
	}, bank("bank", coretest.Plan{}))
}

// full is a store on a disk without room.
type full struct {
	store.Store
	mu   sync.Mutex
	full bool
}

func (f *full) Apply(ctx context.Context, c core.Commit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		return core.ErrReadOnly
	}
	return f.Store.Apply(ctx, c)
}

func (f *full) set(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

func TestNobodyIsAskedWhileNothingCanBeWritten(t *testing.T) {
	p := bank("bank", coretest.Plan{})
	synctest.Test(t, func(t *testing.T) {
		disk := &full{Store: coretest.MustOpenStore(t)}
		e := coretest.MustStart(t, disk, p)
		mustPay(t, e, order("6"))
		disk.set(true)
		_, err := e.Pay(context.Background(), order("7"))
		var problem *core.Problem
		if !errors.As(err, &problem) || !errors.Is(err, core.ErrStoreUnavailable) || problem.RetryAfter == 0 {
			t.Errorf("answered with %v, want store_unavailable and when to try again", err)
		}
		if got := received(p); got != 1 {
			t.Errorf("the provider was asked %d times, want once, before", got)
		}
		if again := mustPay(t, e, order("6")); !again.Replayed {
			t.Error("a known key is not answered while nothing can be written")
		}
		disk.set(false)
		mustPay(t, e, order("7"))
	})
}

// A key is kept for 72 hours after its answer, and for ever while its payment is not
// final. Then it is a new one.
func TestAKeyExpiresAfterItsPaymentHasEnded(t *testing.T) {
	kept := map[string]struct {
		plan  coretest.Plan
		after time.Duration
		want  bool
	}{
		"a day after a failure":           {coretest.Plan{Answer: coretest.AnswerDeclinedFinal, Reason: sdk.ReasonDeclined}, 24 * time.Hour, true},
		"three days after a failure":      {coretest.Plan{Answer: coretest.AnswerDeclinedFinal, Reason: sdk.ReasonDeclined}, 71 * time.Hour, true},
		"ten days after a failure":        {coretest.Plan{Answer: coretest.AnswerDeclinedFinal, Reason: sdk.ReasonDeclined}, 240 * time.Hour, false},
		"ten days, and nobody knows":      {coretest.Plan{Answer: coretest.AnswerLostRequest}, 240 * time.Hour, true},
		"ten days, and it is in progress": {coretest.Plan{Answer: coretest.AnswerPending}, 240 * time.Hour, true},
	}
	for name, test := range kept {
		p := bank("bank", test.plan)
		inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
			first := mustPay(t, e, order("7")).Transaction
			time.Sleep(test.after)
			again := mustPay(t, e, order("7"))
			if same := again.Transaction.ID == first.ID; same != test.want || again.Replayed != test.want {
				t.Errorf("%s: the same payment %t, replayed %t, want %t", name, same, again.Replayed, test.want)
			}
		}, p)
	}
	t.Logf("chaos 19: %d keys asked for again after 24 hours to ten days: kept as long as promised, and new once after; control is the row that expires", len(kept))
}
