package coretest_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
)

// controlSeeds is within how many seeds a control must be caught.
const controlSeeds = 20

// The controls: each takes one protection away, and the simulation must notice.
func TestASimulationWithoutAProtectionFails(t *testing.T) {
	controls := map[string]struct {
		simulation coretest.Simulation
		caught     string
	}{
		"a store that acknowledges new transactions and drops some": {
			coretest.Simulation{Store: func(s store.Store) store.Store { return &hasty{Store: s} }}, coretest.Kept,
		},
		"a store that forgets idempotency keys": {
			coretest.Simulation{Store: func(s store.Store) store.Store { return forgetful{s} }}, coretest.SameAnswer,
		},
		"a store that acknowledges notifications and drops them": {
			coretest.Simulation{Store: func(s store.Store) store.Store { return deaf{s} }, Prepare: onlyNewsOfLateMoney}, coretest.True,
		},
		"create calls that are sent again, to a provider that creates again": {
			coretest.Simulation{Plugin: tampered(sendAgain), Prepare: createsTwice}, coretest.ChargedOnce,
		},
		"a lost answer that is taken for a request never sent": {
			coretest.Simulation{Plugin: tampered(neverSent)}, coretest.ChargedOnce,
		},
		"a lost answer that is taken for a refusal": {
			coretest.Simulation{Plugin: tampered(refused)}, coretest.True,
		},
		"payouts that are sent again, to a provider that pays again": {
			coretest.Simulation{Plugin: tampered(sendAgain), Prepare: createsTwiceForPayouts}, coretest.ChargedOnce,
		},
		"a rejection that is told to the provider as an approval": {
			coretest.Simulation{Plugin: func(p sdk.Plugin) sdk.Plugin { return yesPlugin{p} }, Prepare: holdsPayouts}, coretest.DecidedOnce,
		},
		"a store that forgets what refunds reserve": {
			coretest.Simulation{Store: func(s store.Store) store.Store { return unreserved{s} }}, coretest.GivenBack,
		},
		"a store that forgets which order waits for which transfer": {
			coretest.Simulation{Store: func(s store.Store) store.Store { return unclaimed{s} }}, coretest.True,
		},
		"a provider that pays when nobody watches it any more": {
			coretest.Simulation{Prepare: unwatched}, coretest.True,
		},
	}
	var noticed atomic.Int32
	t.Run("controls", func(t *testing.T) {
		for name, control := range controls {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if mustBeCaught(t, control.simulation, control.caught) {
					noticed.Add(1)
				}
			})
		}
	})
	t.Logf("chaos 28: %d of %d controls, each without one protection, are noticed", noticed.Load(), len(controls))
}

// mustBeCaught runs seeds until one violates the invariant.
func mustBeCaught(t *testing.T, s coretest.Simulation, invariant string) bool {
	t.Helper()
	for seed := range uint64(controlSeeds) {
		s.Seed = seed + 1
		if slices.ContainsFunc(s.Run(t).Violations, func(v coretest.Violation) bool { return v.Invariant == invariant }) {
			return true
		}
	}
	t.Errorf("%d seeds do not notice it: no violation of %s", controlSeeds, invariant)
	return false
}

// hasty acknowledges every third new transaction and does not write it.
type hasty struct {
	store.Store
	news atomic.Uint32
}

func (h *hasty) Apply(ctx context.Context, c core.Commit) error {
	if len(c.Transactions) > 0 && c.Transactions[0].Was == 0 && h.news.Add(1)%3 == 0 {
		return nil
	}
	return h.Store.Apply(ctx, c)
}

// forgetful keeps no idempotency keys.
type forgetful struct{ store.Store }

func (f forgetful) Apply(ctx context.Context, c core.Commit) error {
	c.Idempotency = nil
	return f.Store.Apply(ctx, c)
}

// deaf acknowledges notifications and keeps none.
type deaf struct{ store.Store }

func (d deaf) Apply(ctx context.Context, c core.Commit) error {
	c.Inbox = nil
	return d.Store.Apply(ctx, c)
}

