// Package httpapitest is a small engine in memory for tests of the HTTP API and
// of its client: it keeps transactions, idempotency keys and history, and keeps
// merchants apart, but asks no provider.
package httpapitest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Account is the one provider account of the engine.
const Account = "cinetpay-ci"

// Reason is why payments are routed to it.
const Reason = "number 1 of 1 by fee, 2.5 % of 5000 XOF is 125 XOF"

// Engine is the engine in memory. Set its fields before it is used.
type Engine struct {
	// Before is called at the start of every call; its error is the call's. A test
	// lets calls fail, wait or panic with it.
	Before func(ctx context.Context) error
	// Now is the clock; nil for time.Now.
	Now func() time.Time
	// NotReady are the reasons not to be ready.
	NotReady []string
	// Reply is what notifications are answered with.
	Reply core.Reply
	// BackupCut makes backups end before the size that was announced.
	BackupCut bool
	// BackupsClosed counts the backups that were closed.
	BackupsClosed atomic.Int64
	// Comparison is how every statement compares, and Held what each must show, a
	// record a page.
	Comparison core.Comparison
	Held       []core.Held

	mu            sync.Mutex
	transactions  []core.Transaction
	transfers     []core.Transfer
	history       map[string][]core.HistoryEntry
	keys          map[core.IdempotencyScope]core.IdempotencyRow
	notifications []sdk.NotificationRequest
	drained       bool
	restarts      uint64
	loggedUntil   time.Time
	incident      *core.Incident
	executed      int
	sample        core.Sample
}

// Pay creates a payment that waits for the customer at a provider's page.
func (e *Engine) Pay(ctx context.Context, req core.PaymentRequest) (core.Answer, error) {
	if err := e.enter(ctx); err != nil {
		return core.Answer{}, err
	}
	defer e.mu.Unlock()
	return e.once(req.Caller, "POST /v1/payments", req.IdempotencyKey, req.Fingerprint, func() (core.Transaction, error) {
		if err := e.referenceFree(sdk.KindPayment, req.Caller.Merchant, req.Reference); err != nil {
			return core.Transaction{}, err
		}
		tx := e.open(req)
		e.record(tx.ID, "created", core.StateNone, core.StateCreated, req.Caller.Actor)
		e.record(tx.ID, "outcome", core.StateCreated, core.StateRequiresAction, "provider")
		return tx, nil
	})
}

// once keeps what create makes under the idempotency key, or answers what it made before.
func (e *Engine) once(
	caller core.Caller, route, key string, print []byte, create func() (core.Transaction, error),
) (core.Answer, error) {
	scope := core.IdempotencyScope{Merchant: caller.Merchant, Route: route, Key: key}
	if row, taken := e.keys[scope]; taken {
		if !bytes.Equal(row.Fingerprint, print) {
			return core.Answer{}, &core.Problem{Code: core.ErrIdempotencyKeyReused.Code, Detail: "the key was used for another request"}
		}
		return core.Answer{Transaction: *row.Answered, Replayed: true}, nil
	}
	tx, err := create()
	if err != nil {
		return core.Answer{}, err
	}
	e.executed++
	e.transactions = append(e.transactions, tx)
	if e.keys == nil {
		e.keys = map[core.IdempotencyScope]core.IdempotencyRow{}
	}
	e.keys[scope] = core.IdempotencyRow{Scope: scope, Fingerprint: print, Answered: &tx}
	return core.Answer{Transaction: tx}, nil
}

func (e *Engine) referenceFree(kind sdk.Kind, merchant, reference string) error {
	for _, tx := range e.transactions {
		if reference != "" && tx.Kind == kind && tx.Reference == reference && tx.Merchant == merchant && tx.State.HoldsReference() {
			return &core.Problem{Code: core.ErrDuplicateReference.Code, Detail: "the reference is in use", Transaction: tx.ID}
		}
	}
	return nil
}

