package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

const (
	// readWithin bounds a plugin's reading, which makes no network call.
	readWithin = 2 * time.Second
	// inboxMax is how many notifications may wait before further ones are refused,
	// accountMax how many of one account: a flood at its address closes no other.
	inboxMax, accountMax = 100_000, 20_000
)

// Accounts are the provider accounts whose plugins read notifications.
type Accounts interface {
	// Provider returns the account, and false if nothing serves it.
	Provider(account string) (sdk.FullProvider, bool)
	// Standing returns what is known of the account, and false if there is none.
	Standing(account string) (core.Standing, bool)
}

// Finder finds what a notification is about; both return ErrNotFound.
type Finder interface {
	TransactionByULID(ctx context.Context, u ulid.ULID) (core.Transaction, error)
	ByProviderRef(ctx context.Context, account, ref string) (core.Transaction, int, error)
}

// Inbox keeps notifications.
type Inbox interface {
	Apply(ctx context.Context, c core.Commit) error
	// InboxSize returns how many are kept, of one account or, where account is empty, of all.
	InboxSize(ctx context.Context, account string) (int, error)
	// Deduped reports whether the notification with key was applied.
	Deduped(ctx context.Context, account, key string) (bool, error)
}

// Options are what New needs; all are required.
type Options struct {
	Accounts Accounts
	Finder   Finder
	Inbox    Inbox
	Logger   hclog.Logger
	Now      func() time.Time
	NewID    func(prefix string, at time.Time) string
	// Committed is called after a notification was kept.
	Committed func()
}

// Receiver receives notifications. Its methods may be called concurrently.
type Receiver struct {
	Options
	forged atomic.Uint64
}

// New returns a receiver.
func New(options Options) *Receiver { return &Receiver{Options: options} }

// Forged returns how many forged notifications were refused since the start.
func (r *Receiver) Forged() uint64 { return r.forged.Load() }

// Receive takes a provider's notification and returns what to answer. An answer
// of 2xx means that it is kept durably, or was applied before. It returns
// ErrNotFound for an account that does not exist, and ErrStoreUnavailable where
// nothing can be kept now, so that the provider sends it again.
func (r *Receiver) Receive(ctx context.Context, account string, req sdk.NotificationRequest) (core.Reply, error) {
	if _, ok := r.Accounts.Standing(account); !ok {
		return core.Reply{}, fmt.Errorf("webhook: account %q: %w", account, core.ErrNotFound)
	}
	row := core.InboxRow{
		ID: r.NewID(core.PrefixInbox, r.Now()), Account: account, Request: &req, ReceivedAt: r.Now(), DueAt: r.Now(),
	}
	read, err := r.Read(ctx, row)
	if err != nil {
		r.Logger.Warn("notification kept unread", "account", account, "error", err)
		return core.Reply{}, r.keep(ctx, row)
	}
	reply := core.Reply{Status: read.Read.Status, ContentType: read.Read.ContentType, Body: read.Read.Body}
	if read.Read.Alert != "" && read.Read.Authenticity != sdk.Forged {
		r.Logger.Warn("needs a look", "account", account, "why", read.Read.Alert)
	}
	switch read.Read.Authenticity {
	case sdk.Forged:
		r.forged.Add(1)
		r.Logger.Info("forged notification refused", "account", account, "peer", req.PeerIP, "why", read.Read.Alert)
		return refusedReply(reply), nil
	case sdk.Ping:
		return reply, nil
	case sdk.Genuine, sdk.Hint, sdk.Unverified:
		return reply, r.keepNew(ctx, read)
	default:
		return reply, r.keepNew(ctx, read)
	}
}

// refusedReply never lets a forged notification look accepted.
func refusedReply(reply core.Reply) core.Reply {
	if reply.Status < http.StatusBadRequest {
		reply.Status = http.StatusUnauthorized
	}
	return reply
}

// keepNew keeps what was not applied before.
func (r *Receiver) keepNew(ctx context.Context, row core.InboxRow) error {
	known, err := r.Inbox.Deduped(ctx, row.Account, row.DedupeKey)
	if err != nil {
		return unavailable(err)
	}
	if known {
		return nil
	}
	if row.Transaction == "" {
		r.Logger.Warn("notification about nothing of ours kept as an orphan", "account", row.Account, "id", row.ID)
	}
	return r.keep(ctx, row)
}

