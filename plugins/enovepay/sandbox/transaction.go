package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// The words of transaction_status.
const (
	wordProgress = "Credit In Progress"
	wordSuccess  = "Success"
	wordFailed   = "Failed"
	wordRefunded = "Refunded"
)

func knownWord(word string) bool {
	switch word {
	case wordProgress, wordSuccess, wordFailed, wordRefunded:
		return true
	}
	return false
}

// The kinds of transactions in the ledger.
const (
	KindPayment = "payment"
	KindPayout  = "payout"
)

// Transaction is a row of the ledger.
type Transaction struct {
	// Ref is the reference_number that the merchant chose.
	Ref string `json:"ref"`
	// Kind is payment or payout.
	Kind string `json:"kind"`
	// Amount is in major units, with exactly the decimals of the currency, as
	// money.Amount.Decimal writes it. It is the truth, whatever status tells.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Status is the true status word, whatever status and webhooks say.
	Status string `json:"status"`
	// Paid says that the money moved and is there still: Refunded is not paid.
	Paid bool `json:"paid"`
	// Created counts the transactions that were made under Ref, and CreateCalls the calls that
	// named it, the refused ones included.
	Created     int `json:"created"`
	CreateCalls int `json:"create_calls"`
	// Checks counts the status calls that found this transaction.
	Checks    int       `json:"checks"`
	CreatedAt time.Time `json:"created_at"`
	// DecidedAt is the time of the last change, absent before the first one.
	DecidedAt     *time.Time `json:"decided_at,omitempty"`
	TransactionID string     `json:"transaction_id"`
	Country       string     `json:"country"`
	Network       string     `json:"network"`
	// Ends is what the ledger shows of the phone or account: its last three digits.
	Ends        string `json:"ends"`
	CallbackURL string `json:"callback_url"`
	Description string `json:"description"`
}

// key is how a transaction is found: a reference may be used once an operation.
type key struct {
	op  Operation
	ref string
}

// transaction is a Transaction and what the ledger does not show.
type transaction struct {
	Transaction
	op      Operation
	amount  money.Amount
	trigger trigger
	// plan numbers the intentions: a scheduled step of an earlier plan is void.
	plan int
	// shown is the word that status tells, which may lag behind.
	shown string
}

// writeDown makes the transaction and schedules what its trigger has in mind.
// The caller holds the lock.
func (s *Server) writeDown(asked creation, op Operation, amount money.Amount, chosen trigger) *transaction {
	id := s.newID(asked.ReferenceNumber)
	t := &transaction{
		op: op, amount: amount, trigger: chosen, shown: wordProgress,
		Transaction: Transaction{
			Ref: asked.ReferenceNumber, Kind: kindOf(op), Amount: amount.Decimal(), Currency: asked.Currency,
			Status: wordProgress, Created: 1, CreatedAt: s.stage.Now(), TransactionID: id,
			Country: asked.Country, Network: asked.Network, Ends: lastDigits(asked.target()),
			CallbackURL: s.callback(asked), Description: asked.Description,
		},
	}
	s.byRef[key{op, t.Ref}] = t
	s.byID[id] = t
	s.order = append(s.order, t)
	if !chosen.early {
		s.follow(t)
	}
	return t
}

func kindOf(op Operation) string {
	if op == OpPayout {
		return KindPayout
	}
	return KindPayment
}

// callback is the address of the call, or else the account's.
func (s *Server) callback(asked creation) string {
	if asked.CallbackURL != "" {
		return asked.CallbackURL
	}
	return s.options.CallbackURL
}

// newID is 20 small hex digits, the same in each run of a test.
func (s *Server) newID(ref string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s", s.stage.Next(), ref))
	return hex.EncodeToString(sum[:10])
}

// follow schedules the steps of the trigger.
func (s *Server) follow(t *transaction) {
	plan := t.plan
	for _, next := range t.trigger.steps {
		s.stage.After(next.delay, func() {
			if t.plan == plan {
				s.step(t, next.word)
			}
		})
	}
}

func (s *Server) step(t *transaction, word string) {
	s.move(t, word)
	s.announce(t)
}

// move is the one place that changes a transaction's status.
func (s *Server) move(t *transaction, word string) {
	now := s.stage.Now()
	t.Status, t.Paid, t.DecidedAt = word, word == wordSuccess, &now
	if t.trigger.lag == 0 {
		t.shown = word
		return
	}
	s.stage.After(t.trigger.lag, func() { t.shown = word })
}

// float is what payouts have left in a currency, in minor units. The caller
// holds the lock.
func (s *Server) float(c money.Currency) int64 {
	left := s.options.Balance * minorPerUnit(c)
	for _, t := range s.order {
		gone := t.op == OpPayout && t.Status != wordFailed && t.Status != wordRefunded
		if gone && t.amount.Currency() == c {
			left -= t.amount.Minor()
		}
	}
	return left
}
