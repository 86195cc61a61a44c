package orchestrator

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sync/singleflight"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Ledger is where transactions are written and read.
type Ledger interface {
	// Apply writes c whole or not at all. It returns ErrConflict, ErrKeyTaken, ErrOpenMax
	// or a DuplicateReferenceError where a precondition does not hold.
	Apply(ctx context.Context, c core.Commit) error
	// Transaction returns the transaction with id, or ErrNotFound.
	Transaction(ctx context.Context, id string) (core.Transaction, error)
	// Idempotency returns what is known of a key, or ErrNotFound.
	Idempotency(ctx context.Context, scope core.IdempotencyScope) (core.IdempotencyRow, error)
	// Open returns how many transactions of a merchant have not ended.
	Open(ctx context.Context, merchant string) (int, error)
}

// Accounts are the provider accounts.
type Accounts interface {
	// Acquire gives the right to make one attempt now, or says why not.
	Acquire(account string) (core.Permit, error)
	// Provider returns the account to call, and false if nothing serves it.
	Provider(account string) (sdk.FullProvider, bool)
	// Standing returns what is known of the account now.
	Standing(account string) (core.Standing, bool)
}

// Router chooses accounts for a transaction.
type Router interface {
	Decide(core.Sample) core.Choice
}

// Options are what New needs; all but Poll, Changed and OpenMax are required.
type Options struct {
	Ledger    Ledger
	Transfers Transfers
	Accounts  Accounts
	Router    Router
	Logger    hclog.Logger
	// Now tells the time, NewID makes an id with a prefix for it, and Jitter
	// returns a number from 0 to 999.
	Now    func() time.Time
	NewID  func(prefix string, at time.Time) string
	Jitter func() int
	// PublicURL is where providers and customers reach the engine.
	PublicURL string
	// Deadline bounds all attempts of one request, MaxAttempts their number where
	// the rule says nothing.
	Deadline    time.Duration
	MaxAttempts int
	// OpenMax is how many transactions of a merchant may be open at most; zero bounds none.
	OpenMax int
	// HoldPayout says whether our own policy holds a payout until it is approved.
	HoldPayout func(money.Amount) bool
	// Poll replaces every schedule of questions; nil keeps the providers' own.
	Poll []time.Duration
	// Waiting is called with an account at which an order began to wait for a transfer.
	Waiting func(account string)
	// Committed is called after each commit, so that what became due is looked at.
	Committed func()
	// Changed is called after each commit that moved a transaction, with what it was
	// and what it became, in the order of the commits; before one that is new it was
	// the zero Transaction. It must not wait. Nil for nobody.
	Changed func(before, after core.Transaction)
}

// Orchestrator drives transactions. Its methods may be called concurrently.
type Orchestrator struct {
	Options
	*underWay
}

// underWay is what the orchestrators of one process share, whatever their options.
type underWay struct {
	// startedAt tells rows of this process from those of a former one.
	startedAt time.Time
	// calls counts the calls under way; work outlives callers, so it has its own context.
	calls sync.WaitGroup
	// unreadable are the transfers that were complained of, so that each is once.
	unreadable sync.Map
	gate       sync.RWMutex
	closed     bool
	// adopting merges the repeats that adopt one row.
	adopting singleflight.Group
	// turns let what changes one payment wait for each other.
	turns turns
}

// New returns an orchestrator. Close waits for what it has under way.
func New(options Options) *Orchestrator {
	return (&Orchestrator{underWay: &underWay{startedAt: options.Now(), turns: newTurns()}}).With(options)
}

// With returns an orchestrator with other options that shares all work with this
// one: closing either closes both. A request goes to its end with the options of the
// orchestrator that accepted it.
func (o *Orchestrator) With(options Options) *Orchestrator {
	if options.Changed == nil {
		options.Changed = func(core.Transaction, core.Transaction) {}
	}
	return &Orchestrator{Options: options, underWay: o.underWay}
}

// Close refuses new work and waits until the calls under way are answered and
// their outcomes committed, or until ctx is done. What is then still under way
// is found by its timers after the next start.
func (o *Orchestrator) Close(ctx context.Context) error {
	o.gate.Lock()
	o.closed = true
	o.gate.Unlock()
	idle := make(chan struct{})
	go func() {
		o.calls.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter counts one piece of work, unless the orchestrator is closed.
func (o *Orchestrator) enter() bool {
	o.gate.RLock()
	defer o.gate.RUnlock()
	if o.closed {
		return false
	}
	o.calls.Add(1)
	return true
}

// background is the context of the engine's own work: no caller ends it.
func background() context.Context { return context.Background() }
