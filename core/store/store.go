package store

import (
	"context"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// PageMax is the most items of a page, and what a limit of zero means.
	PageMax = 100
	// PageReadMax is how many records are read for one page.
	PageReadMax = 10_000
	// ClockSlack is how far the time in an id may be from its record's CreatedAt.
	ClockSlack = time.Hour
)

// ErrClosed means that the store was closed.
var ErrClosed = errors.New("store is closed")

// Store is the memory of an engine. The package's documentation is its contract.
// Callers declare the few methods that they need; only who opens a store names it.
type Store interface {
	Writer
	Transactions
	Replay
	Schedule
	Notifications
	Money
	Records
	// Prune forgets what may be forgotten. It is safe beside everything else, and to stop midway.
	Prune(context.Context, PrunePolicy) (Pruned, error)
	// Close waits for the commits that are queued. Afterwards everything returns ErrClosed.
	Close() error
}

// Writer writes.
type Writer interface {
	// Apply makes the commit durable, whole or not at all. It returns core.ErrConflict,
	// *core.DuplicateReferenceError, core.ErrKeyTaken, core.ErrClaimTaken, core.ErrOpenMax,
	// core.ErrInvalidRecord, core.ErrReadOnly or the context's error when nothing was stored, and
	// core.ErrPoisoned when that is unknown.
	Apply(context.Context, core.Commit) error
}

// Transactions finds transactions. All but lists return core.ErrNotFound for what is not there.
type Transactions interface {
	// Transaction returns the transaction with id.
	Transaction(ctx context.Context, id string) (core.Transaction, error)
	// TransactionByULID returns the transaction whose id carries u, whatever its kind.
	TransactionByULID(ctx context.Context, u ulid.ULID) (core.Transaction, error)
	// ByProviderRef returns the transaction and the number of its attempt that the provider of account
	// calls ref, as far as it was written with Change.IndexProviderRefs. The first attempt that had it keeps it.
	ByProviderRef(ctx context.Context, account, ref string) (core.Transaction, int, error)
	// ByReference returns the newest transaction that holds the reference, or the newest that had it.
	ByReference(ctx context.Context, merchant string, kind sdk.Kind, reference string) (core.Transaction, error)
	// Transactions returns a page of those that the filter selects. Filter.Provider is the account of any
	// attempt; Filter.Customer the merchant's or the provider's id of the customer, or the phone number.
	Transactions(context.Context, core.Filter) (core.Page[core.Transaction], error)
	// History returns the entries of the transaction with id, in order. None is core.ErrNotFound.
	History(ctx context.Context, id string) ([]core.HistoryEntry, error)
	// Idempotency returns the row of a key.
	Idempotency(context.Context, core.IdempotencyScope) (core.IdempotencyRow, error)
	// Live returns how many attempts are live, by account. Accounts without one are left out.
	Live(context.Context) (map[string]int, error)
	// Watched returns how many attempts are watched that are not live, by account. It
	// reads every transaction that has a timer.
	Watched(context.Context) (map[string]int, error)
	// Open returns how many transactions of a merchant have not ended, at the cost of one look-up.
	Open(ctx context.Context, merchant string) (int, error)
}

// Replay reads all that was, for who asks what else could have been.
type Replay interface {
	// Scan gives use every transaction that was created from from on and before to, by ULID, the oldest first, some
	// at a time. What use is given is its own until it returns; an error of use ends the scan and is returned. What is
	// written meanwhile may be seen or not. No part of a scan holds up a writer for long, and its memory is bounded.
	Scan(ctx context.Context, from, to time.Time, use func([]core.Past) error) error
}

// Schedule says what is to be done when.
type Schedule interface {
	// Due returns at most limit pieces of work that are due at now, the earliest first, and holds them until now + hold.
	Due(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]core.Due, error)
	// NextDue returns the earliest time at which Due returns something; zero if it never will.
	NextDue(context.Context) (time.Time, error)
	// AccountWork returns the timer and cursor of an account.
	AccountWork(ctx context.Context, account string) (core.AccountWork, error)
}

// Notifications are what came from providers and is not used up.
type Notifications interface {
	// Inbox returns the row with id.
	Inbox(ctx context.Context, id string) (core.InboxRow, error)
	// InboxOf returns the rows about a transaction, the oldest first.
	InboxOf(ctx context.Context, transaction string) ([]core.InboxRow, error)
	// InboxSize returns how many rows there are, of one account or, where account is empty, of all.
	InboxSize(ctx context.Context, account string) (int, error)
	// Deduped reports whether the notification with key was applied.
	Deduped(ctx context.Context, account, key string) (bool, error)
}

// Money is what pull-only providers reported, and who has a right to it.
type Money interface {
	// Transfer returns the transfer with id.
	Transfer(ctx context.Context, id string) (core.Transfer, error)
	// TransferByRef returns the transfer that the provider of account calls ref.
	TransferByRef(ctx context.Context, account, ref string) (core.Transfer, error)
	// Transfers returns a page of those that the filter selects.
	Transfers(context.Context, core.TransferFilter) (core.Page[core.Transfer], error)
	// Claims returns the claims at an account, of one of its customers or, where customer is empty, of all.
	Claims(ctx context.Context, account, customer string) ([]core.Claim, error)
}

// Records are what is kept for merchants and for auditors.
type Records interface {
	// Outbox returns the event with id, as long as it is not delivered.
	Outbox(ctx context.Context, id string) (core.OutboxRow, error)
	// OutboxSize returns how many events are not delivered.
	OutboxSize(context.Context) (int, error)
	// Audit returns a page of the actions that the filter selects, newest first by time.
	Audit(context.Context, core.AuditFilter) (core.Page[core.AuditEntry], error)
}

// PrunePolicy says what may be forgotten.
type PrunePolicy struct {
	Now time.Time
	// IdempotencyKept is how long a row is kept after it was answered, or after
	// Until where it never was. It is kept longer while its transaction is not final.
	IdempotencyKept time.Duration
	// DedupeKept is how long it is remembered that a notification was applied.
	DedupeKept time.Duration
}

// Pruned counts what was forgotten.
type Pruned struct {
	Idempotency int
	Dedupe      int
}