// onlyNewsOfLateMoney makes a provider whose declined attempt is paid later;
// when another one was tried meanwhile, only its notification tells.
func onlyNewsOfLateMoney(p *coretest.Provider) {
	p.Script = func(coretest.Creation) coretest.Plan {
		if p.Name != "alpha" {
			return coretest.Plan{Answer: coretest.AnswerRejected, Reason: sdk.ReasonLimitExceeded}
		}
		return coretest.Plan{
			Answer: coretest.AnswerDeclined, Reason: sdk.ReasonDeclined,
			Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid, Notify: []time.Duration{0}}},
		}
	}
}

// unreserved keeps refunds and not what they change at their payments.
type unreserved struct{ store.Store }

func (u unreserved) Apply(ctx context.Context, c core.Commit) error {
	c.Transactions = slices.DeleteFunc(slices.Clone(c.Transactions), func(change core.Change) bool {
		return len(c.Transactions) > 1 && change.Transaction.Kind == sdk.KindPayment
	})
	return u.Store.Apply(ctx, c)
}

// unclaimed keeps no claims.
type unclaimed struct{ store.Store }

func (u unclaimed) Apply(ctx context.Context, c core.Commit) error {
	c.Claims, c.ClaimsFreed = nil, nil
	return u.Store.Apply(ctx, c)
}

func createsTwice(p *coretest.Provider) { p.CreatesTwice = true }

// createsTwiceForPayouts makes a provider that loses the answer to each payout.
func createsTwiceForPayouts(p *coretest.Provider) {
	p.CreatesTwice = true
	p.Script = func(c coretest.Creation) coretest.Plan {
		if c.Kind != sdk.KindPayout {
			return coretest.Plan{Answer: coretest.AnswerRejected, Reason: sdk.ReasonInvalidRequest}
		}
		return coretest.Plan{Answer: coretest.AnswerLostResponse}
	}
}

// holdsPayouts makes a provider that waits for a decision about each payout.
func holdsPayouts(p *coretest.Provider) {
	p.Script = func(coretest.Creation) coretest.Plan { return coretest.Plan{Held: true} }
}

// unwatched makes a provider that pays later than it says it may.
func unwatched(p *coretest.Provider) {
	p.Facts.LateSuccess = time.Nanosecond
	p.Script = func(coretest.Creation) coretest.Plan {
		return coretest.Plan{Then: []coretest.Turn{
			{After: time.Minute, Becomes: coretest.Declined}, {After: 20 * time.Hour, Becomes: coretest.Paid},
		}}
	}
}

// create is a create call.
type create func() (sdk.Result, error)

// tampered puts something between the engine and the create calls of a plugin.
func tampered(with func(create) (sdk.Result, error)) func(sdk.Plugin) sdk.Plugin {
	return func(p sdk.Plugin) sdk.Plugin { return tamperedPlugin{p, with} }
}

type tamperedPlugin struct {
	sdk.Plugin
	with func(create) (sdk.Result, error)
}

func (p tamperedPlugin) Open(settings sdk.Settings) (sdk.Provider, error) {
	provider, err := p.Plugin.Open(settings)
	return tamperedProvider{sdk.Complete(provider), p.with}, err
}

type tamperedProvider struct {
	sdk.FullProvider
	with func(create) (sdk.Result, error)
}

func (p tamperedProvider) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return p.with(func() (sdk.Result, error) { return p.FullProvider.CreatePayment(ctx, req) })
}

func (p tamperedProvider) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return p.with(func() (sdk.Result, error) { return p.FullProvider.CreatePayout(ctx, req) })
}

// yesPlugin approves whatever is decided.
type yesPlugin struct{ sdk.Plugin }

func (p yesPlugin) Open(settings sdk.Settings) (sdk.Provider, error) {
	provider, err := p.Plugin.Open(settings)
	return yesProvider{sdk.Complete(provider)}, err
}

type yesProvider struct{ sdk.FullProvider }

func (p yesProvider) RejectPayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return p.ApprovePayout(ctx, a)
}

// sendAgain is what an HTTP client does that knows nothing of money.
func sendAgain(call create) (sdk.Result, error) {
	result, err := call()
	if err != nil {
		return call()
	}
	return result, nil
}

func neverSent(call create) (sdk.Result, error) {
	result, err := call()
	if err != nil {
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "no answer", Sent: sdk.NotSent}
	}
	return result, nil
}

func refused(call create) (sdk.Result, error) {
	result, err := call()
	if err != nil {
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInvalidRequest}, nil
	}
	return result, nil
}