func (e *Engine) open(req core.PaymentRequest) core.Transaction {
	now := e.now()
	id := newID(core.PrefixPayment, now)
	ref, _ := core.Ref(id, 1)
	return core.Transaction{
		ID: id, Kind: sdk.KindPayment, Merchant: req.Caller.Merchant, State: core.StateRequiresAction, Version: 2, Sequence: 2,
		Reference: req.Reference, Amount: req.Amount, Received: money.Zero(req.Amount.Currency()), Refunded: money.Zero(req.Amount.Currency()),
		Country: req.Country, Method: req.Method, Network: req.Network, Description: req.Description,
		Customer: req.Customer, ReturnURL: req.ReturnURL, Language: req.Language, Metadata: req.Metadata,
		ExpiresIn: req.ExpiresIn, ExpiresAt: now.Add(24 * time.Hour), Provider: req.Provider,
		Route: core.Route{Rule: "only", Generation: 1, Candidates: []string{Account}, Reasons: []string{Reason}},
		Attempts: []core.Attempt{{
			ID: core.PrefixAttempt + id[len(core.PrefixPayment):], Number: 1, Account: Account, Ref: ref,
			State: core.AttemptRequiresAction, Outcome: sdk.OutcomeRequiresAction, StartedAt: now, AnsweredAt: now,
			NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://provider.example/pay/" + ref},
		}},
		CreatedBy: req.Caller.Actor, CreatedAt: now, UpdatedAt: now,
	}
}

func newID(prefix string, now time.Time) string {
	return prefix + ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String()
}

// Cancel ends a payment that waits for its customer, or a payout that is held.
func (e *Engine) Cancel(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	return e.change(ctx, caller, id, "decision", func(tx *core.Transaction) error {
		if tx.State.Final() {
			return alreadyFinal(*tx)
		}
		tx.State = core.StateCanceled
		if len(tx.Attempts) > 0 {
			tx.Attempts[0].State = core.AttemptCanceled
		}
		tx.Decision = &core.Decision{Kind: core.CallCancel, Actor: caller.Actor, Reason: reason, At: e.now()}
		return nil
	})
}

// Sync finds that nothing changed.
func (e *Engine) Sync(ctx context.Context, caller core.Caller, id string) (core.Transaction, error) {
	return e.change(ctx, caller, id, "outcome", func(*core.Transaction) error { return nil })
}

// Resolve settles a transaction that has not ended.
func (e *Engine) Resolve(ctx context.Context, caller core.Caller, id string, r core.Resolution) (core.Transaction, error) {
	return e.change(ctx, caller, id, "resolve", func(tx *core.Transaction) error {
		switch {
		case tx.State.Final():
			return alreadyFinal(*tx)
		case r.Verb == "succeeded":
			tx.State, tx.Attempts[0].State, tx.Received = core.StateSucceeded, core.AttemptSucceeded, tx.Amount
			tx.Attempts[0].Confirmed, tx.Attempts[0].Reserved = tx.Amount, money.Zero(tx.Amount.Currency())
		default:
			tx.State, tx.Attempts[0].State = core.StateFailed, core.AttemptAbandoned
		}
		return nil
	})
}

func alreadyFinal(tx core.Transaction) error {
	return &core.Problem{Code: core.ErrAlreadyFinal.Code, Detail: "the transaction is " + tx.State.String()}
}