func (r *Receiver) keep(ctx context.Context, row core.InboxRow) error {
	if err := errors.Join(r.hasRoom(ctx, "", inboxMax), r.hasRoom(ctx, row.Account, accountMax)); err != nil {
		return unavailable(err)
	}
	failpoint.At("inbox: before")
	if err := r.Inbox.Apply(ctx, core.Commit{Inbox: []core.InboxRow{row}}); err != nil {
		return unavailable(err)
	}
	failpoint.At("inbox: after")
	r.Committed()
	return nil
}

// hasRoom returns an error where the inbox, or what an account may have of it, is full.
func (r *Receiver) hasRoom(ctx context.Context, account string, most int) error {
	size, err := r.Inbox.InboxSize(ctx, account)
	if err != nil {
		return err
	}
	if size >= most {
		return fmt.Errorf("the inbox holds %d notifications", size)
	}
	return nil
}

func unavailable(err error) error {
	return &core.Problem{
		Code: core.ErrStoreUnavailable.Code, Detail: "the notification cannot be kept now: " + err.Error(),
		RetryAfter: time.Minute,
	}
}

// Read lets the plugin verify and read a row that was not read yet, and finds
// the attempt it is about. Neither Transaction nor Attempt is set for an orphan.
func (r *Receiver) Read(ctx context.Context, row core.InboxRow) (core.InboxRow, error) {
	if row.Read == nil {
		said, err := r.handle(ctx, row)
		if err != nil {
			return row, err
		}
		row.Read = &said
		row.DedupeKey = dedupeKey(said, row.Request)
		row.Request = nil // What was read is enough; the body holds personal data.
	}
	if row.Transaction != "" {
		return row, nil
	}
	return r.find(ctx, row)
}

func (r *Receiver) handle(ctx context.Context, row core.InboxRow) (sdk.Notification, error) {
	provider, ok := r.Accounts.Provider(row.Account)
	if !ok {
		return sdk.Notification{}, fmt.Errorf("webhook: nothing serves the account %s now", row.Account)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readWithin)
	defer cancel()
	said, err := provider.HandleNotification(ctx, *row.Request)
	if errors.Is(err, sdk.ErrNotSupported) {
		// Its provider sends none, so whoever sent this is somebody else.
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusNotFound, Alert: "the account takes no notifications"}, nil
	}
	if err != nil {
		return sdk.Notification{}, fmt.Errorf("webhook: %w", err)
	}
	return said, nil
}

// dedupeKey is what the plugin names, else the hash of what came.
func dedupeKey(said sdk.Notification, req *sdk.NotificationRequest) string {
	if said.DedupeKey != "" {
		return said.DedupeKey
	}
	sum := sha256.Sum256(append([]byte(req.Query+"\n"), req.Body...))
	return hex.EncodeToString(sum[:])
}

// find names the attempt by our reference, else by the provider's own. The
// attempt must be of the account that the notification came for.
func (r *Receiver) find(ctx context.Context, row core.InboxRow) (core.InboxRow, error) {
	tx, number, err := r.named(ctx, row)
	if errors.Is(err, core.ErrNotFound) || errors.Is(err, core.ErrMalformedID) {
		return row, nil
	}
	if err != nil {
		return row, err
	}
	if a, ok := tx.Attempt(number); ok && a.Account == row.Account {
		row.Transaction, row.Attempt = tx.ID, number
	}
	return row, nil
}

func (r *Receiver) named(ctx context.Context, row core.InboxRow) (core.Transaction, int, error) {
	if row.Read.Ref == "" && row.Read.ProviderRef != "" {
		return r.Finder.ByProviderRef(ctx, row.Account, row.Read.ProviderRef)
	}
	u, number, err := core.ParseRef(row.Read.Ref)
	if err != nil {
		return core.Transaction{}, 0, err
	}
	tx, err := r.Finder.TransactionByULID(ctx, u)
	return tx, number, err
}
