package sandbox

import (
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// The words of a status.
const (
	wordPending    = "pending"
	wordSuccessful = "successful"
	wordRejected   = "rejected"
	wordExpired    = "expired"
	// wordStrange is none of the documented ones.
	wordStrange = "processing"
)

// The kinds of transactions in the ledger.
const (
	KindPayment = "payment"
	KindPayout  = "payout"
)

// The decisions about a payout in the ledger.
const (
	decisionApprove = "approve"
	decisionReject  = "reject"
)

// Transaction is a row of the ledger.
type Transaction struct {
	// Ref is the tracking_id that the merchant chose.
	Ref string `json:"ref"`
	// Kind is payment or payout.
	Kind string `json:"kind"`
	// Amount is in major units, with exactly the decimals of the currency, as
	// money.Amount.Decimal writes it. It and Currency are the truth, whatever
	// webhooks and the list tell.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Status is the true status word, even while status lags behind.
	Status string `json:"status"`
	// Reason is the rejected_reason.
	Reason string `json:"reason,omitempty"`
	// Paid is the truth about the money, whatever status and webhooks say.
	Paid bool `json:"paid"`
	// Created counts the transactions that were made under Ref, and CreateCalls the calls that
	// named it, the refused ones included.
	Created     int `json:"created"`
	CreateCalls int `json:"create_calls"`
	// Checks counts the status calls that found this transaction.
	Checks    int       `json:"checks"`
	CreatedAt time.Time `json:"created_at"`
	// DecidedAt is the time of the last end, absent before the first one.
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	// Decision is approve or reject, once the merchant said so by a call, and Decisions counts
	// the calls that were made about this payout.
	Decision  string `json:"decision,omitempty"`
	Decisions int    `json:"decisions"`
	// TransactionID is Numipay's own id.
	TransactionID string `json:"transaction_id"`
	// Op is the operation that created it.
	Op Operation `json:"op"`
	// Live says that it was made with the live key.
	Live bool `json:"live"`
	// Visited says that the cashier page was opened.
	Visited     bool   `json:"visited"`
	UserID      string `json:"user_id"`
	ProviderID  string `json:"provider_id,omitempty"`
	Description string `json:"description,omitempty"`
	RedirectURL string `json:"redirect_url,omitempty"`
	WebhookURL  string `json:"webhook_url"`
}

// transaction is a Transaction and what the ledger does not show.
type transaction struct {
	Transaction
	amount  money.Amount
	trigger trigger
	// plan numbers the intentions: a scheduled end of an earlier plan is void.
	plan int
	// listedAt is created_at as clients see it.
	listedAt time.Time
	// laggedUntil is when status tells what Status says; until then it tells pending.
	laggedUntil time.Time
}

// verdict is an end of a transaction.
type verdict struct {
	word, reason string
}

func successful() verdict { return verdict{word: wordSuccessful} }

func rejected(reason string) verdict { return verdict{wordRejected, reason} }

// record puts a transaction into the ledger. The caller holds the lock.
func (s *Server) record(op Operation, asked creation, live bool) *transaction {
	now := s.stage.Now()
	t := &transaction{amount: asked.amount, trigger: triggerOf(asked.amount), Transaction: Transaction{
		Ref: asked.TrackingID, Kind: KindPayment, Amount: asked.amount.Decimal(), Currency: asked.Currency, Status: wordPending,
		Created: 1, CreatedAt: now, TransactionID: s.newID(asked.TrackingID), Op: op, Live: live, UserID: asked.UserID,
		ProviderID: asked.ProviderID, Description: asked.Description, RedirectURL: asked.RedirectURL, WebhookURL: asked.WebhookURL,
	}}
	if op == OpPayout {
		t.Kind = KindPayout
	}
	t.listedAt = s.stage.Shown(s.stage.Now())
	if t.trigger.dayBefore {
		t.listedAt = t.listedAt.Truncate(24 * time.Hour).Add(-30 * time.Second)
	}
	s.transactions[t.Ref], s.byID[t.TransactionID] = t, t
	s.order = append(s.order, t)
	return t
}

// newID is 15 of [a-z0-9], the same in each run of a test.
func (s *Server) newID(ref string) string {
	const alphabet, length = "abcdefghijklmnopqrstuvwxyz0123456789", 15
	sum := sha256.Sum256([]byte(strconv.FormatInt(s.stage.Next(), 10) + ":" + ref))
	id := make([]byte, length)
	for i := range id {
		id[i] = alphabet[int(sum[i])%len(alphabet)]
	}
	return string(id)
}

// begin plans the webhook that tells of the transaction, and its end.
func (s *Server) begin(t *transaction) {
	if t.declinedAtOnce() {
		s.conclude(t, t.trigger.verdict)
		s.announce(t, 0)
		return
	}
	delay := s.options.CompletionDelay
	if !t.trigger.early {
		s.announce(t, min(delay.Abs()/2, pendingDelay))
	}
	if delay > 0 && !s.held(t) {
		s.endAfter(t, delay)
	}
}

// declinedAtOnce reports whether the answer to a card already declines it.
func (t *transaction) declinedAtOnce() bool {
	return t.Op == OpS2S && t.trigger.verdict.word == wordRejected && t.trigger.paidAfter == 0
}

// pendingDelay is the longest time between the answer of a creating call and the
// webhook that tells of the pending transaction.
const pendingDelay = 100 * time.Millisecond

// held reports whether a payout waits for approval.
func (s *Server) held(t *transaction) bool {
	return t.Kind == KindPayout && s.options.RequireApproval && t.Decision != decisionApprove
}

// endAfter lets the trigger decide after a delay, in place of any earlier plan.
func (s *Server) endAfter(t *transaction, delay time.Duration) {
	t.plan++
	if t.trigger.waits || t.trigger.needsPage && !t.Visited {
		return
	}
	s.planned(t, delay, t.trigger.verdict)
}

// planned decides after a delay, unless another plan was made by then.
func (s *Server) planned(t *transaction, delay time.Duration, v verdict) {
	plan := t.plan
	s.stage.After(delay, func() {
		if t.plan == plan {
			s.conclude(t, v)
			s.announce(t, 0)
		}
	})
}

// conclude is the one place that ends a transaction. Money never comes back, so
// the callers leave a paid one alone.
func (s *Server) conclude(t *transaction, v verdict) {
	t.plan++
	now := s.stage.Now()
	t.Status, t.Reason, t.DecidedAt = v.word, v.reason, &now
	t.Paid = v.word == wordSuccessful
	if t.trigger.lag > 0 {
		t.laggedUntil = now.Add(t.trigger.lag)
	}
	if late := t.trigger.paidAfter; late > 0 && v == t.trigger.verdict {
		s.planned(t, late, successful())
	}
}

// shownStatus is the word that status tells. The caller holds the lock.
func (s *Server) shownStatus(t *transaction) string {
	if s.stage.Now().Before(t.laggedUntil) {
		return wordPending
	}
	return t.Status
}

func (t *transaction) toldAmount() string {
	told, err := t.amount.Add(money.Of(t.trigger.amountOff, t.amount.Currency()))
	if err != nil {
		return t.Amount
	}
	return told.Decimal()
}

func (t *transaction) toldCurrency() string {
	switch {
	case !t.trigger.otherCurrency:
		return t.Currency
	case t.Currency == "EUR":
		return "GBP"
	default:
		return "EUR"
	}
}
