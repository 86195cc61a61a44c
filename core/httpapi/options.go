package httpapi

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Payments creates payments and cancels payments and payouts. Errors are *core.Problem or core.ErrNotFound;
// anything else is a fault of the engine.
type Payments interface {
	// Pay creates a payment, or answers the one that the idempotency key belongs to.
	Pay(ctx context.Context, req core.PaymentRequest) (core.Answer, error)
	// Cancel ends a payment or a payout that has not moved money.
	Cancel(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error)
}

// Payouts creates payouts and decides those that are held.
type Payouts interface {
	// Payout creates a payout, or answers the one that the idempotency key belongs to.
	Payout(ctx context.Context, req core.PayoutRequest) (core.Answer, error)
	// Approve lets a held payout go, Reject ends it.
	Approve(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error)
	Reject(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error)
}

// Refunds gives payments back.
type Refunds interface {
	// Refund creates a refund, or answers the one that the idempotency key belongs to.
	Refund(ctx context.Context, req core.RefundRequest) (core.Answer, error)
}

// Accounts asks one provider account. Its errors are *core.Problem, or
// core.ErrNotFound for an account that nobody knows.
type Accounts interface {
	// Lookup returns the provider's customer of a phone in E.164, or
	// core.ErrCustomerUnknown. Where the provider only says where to sign up, the
	// customer has no ProviderCustomer.
	Lookup(ctx context.Context, account, phone string) (sdk.Customer, error)
	// Balance returns the money held at the provider.
	Balance(ctx context.Context, account string) ([]sdk.Balance, error)
}

// Transactions reads. A transaction of another merchant is core.ErrNotFound for
// everybody but an operator.
type Transactions interface {
	Transaction(ctx context.Context, caller core.Caller, id string) (core.Transaction, error)
	Transactions(ctx context.Context, caller core.Caller, filter core.Filter) (core.Page[core.Transaction], error)
	History(ctx context.Context, caller core.Caller, id string) ([]core.HistoryEntry, error)
}

// Transfers reads what pull-only providers reported, and gives away by hand what
// nobody was found for. It is for operators.
type Transfers interface {
	Transfers(ctx context.Context, caller core.Caller, filter core.TransferFilter) (core.Page[core.Transfer], error)
	// Assign gives an unmatched transfer to a transaction; another amount than the
	// transaction's needs accept.
	Assign(ctx context.Context, caller core.Caller, id, transaction string, accept bool, reason string) (core.Transfer, error)
	// TopUp marks an unmatched transfer as one that filled a customer's wallet.
	TopUp(ctx context.Context, caller core.Caller, id, customer, reason string) (core.Transfer, error)
}

// Operator asks and settles by hand.
type Operator interface {
	// Sync asks the provider now and returns the transaction as it then stands.
	Sync(ctx context.Context, caller core.Caller, id string) (core.Transaction, error)
	// Resolve settles a transaction that only a person can settle.
	Resolve(ctx context.Context, caller core.Caller, id string, resolution core.Resolution) (core.Transaction, error)
}

// Providers tells how the provider accounts stand, and keeps new attempts from
// them. It is for operators. An account that nobody knows is core.ErrNotFound.
type Providers interface {
	Providers(ctx context.Context, caller core.Caller) []core.Standing
	// DrainAccount stops new attempts at an account until ResumeAccount.
	DrainAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error)
	ResumeAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error)
}

// Statements compares what providers say with what is recorded. It is for
// operators. Its errors are those of Accounts.
type Statements interface {
	// Statement compares the provider's list, or the rows of a file.
	Statement(ctx context.Context, caller core.Caller, about core.Statement) (core.Comparison, error)
	// Expected returns a page of what a statement must show.
	Expected(ctx context.Context, caller core.Caller, about core.Statement, cursor string) (core.Page[core.Held], error)
	// Adopt asks the provider about what differs, and tells what came of it.
	Adopt(ctx context.Context, caller core.Caller, account string, adoptions []core.Adoption) ([]core.Adopted, error)
}

