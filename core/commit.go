package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Commit is all that one write changes. A store applies it whole or not at all,
// after checking every precondition.
type Commit struct {
	Transactions []Change
	Idempotency  []IdempotencyWrite
	Inbox        []InboxRow
	// InboxDone are ids of inbox rows used up by this commit; one that is gone already is no fault.
	InboxDone []string
	// InboxRetry moves the due time of inbox rows that could not be settled yet.
	InboxRetry []InboxRow
	Dedupe     []Dedupe
	Transfers  []Transfer
	Claims     []Claim
	// ClaimsFreed are claims to give back.
	ClaimsFreed []Claim
	Accounts    []AccountWork
	Outbox      []OutboxRow
	OutboxDone  []string
	Audit       []AuditEntry
}

// Change writes one transaction.
type Change struct {
	// Transaction is the new record; the store sets its Version to Was + 1.
	Transaction Transaction
	// Was is the version it was read at, zero to create it. Another one in the store is ErrConflict.
	Was     uint64
	History []HistoryEntry
	// IndexProviderRefs says that notifications of this account lack our Ref, so
	// that attempts are found by (account, provider_ref).
	IndexProviderRefs bool
	// OpenMax refuses a new transaction that has not ended, with ErrOpenMax, where so
	// many of its merchant are open already. Zero refuses none.
	OpenMax int
}

// IdempotencyScope names one key: never global, always of a merchant and a route.
type IdempotencyScope struct {
	Merchant string
	Route    string // Method and path, such as "POST /v1/payments".
	Key      string
}

// IdempotencyRow is what is known of a key.
type IdempotencyRow struct {
	Scope       IdempotencyScope
	Fingerprint []byte
	Transaction string
	CreatedAt   time.Time
	// Until is when an unanswered row is free again: send_by and the call's deadline.
	Until time.Time
	// DoneAt is when it was answered; zero means in flight.
	DoneAt time.Time
	// Answered is the transaction as it was answered; nil until then.
	Answered *Transaction
}

// IdempotencyWrite puts a row.
type IdempotencyWrite struct {
	Row IdempotencyRow
	// New refuses with ErrKeyTaken when the scope has a row already.
	New bool
}

// InboxRow is a provider's notification, kept before it is answered.
type InboxRow struct {
	ID      string // whk_ and a ULID.
	Account string
	// Request is kept for notifications that could not be verified yet.
	Request *sdk.NotificationRequest
	// Read is what the plugin read in it; nil while unverified.
	Read *sdk.Notification
	// Transaction and Attempt are what it is about, empty for an orphan.
	Transaction string
	Attempt     int
	DedupeKey   string
	ReceivedAt  time.Time
	DueAt       time.Time
	Tries       int
}

// Dedupe marks a notification as applied. Its row is written in the commit of
// the transition that it caused.
type Dedupe struct {
	Account, Key string
	At           time.Time
}

// Transfer is money that a pull-only provider reports as received.
type Transfer struct {
	ID               string // trf_ and a ULID.
	Account          string
	ProviderRef      string // Unique with Account.
	ProviderCustomer string
	Amount           money.Amount
	Outcome          sdk.Outcome
	Status           string
	CreatedAt        time.Time
	SeenAt           time.Time
	// Transaction is what it was given to, TopUp whose wallet it filled; both empty while unmatched.
	Transaction, TopUp string
	Version, Was       uint64
}

// Claim is the right of one open order to a transfer of this shape.
type Claim struct {
	Account     string
	Customer    string
	Amount      money.Amount
	From, Until time.Time
	Transaction string
}

// AccountWork is the durable timer and reading cursor of a provider account.
type AccountWork struct {
	Account string
	// Cursor is until when the list was read without a gap.
	Cursor time.Time
	// DailyReadAt is when the list is read again for changed statuses, and ReadFrom
	// how far that has come; zero while it is not begun.
	ReadFrom    time.Time
	DailyReadAt time.Time
	// PendingFrom is when the earliest transfer was made that was on its way when
	// the list was last read; zero for none.
	PendingFrom  time.Time
	DueAt        time.Time
	Drained      bool
	Version, Was uint64
}

// OutboxRow is one event for a merchant, delivered at least once.
type OutboxRow struct {
	ID          string // evt_ and a ULID; stable over every delivery.
	Name        string
	Merchant    string
	Transaction string
	Sequence    uint32
	At          time.Time
	DueAt       time.Time
	Tries       int
	Body        []byte
}

// AuditEntry is one action of an operator.
type AuditEntry struct {
	ID                  string
	At                  time.Time
	Actor, Action       string
	Transaction, Detail string
}

// DueKind is what is due.
type DueKind uint8

// The kinds of due work.
const (
	DueTransaction DueKind = iota + 1
	DueAccount
	DueInbox
	DueOutbox
)

// Due is one piece of work whose time has come. Reading it saves work and
// guards nothing: the version guards.
type Due struct {
	Kind DueKind
	ID   string
	At   time.Time
}

// Filter selects transactions. Zero fields select all.
type Filter struct {
	Merchant      string
	Kind          sdk.Kind
	State         State
	Provider      string
	Reference     string
	Customer      string
	CreatedAfter  time.Time
	CreatedBefore time.Time
	// UpdatedBefore selects what has not changed since.
	UpdatedBefore time.Time
	// Query is text looked for in id, reference, refs and provider refs.
	Query  string
	Limit  int // At most 100.
	Cursor string
}

// Page is one page of a list, newest first.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the next page; empty at the end. A page may be short
	// or empty and still have a Next: reading stops after 10,000 records.
	Next string
}
