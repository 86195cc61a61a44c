package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// defaultMerchant is whose a request is that names no merchant.
const defaultMerchant = "default"

// Pay accepts a payment and answers once its first attempts have an answer, or
// at the deadline with the state as it is. Accepted work is the engine's: it
// goes on when ctx ends. The errors are those of the HTTP API, found by errors.Is:
// core.ErrInvalidRequest, ErrNoRoute, ErrProviderUnavailable, ErrDuplicateReference,
// ErrIdempotencyKeyReused, ErrIdempotencyInFlight, ErrTooManyOpen, ErrStoreUnavailable.
func (e *Engine) Pay(ctx context.Context, req core.PaymentRequest) (core.Answer, error) {
	if req.Caller.Merchant == "" {
		req.Caller.Merchant = defaultMerchant
	}
	return e.at(ctx).orchestrator.Pay(ctx, req)
}

// Payout accepts a payout. One that the approval policy holds is answered at
// once, awaiting approval. Its errors are those of Pay.
func (e *Engine) Payout(ctx context.Context, req core.PayoutRequest) (core.Answer, error) {
	if req.Caller.Merchant == "" {
		req.Caller.Merchant = defaultMerchant
	}
	return e.at(ctx).orchestrator.Payout(ctx, req)
}

// Refund gives a payment back, whole or in part, where the money came from. The
// provider is asked first. Besides the errors of Pay it returns core.ErrNotFound,
// ErrNotAllowed and ErrNotSupported.
func (e *Engine) Refund(ctx context.Context, req core.RefundRequest) (core.Answer, error) {
	if req.Caller.Merchant == "" {
		req.Caller.Merchant = defaultMerchant
	}
	payment, err := e.Transaction(ctx, req.Caller, req.Payment)
	if err != nil {
		return core.Answer{}, err
	}
	e.askFirst(ctx, payment)
	return e.at(ctx).orchestrator.Refund(ctx, req)
}

