package conformance

import (
	"context"
	"fmt"
	"sync"

	"github.com/paymux/paymux/sdk"
)

// callsAtOnce is how many calls are under way together.
const callsAtOnce = 100

func manyAtOnce() clause {
	return clause{
		name:    "100 calls at once",
		demands: "A hundred orders made and asked for at once each get their own answer, and the ledger has each of them once.",
		mend:    "Keep nothing of a call in the account: all methods are called concurrently. What is shared, such as a login, needs a lock.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.crowd(ctx, kind) })
		},
	}
}

func (b *bench) crowd(ctx context.Context, kind sdk.Kind) (string, error) {
	_, usual, err := b.create(ctx, kind, b.usual(kind))
	if err != nil {
		return "", err
	}
	orders := make([]*order, callsAtOnce)
	for i := range orders {
		if orders[i], err = b.order(ctx, kind, b.usual(kind)); err != nil {
			return "", err
		}
	}
	answers := together(orders, func(o *order) answer { return o.send(ctx, b.account) })
	if err := b.eachOnce(ctx, orders); err != nil {
		return "", err
	}
	refs := map[string]bool{}
	for i, a := range answers {
		if a.outcome() != usual.outcome() {
			return "", broken("call %d is %s, one alone was %s", i, a, usual.outcome())
		}
		if a.ProviderRef != "" && refs[a.ProviderRef] {
			return "", broken("two orders have the provider's reference %q", a.ProviderRef)
		}
		refs[a.ProviderRef] = true
		orders[i].learn(a)
	}
	return fmt.Sprintf("%d times %s", callsAtOnce, usual.outcome()), b.eachOwn(ctx, orders)
}

// together makes a call for every order at once.
func together(orders []*order, call func(*order) answer) []answer {
	answers := make([]answer, len(orders))
	var calls sync.WaitGroup
	for i, o := range orders {
		calls.Go(func() { answers[i] = call(o) })
	}
	calls.Wait()
	return answers
}

// eachOnce is broken where the ledger does not have every order once.
func (b *bench) eachOnce(ctx context.Context, orders []*order) error {
	if b.harmless(orders[0].kind) {
		return nil
	}
	charges, err := b.desk.charges(ctx, orders[0].kind)
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, c := range charges {
		count[c.Ref]++
	}
	for i, o := range orders {
		if count[o.attempt.Ref] != 1 {
			return broken("order %d of %d has %s", i, len(orders), plural(count[o.attempt.Ref], "charge"))
		}
	}
	return nil
}

// eachOwn asks for all orders at once, and is broken where one is told of another.
func (b *bench) eachOwn(ctx context.Context, orders []*order) error {
	if !b.can.Can(sdk.OperationQuery) {
		return nil
	}
	if err := b.desk.advance(ctx, b.script.SettleMS); err != nil {
		return err
	}
	for i, a := range together(orders, func(o *order) answer { return b.ask(ctx, o) }) {
		if a.asked() == sdk.OutcomeUnknown {
			return broken("order %d of %d is %s when it is asked for", i, len(orders), a)
		}
		if told := a.Told.Reference; told != "" && told != orders[i].attempt.Ref {
			return broken("asked for one order, the plugin tells of another")
		}
	}
	return nil
}