// Routing tells what the routing rules do, and what others would have done.
type Routing interface {
	// Evaluate decides over a transaction that is not made, as over a real one, and says why of every rule. What the
	// sample lacks of ID, Merchant and At is filled in.
	Evaluate(ctx context.Context, caller core.Caller, sample core.Sample) (core.Choice, error)
	// Backtest replays what was stored within since. Rules that cannot be used are core.ErrInvalidRequest with each
	// fault, more than can be replayed in time is core.ErrTooLarge, and another one under way core.ErrNotAllowed.
	Backtest(ctx context.Context, caller core.Caller, rules []byte, since time.Duration) (core.Backtest, error)
}

// Inbound hears from providers and from customers they send back. An account or
// reference that nobody knows is core.ErrNotFound.
type Inbound interface {
	// Notify keeps a notification and returns what the provider is answered.
	Notify(ctx context.Context, account string, notification sdk.NotificationRequest) (core.Reply, error)
	// Return brings the next question about an attempt forward and returns the
	// merchant's return URL, empty where there is none.
	Return(ctx context.Context, ref string) (redirect string, err error)
}

// Store tells how the store stands and gives it away whole. It is for operators.
// One that cannot is core.ErrNotSupported.
type Store interface {
	StoreStats(ctx context.Context, caller core.Caller) (core.StoreStats, error)
	// Backup returns a checked copy and its size. Whoever asks for it closes it.
	Backup(ctx context.Context, caller core.Caller) (made io.ReadCloser, size int64, err error)
}

// Reload reads the files again, goes back to former rules, and tells how that went.
// It is for operators. Files that cannot be used are core.ErrConfigurationRefused.
type Reload interface {
	Reload(ctx context.Context, caller core.Caller, why string) (core.Reloaded, error)
	// Rollback goes back to the rules of a generation; zero is the one before that had others.
	Rollback(ctx context.Context, caller core.Caller, to uint64, why string) (core.Reloaded, error)
	// Generations returns the last ones, the newest first.
	Generations(ctx context.Context, caller core.Caller) ([]core.Generation, error)
	ReloadStatus() core.ReloadStatus
}

// Readiness tells whether work can be taken, and if not, why.
type Readiness interface {
	Ready(ctx context.Context) (ready bool, reasons []string)
}

// FingerprintKeyMin is the fewest bytes of Options.FingerprintKey.
const FingerprintKeyMin = 32

// Options is what the API is built on. All of it is required but Metrics, Access,
// Keys, TrustedProxies, Version, Logger and Now.
type Options struct {
	Payments     Payments
	Payouts      Payouts
	Refunds      Refunds
	Accounts     Accounts
	Transactions Transactions
	Transfers    Transfers
	Operator     Operator
	Providers    Providers
	Processes    Processes
	Statements   Statements
	Routing      Routing
	Inbound      Inbound
	Store        Store
	Reload       Reload
	Readiness    Readiness
	// Metrics answers GET /metrics; nil for no such path. From this machine itself
	// it is read without a key, from anywhere else with an operator's.
	Metrics http.Handler

	// Access returns who may call, where that may change while the API is served. It
	// must return the same one for all of a request. Nil for Keys and TrustedProxies.
	Access func(context.Context) *Access
	// Keys are who may call. Without any, every request is the merchant "default"
	// with all scopes: listen on loopback only. The Host must then be localhost or a
	// loopback address.
	Keys []Key
	// FingerprintKey keys the hash by which a repeated request is recognised. It
	// must stay the same as long as idempotency keys are kept.
	FingerprintKey []byte
	// TrustedProxies is how many proxies of ours a request comes through.
	TrustedProxies int
	// Version is the engine's, for the OpenAPI document.
	Version string
	// Logger gets a line a request, without bodies, queries and keys; nil for none.
	Logger hclog.Logger
	// Now is the clock; nil for time.Now.
	Now func() time.Time
}