func (e *Engine) change(
	ctx context.Context, caller core.Caller, id, event string, change func(*core.Transaction) error,
) (core.Transaction, error) {
	if err := e.enter(ctx); err != nil {
		return core.Transaction{}, err
	}
	defer e.mu.Unlock()
	tx, err := e.find(caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	before := tx.State
	if err := change(tx); err != nil {
		return core.Transaction{}, err
	}
	tx.UpdatedAt = e.now()
	tx.Sequence++
	e.record(id, event, before, tx.State, caller.Actor)
	return *tx, nil
}

// Transaction returns one of the caller's transactions.
func (e *Engine) Transaction(ctx context.Context, caller core.Caller, id string) (core.Transaction, error) {
	if err := e.enter(ctx); err != nil {
		return core.Transaction{}, err
	}
	defer e.mu.Unlock()
	tx, err := e.find(caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	return *tx, nil
}

// Transactions returns a page of what the caller may see, newest first.
func (e *Engine) Transactions(
	ctx context.Context, caller core.Caller, filter core.Filter,
) (core.Page[core.Transaction], error) {
	page := core.Page[core.Transaction]{}
	if err := e.enter(ctx); err != nil {
		return page, err
	}
	defer e.mu.Unlock()
	all := slices.Clone(e.transactions)
	slices.SortFunc(all, func(a, b core.Transaction) int { return cmp.Compare(b.ID, a.ID) })
	for _, tx := range all {
		if !visible(caller, tx) || !fits(filter, tx) || filter.Cursor != "" && tx.ID >= filter.Cursor {
			continue
		}
		if len(page.Items) == filter.Limit {
			page.Next = page.Items[len(page.Items)-1].ID
			break
		}
		page.Items = append(page.Items, tx)
	}
	return page, nil
}

func fits(f core.Filter, tx core.Transaction) bool {
	return (f.Merchant == "" || f.Merchant == tx.Merchant) &&
		(f.Kind == "" || f.Kind == tx.Kind) &&
		(f.State == core.StateNone || f.State == tx.State) &&
		(f.Provider == "" || len(tx.Attempts) > 0 && f.Provider == tx.Attempts[0].Account) &&
		(f.Reference == "" || f.Reference == tx.Reference) &&
		(f.Customer == "" || f.Customer == tx.Customer.ID) &&
		(f.CreatedAfter.IsZero() || tx.CreatedAt.After(f.CreatedAfter)) &&
		(f.CreatedBefore.IsZero() || tx.CreatedAt.Before(f.CreatedBefore)) &&
		(f.UpdatedBefore.IsZero() || tx.UpdatedAt.Before(f.UpdatedBefore)) &&
		strings.Contains(tx.ID+" "+tx.Reference, f.Query)
}

// History returns the transitions of one of the caller's transactions.
func (e *Engine) History(ctx context.Context, caller core.Caller, id string) ([]core.HistoryEntry, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.mu.Unlock()
	if _, err := e.find(caller, id); err != nil {
		return nil, err
	}
	return slices.Clone(e.history[id]), nil
}

// Notify keeps a notification.
func (e *Engine) Notify(ctx context.Context, account string, n sdk.NotificationRequest) (core.Reply, error) {
	if err := e.enter(ctx); err != nil {
		return core.Reply{}, err
	}
	defer e.mu.Unlock()
	if account != Account {
		return core.Reply{}, core.ErrNotFound
	}
	e.notifications = append(e.notifications, n)
	return e.Reply, nil
}

// Return finds the transaction of an attempt.
func (e *Engine) Return(ctx context.Context, ref string) (string, error) {
	if err := e.enter(ctx); err != nil {
		return "", err
	}
	defer e.mu.Unlock()
	for _, tx := range e.transactions {
		if len(tx.Attempts) > 0 && tx.Attempts[0].Ref == ref {
			return tx.ReturnURL, nil
		}
	}
	return "", core.ErrNotFound
}

// Ready is what NotReady says.
func (e *Engine) Ready(context.Context) (bool, []string) { return len(e.NotReady) == 0, e.NotReady }

// Executed returns how many payments, payouts and refunds were made, repeats not counted.
func (e *Engine) Executed() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.executed
}

// Notifications returns what Notify kept.
func (e *Engine) Notifications() []sdk.NotificationRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.notifications)
}

// enter leaves the engine locked where it returns nil.
func (e *Engine) enter(ctx context.Context) error {
	if e.Before != nil {
		if err := e.Before(ctx); err != nil {
			return err
		}
	}
	e.mu.Lock()
	return nil
}

func (e *Engine) find(caller core.Caller, id string) (*core.Transaction, error) {
	for i := range e.transactions {
		if e.transactions[i].ID == id && visible(caller, e.transactions[i]) {
			return &e.transactions[i], nil
		}
	}
	return nil, core.ErrNotFound
}

func visible(caller core.Caller, tx core.Transaction) bool {
	return caller.Operator || caller.Merchant == tx.Merchant
}

func (e *Engine) record(id, event string, from, to core.State, actor string) {
	if e.history == nil {
		e.history = map[string][]core.HistoryEntry{}
	}
	e.history[id] = append(e.history[id], core.HistoryEntry{
		Sequence: uint32(len(e.history[id]) + 1), At: e.now(), Event: event, From: from, To: to,
		Cause: "in memory", Actor: actor,
	})
}

func (e *Engine) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}
