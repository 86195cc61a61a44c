package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/wire"
)

const (
	accountName = "conformance"
	// listRange is how far before and after now a list is asked for.
	listRange = time.Hour
	// pagesMax bounds the reading of a list.
	pagesMax = 50
)

// bench is what one clause works with: a plugin that was just started, an account
// behind a proxy of its own, and a sandbox that knows nothing yet.
type bench struct {
	*plan
	*subject
	proxy   *proxy
	post    *receiver
	account sdk.FullProvider
	can     sdk.Capabilities
	// unnamed has the kinds whose creating call does not name our reference.
	unnamed map[sdk.Kind]bool
}

func (p *plan) newBench(ctx context.Context, own bool, level string) (*bench, error) {
	s, err := p.start(own, level)
	if err != nil {
		return nil, err
	}
	b := &bench{plan: p, subject: s, unnamed: map[sdk.Kind]bool{}}
	if err := b.furnish(ctx); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) furnish(ctx context.Context) (err error) {
	if err := b.desk.reset(ctx); err != nil {
		return err
	}
	if b.proxy, err = newProxy(b.Sandbox); err != nil {
		return err
	}
	if b.account, err = b.open(ctx, b.proxy.url()); err != nil {
		return err
	}
	b.can = b.account.Capabilities()
	b.post, err = newReceiver(b.account)
	return err
}

func (b *bench) close() error {
	if b.post != nil {
		b.post.close()
	}
	err := b.subject.close()
	if b.proxy != nil {
		b.proxy.close()
	}
	return err
}