// Approve lets a held payout go. It returns core.ErrDecisionMade, ErrAlreadyFinal,
// ErrNotSupported or ErrNotFound.
func (e *Engine) Approve(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	tx, err := e.Transaction(ctx, caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	e.askFirst(ctx, tx) // Somebody may have decided in the provider's portal.
	return e.at(ctx).orchestrator.Approve(ctx, caller, id, reason)
}

// Reject ends a held payout. Its errors are those of Approve.
func (e *Engine) Reject(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	tx, err := e.Transaction(ctx, caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	e.askFirst(ctx, tx)
	return e.at(ctx).orchestrator.Reject(ctx, caller, id, reason)
}

// Transaction returns the transaction with id. One of another merchant is
// core.ErrNotFound for everybody but an operator.
func (e *Engine) Transaction(ctx context.Context, caller core.Caller, id string) (core.Transaction, error) {
	if _, err := core.ULIDOf(id); err != nil {
		return core.Transaction{}, fmt.Errorf("engine: %w", core.ErrNotFound)
	}
	tx, err := e.store.Transaction(ctx, id)
	if err != nil {
		return core.Transaction{}, fmt.Errorf("engine: %s: %w", id, err)
	}
	if tx.Merchant != caller.Merchant && !caller.Operator {
		return core.Transaction{}, fmt.Errorf("engine: %s: %w", id, core.ErrNotFound)
	}
	return tx, nil
}

// Transactions returns a page, newest first, of those the caller may see.
func (e *Engine) Transactions(ctx context.Context, caller core.Caller, filter core.Filter) (core.Page[core.Transaction], error) {
	if !caller.Operator {
		filter.Merchant = caller.Merchant
	}
	return e.store.Transactions(ctx, filter)
}

// History returns every transition of a transaction, in order.
func (e *Engine) History(ctx context.Context, caller core.Caller, id string) ([]core.HistoryEntry, error) {
	if _, err := e.Transaction(ctx, caller, id); err != nil {
		return nil, err
	}
	return e.store.History(ctx, id)
}

// Cancel ends a transaction before money moved. It returns core.ErrAlreadyFinal,
// ErrDecisionMade, ErrNotSupported, ErrProviderUnavailable or ErrNotFound.
func (e *Engine) Cancel(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	tx, err := e.Transaction(ctx, caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	return e.at(ctx).orchestrator.Cancel(ctx, caller, id, reason, e.askFirst(ctx, tx))
}

// Sync asks the provider now and returns the transaction as it then stands.
// Questions asked within two seconds are one. Where only a list shows what was
// paid, that is read. A provider without an answer changes nothing.
func (e *Engine) Sync(ctx context.Context, caller core.Caller, id string) (core.Transaction, error) {
	tx, err := e.Transaction(ctx, caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	if last, ok := tx.Last(); ok && last.Match != nil {
		if err := e.reconciler.Read(ctx, last.Account); err != nil {
			e.logger.Info("list not read", "transaction", id, "account", last.Account, "error", err)
		}
	}
	if asked, err := e.reconciler.Ask(ctx, id); err != nil {
		return asked, err
	}
	return e.Transaction(ctx, caller, id)
}

// askFirstWithin is how long anybody waits for the answer to a question that is
// asked first. It goes on behind them.
const askFirstWithin = 10 * time.Second

// askFirst asks the provider of a live attempt before something is done that
// would be wrong if the customer has paid. That it has no answer hinders nobody.
// It reports whether a whole read of the provider's list shows what was paid.
func (e *Engine) askFirst(ctx context.Context, tx core.Transaction) bool {
	live, ok := tx.Live()
	if !ok {
		return false
	}
	answered := make(chan error, 1)
	e.asking.Go(func() { answered <- e.askNow(context.WithoutCancel(ctx), tx.ID, live) })
	patience := time.NewTimer(askFirstWithin)
	defer patience.Stop()
	var err error
	select {
	case err = <-answered:
	case <-ctx.Done():
		err = ctx.Err()
	case <-patience.C:
		err = fmt.Errorf("no answer within %s", askFirstWithin)
	}
	if err != nil {
		e.logger.Info("provider could not be asked first", "transaction", tx.ID, "error", err)
	}
	return err == nil && live.Match != nil
}

func (e *Engine) askNow(ctx context.Context, id string, live core.Attempt) error {
	if live.Match != nil {
		return e.reconciler.Read(ctx, live.Account)
	}
	_, err := e.reconciler.Ask(ctx, id)
	return err
}

// Resolve settles by hand what is in review or unknown. It is audited.
func (e *Engine) Resolve(ctx context.Context, caller core.Caller, id string, how core.Resolution) (core.Transaction, error) {
	tx, err := e.Transaction(ctx, caller, id)
	if err != nil {
		return core.Transaction{}, err
	}
	e.askFirst(ctx, tx)
	return e.at(ctx).orchestrator.Resolve(ctx, caller, id, how)
}

// Providers returns how every account stands, by name.
func (e *Engine) Providers(ctx context.Context, _ core.Caller) []core.Standing {
	standings := e.at(ctx).accounts.Standings()
	all := make([]core.Standing, 0, len(standings))
	for _, name := range slices.Sorted(maps.Keys(standings)) {
		all = append(all, standings[name])
	}
	return all
}

// Notify takes a provider's notification and returns what to answer.
func (e *Engine) Notify(ctx context.Context, name string, notification sdk.NotificationRequest) (core.Reply, error) {
	return e.webhook.Receive(ctx, name, notification)
}

// Return is where a provider sends the customer back. It changes nothing and
// brings the next question forward, if there is one. It returns where the merchant wants the
// customer, empty where the payment has no return_url, or core.ErrNotFound.
func (e *Engine) Return(ctx context.Context, ref string) (string, error) {
	u, _, err := core.ParseRef(ref)
	if err != nil {
		return "", fmt.Errorf("engine: %w", core.ErrNotFound)
	}
	tx, err := e.store.TransactionByULID(ctx, u)
	if err != nil {
		return "", fmt.Errorf("engine: %w", err)
	}
	if !tx.DueAt().IsZero() {
		e.reconciler.Hint(tx.ID)
	}
	return tx.ReturnURL, nil
}

// Ready reports whether new work can be taken, and if not, why.
func (e *Engine) Ready(context.Context) (bool, []string) {
	var reasons []string
	if e.stopping.Load() {
		reasons = append(reasons, "the engine is stopping")
	}
	if s, ok := e.store.(interface{ Writable() error }); ok {
		if err := s.Writable(); err != nil {
			reasons = append(reasons, "the store cannot be written: "+reasonOf(err))
		}
	}
	for _, s := range e.Providers(context.Background(), core.Caller{}) {
		s.Breaker = core.Breaker{} // A provider that does not answer must not keep the others' notifications away.
		if why := s.Obstacle(); s.Required && why != "" {
			reasons = append(reasons, "required account "+s.Account+": "+why)
		}
	}
	return len(reasons) == 0, reasons
}

func reasonOf(err error) string {
	if errors.Is(err, core.ErrPoisoned) {
		return "a write failed in an unknown way; the process must be started again"
	}
	return err.Error()
}