// open configures the account at an address, anew where it is open already.
func (b *bench) open(ctx context.Context, root string) (sdk.FullProvider, error) {
	settings, wrong := b.manifest.Settings.Parse(b.settingsAt(root))
	if wrong.Failed() {
		return nil, configError{fmt.Errorf("the settings: %w", wrong)}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := b.Configure(ctx, accountName, settings); err != nil {
		refused := fmt.Errorf("the plugin refuses the settings: %s", b.printable(err.Error()))
		if _, wrong := errors.AsType[sdk.Diagnostics](err); wrong {
			return nil, configError{refused}
		}
		return nil, refused
	}
	return b.Account(accountName, wire.SettingsHash(settings)), nil
}

// kinds are those that the account creates and the sandbox's script has orders for.
func (b *bench) kinds() []sdk.Kind {
	return slices.DeleteFunc(b.created(), func(kind sdk.Kind) bool { return len(b.orders(kind)) == 0 })
}

// created are the kinds that the account creates.
func (b *bench) created() []sdk.Kind {
	var kinds []sdk.Kind
	for _, one := range []struct {
		kind sdk.Kind
		op   sdk.Operation
	}{
		{sdk.KindPayment, sdk.OperationPayment}, {sdk.KindPayout, sdk.OperationPayout}, {sdk.KindRefund, sdk.OperationRefund},
	} {
		if b.can.Can(one.op) {
			kinds = append(kinds, one.kind)
		}
	}
	return kinds
}

// each puts a demand to every kind, and joins what was seen. It is moot where it
// is for all of them.
func (b *bench) each(put func(sdk.Kind) (string, error)) (string, error) {
	kinds := b.kinds()
	if len(kinds) == 0 {
		return "", moot("the account creates nothing that the sandbox's script has orders for")
	}
	var seen, why string
	for _, kind := range kinds {
		one, err := put(kind)
		var none *mootError
		switch {
		case errors.As(err, &none):
			why = joined(why, string(kind)+": "+none.why)
		case err != nil:
			return "", fmt.Errorf("%s: %w", kind, err)
		default:
			seen = joined(seen, string(kind)+": "+one)
		}
	}
	if seen == "" {
		return "", moot("%s", why)
	}
	return joined(seen, why), nil
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// facts are what the manifest says of a kind.
func (b *bench) facts(kind sdk.Kind) sdk.Facts { return b.manifest.Facts[kind] }

// harmless reports whether a creating call creates nothing at the provider.
func (b *bench) harmless(kind sdk.Kind) bool {
	return b.facts(kind).Idempotency == sdk.IdempotencyHarmless
}

// uncreated reports whether an outcome may be what a creating call without a
// readable answer came to: UNKNOWN, or NOT_SENT where it creates nothing anyway.
func (b *bench) uncreated(kind sdk.Kind, o sdk.Outcome) bool {
	return o == sdk.OutcomeUnknown || o == sdk.OutcomeNotSent && b.harmless(kind)
}

// orders are the samples of a kind that fit a corridor of the account.
func (b *bench) orders(kind sdk.Kind) []sandboxkit.Sample {
	return slices.DeleteFunc(slices.Clone(b.script.Plays[string(kind)].Orders), func(s sandboxkit.Sample) bool {
		return !b.serves(kind, s)
	})
}

// serves reports whether an account has a corridor for a sample. Its amount is
// left to the plugin.
func (b *bench) serves(kind sdk.Kind, s sandboxkit.Sample) bool {
	currency, err := money.ParseCurrency(s.Currency)
	if err != nil || len(b.can.Corridors) == 0 {
		return err == nil
	}
	return slices.ContainsFunc(b.can.Corridors, func(c sdk.Corridor) bool {
		return (c.Kind == kind || c.Kind == "") && oneOf(c.Countries, s.Country) && oneOf(c.Currencies, currency)
	})
}

// oneOf reports whether a list has what is looked for; an empty one has all.
func oneOf[T comparable](list []T, one T) bool { return len(list) == 0 || slices.Contains(list, one) }

// usual is the order that is paid without surprises. There is one for each of kinds.
func (b *bench) usual(kind sdk.Kind) sandboxkit.Sample { return b.orders(kind)[0] }

// order returns an order that was not sent yet. A refund's payment is paid before.
func (b *bench) order(ctx context.Context, kind sdk.Kind, sample sandboxkit.Sample) (*order, error) {
	o, err := newOrder(kind, sample, b.post.url())
	if err != nil || kind != sdk.KindRefund {
		return o, err
	}
	payment, ok := b.givenBack(sample)
	if !ok {
		return nil, moot("the sandbox's script has no payment to give back")
	}
	paid, _, err := b.settled(ctx, sdk.KindPayment, payment)
	if err != nil {
		return nil, err
	}
	o.payment = paid.attempt
	return o, nil
}

// givenBack is the payment that a refund gives back: of the refund's currency,
// because no other one can be, where the script has one.
func (b *bench) givenBack(refund sandboxkit.Sample) (sandboxkit.Sample, bool) {
	payments := b.orders(sdk.KindPayment)
	if len(payments) == 0 {
		return sandboxkit.Sample{}, false
	}
	at := slices.IndexFunc(payments, func(s sandboxkit.Sample) bool { return s.Currency == refund.Currency })
	return payments[max(at, 0)], true
}

// like is another order for the same, with a reference of its own.
func (b *bench) like(ctx context.Context, o *order) (*order, error) {
	return b.order(ctx, o.kind, o.sample)
}

// create makes an order and keeps what its answer told.
func (b *bench) create(ctx context.Context, kind sdk.Kind, sample sandboxkit.Sample) (*order, answer, error) {
	o, err := b.order(ctx, kind, sample)
	if err != nil {
		return nil, answer{}, err
	}
	a := o.send(ctx, b.account)
	o.learn(a)
	return o, a, nil
}

// settled makes an order, lets the sandbox bring it to its end, and asks. It is
// broken where the sample of a script fails.
func (b *bench) settled(ctx context.Context, kind sdk.Kind, sample sandboxkit.Sample) (*order, answer, error) {
	o, a, err := b.create(ctx, kind, sample)
	if err != nil {
		return nil, answer{}, err
	}
	if a.err != nil {
		return nil, answer{}, broken("a plain order ended with a fault: %v", a.err)
	}
	if err := b.settle(ctx, o); err != nil {
		return nil, answer{}, err
	}
	a = b.ask(ctx, o)
	if a.err != nil {
		return nil, answer{}, broken("a plain order cannot be asked for: %v", a.err)
	}
	o.learn(a)
	return o, a, nil
}

// settle lets the sandbox bring an order to its end.
func (b *bench) settle(ctx context.Context, o *order) error {
	if b.facts(o.kind).QueryBy == sdk.QueryByList {
		if err := b.desk.pay(ctx, o.sample); err != nil {
			return err
		}
	}
	return b.desk.advance(ctx, b.script.SettleMS)
}

// ask asks what became of an order, with the evidence of its notifications.
func (b *bench) ask(ctx context.Context, o *order) answer {
	attempt := o.attempt
	attempt.Evidence = b.post.evidence(attempt)
	return b.askWith(ctx, b.account, attempt)
}

// askWith asks for an attempt, or looks into the list where there is no asking.
func (b *bench) askWith(ctx context.Context, account sdk.FullProvider, attempt sdk.Attempt) answer {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if b.facts(attempt.Kind).QueryBy != sdk.QueryByList {
		return answerOf(account.QueryStatus(ctx, attempt))
	}
	return listed(ctx, account)
}

// listed is the latest transaction of the list, whatever its order.
func listed(ctx context.Context, account sdk.FullProvider) answer {
	req := sdk.ListRequest{From: time.Now().Add(-listRange), To: time.Now().Add(listRange)}
	var latest sdk.ListItem
	for range pagesMax {
		page, err := account.ListTransactions(ctx, req)
		if err != nil {
			return answer{err: err}
		}
		for _, item := range page.Items {
			if latest.ID == "" || item.CreatedAt.After(latest.CreatedAt) {
				latest = item
			}
		}
		if req.Cursor = page.Next; req.Cursor == "" {
			break
		}
	}
	return answer{Result: sdk.Result{
		Outcome: latest.Outcome, ProviderStatus: latest.Status, Told: latest.Told, ProviderRef: latest.ID,
	}}
}

// askable reports whether the outcome of a kind can be asked for.
func (b *bench) askable(kind sdk.Kind) bool {
	switch b.facts(kind).QueryBy {
	case sdk.QueryByOurRef, sdk.QueryByProviderRef:
		return b.can.Can(sdk.OperationQuery)
	case sdk.QueryByList:
		return b.can.Can(sdk.OperationList)
	case sdk.QueryByNone:
	}
	return false
}

// unsent returns a usual order, and what fits the request that creates it.
func (b *bench) unsent(ctx context.Context, kind sdk.Kind) (*order, func(*exchange) bool, error) {
	o, err := b.order(ctx, kind, b.usual(kind))
	if err != nil {
		return nil, nil, err
	}
	creates, err := b.creating(ctx, o)
	return o, creates, err
}

// creating returns what fits the request of an order that creates it: the one that
// names our reference or, where none does, every one. The first question for a
// kind makes an order of its own to see.
func (b *bench) creating(ctx context.Context, o *order) (func(*exchange) bool, error) {
	if _, known := b.unnamed[o.kind]; !known {
		mark := b.proxy.mark()
		trial, _, err := b.create(ctx, o.kind, b.usual(o.kind))
		if err != nil {
			return nil, err
		}
		made := b.proxy.since(mark)
		if len(made) == 0 {
			return nil, broken("the creating call made no request through the proxy: is %v all that holds the provider's address?", b.BaseURL)
		}
		b.unnamed[o.kind] = createdBy(made, trial.attempt.Ref) < 0
	}
	if b.unnamed[o.kind] {
		return every, nil
	}
	return func(e *exchange) bool { return e.names(o.attempt.Ref) }, nil
}

// createdBy is the place of the first request that names a reference, -1 for none.
func createdBy(made []exchange, ref string) int {
	for i := range made {
		if made[i].names(ref) {
			return i
		}
	}
	return -1
}

// every fits all requests.
func every(*exchange) bool { return true }

// made counts the charges of an order.
func (b *bench) made(ctx context.Context, o *order) (int, error) {
	charges, err := b.desk.charges(ctx, o.kind)
	count := 0
	for _, c := range charges {
		if c.Ref == o.attempt.Ref {
			count++
		}
	}
	return count, err
}
