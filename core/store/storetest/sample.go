package storetest

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Start is when the samples begin.
func Start() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) }

// ID returns the id with prefix that is made at a time; n tells ids of one time apart.
func ID(prefix string, at time.Time, n int) string {
	var u ulid.ULID
	// The samples are of a time that a ULID can hold.
	_ = u.SetTime(ulid.Timestamp(at))
	binary.BigEndian.PutUint64(u[8:], uint64(n))
	return prefix + u.String()
}

// Payment returns a payment whose first attempt was sent at a time, as it is
// committed first: its history is Entries(payment, 2).
func Payment(at time.Time, n int) core.Transaction {
	t := core.Transaction{
		ID: ID(core.PrefixPayment, at, n), Kind: sdk.KindPayment, Merchant: "shop", State: core.StateProcessing,
		Sequence: 2, Reference: fmt.Sprintf("order-%d-%d", at.UnixMilli(), n), Amount: money.Of(5000, money.XOF),
		Country: "CI", Method: "mobile_money", Network: "ORANGE", Description: "Two tickets",
		Customer:  sdk.Customer{ID: fmt.Sprintf("customer-%d", n%1000), Name: "Awa", Country: "CI"},
		ReturnURL: "https://shop.example/thanks", Metadata: map[string]string{"cart": "a1"},
		Route: core.Route{
			Rule: "ivory-coast", Generation: 3, Candidates: []string{"cinetpay-ci", "numipay"}, MaxAttempts: 3,
			Removed: []core.Removed{{Account: "cenoa", Reason: "country CI is not offered"}},
		},
		CreatedBy: "key_1", CreatedAt: at, UpdatedAt: at,
	}
	return WithAttempt(t, "cinetpay-ci", at)
}

// WithAttempt returns t with one more attempt, sent at a time, and its timer.
func WithAttempt(t core.Transaction, account string, at time.Time) core.Transaction {
	number := len(t.Attempts) + 1
	ref, err := core.Ref(t.ID, number)
	if err != nil {
		panic(err) // A sample with a malformed id is a fault in the test.
	}
	t.Attempts = append(append([]core.Attempt{}, t.Attempts...), core.Attempt{
		ID: ID(core.PrefixAttempt, at, number), Number: number, Account: account, Ref: ref,
		State: core.AttemptSent, Calling: core.CallCreate, SendBy: at.Add(5 * time.Second), StartedAt: at,
	})
	t.Timers = []core.Timer{{Kind: core.TimerCallLost, At: at.Add(35 * time.Second), Attempt: number}}
	return t
}

// Waiting returns t after its last attempt was answered with a redirect. Its
// history grows by one entry.
func Waiting(t core.Transaction, at time.Time) core.Transaction {
	return answered(t, at, core.StateRequiresAction, func(a *core.Attempt) {
		a.State, a.Outcome = core.AttemptRequiresAction, sdk.OutcomeRequiresAction
		a.ProviderStatus, a.ProviderCode = "CREATED", "201"
		a.NextAction = &sdk.NextAction{
			Type: sdk.ActionRedirect, URL: "https://pay.example/" + a.Ref, Until: at.Add(24 * time.Hour),
		}
	})
}

// Ended returns t after its last attempt ended it with state: succeeded, failed
// or canceled. Its history grows by one entry.
func Ended(t core.Transaction, state core.State, at time.Time) core.Transaction {
	t.EndedAt = at
	return answered(t, at, state, func(a *core.Attempt) {
		a.NextAction, a.EndedAt = nil, at
		switch state {
		case core.StateSucceeded:
			a.State, a.Outcome, a.Confirmed = core.AttemptSucceeded, sdk.OutcomeSucceeded, t.Amount
		case core.StateCanceled:
			a.State, a.Outcome = core.AttemptCanceled, sdk.OutcomeCanceled
		default:
			a.State, a.Outcome, a.Reason = core.AttemptDeclined, sdk.OutcomeDeclined, sdk.ReasonDeclined
		}
	})
}

// answered changes the last attempt in a copy of the attempts, and all that follows from it.
func answered(t core.Transaction, at time.Time, state core.State, change func(*core.Attempt)) core.Transaction {
	attempts := append([]core.Attempt{}, t.Attempts...)
	last := &attempts[len(attempts)-1]
	last.Calling, last.AnsweredAt = core.CallNone, at
	last.ProviderRef = "prov-" + last.Ref
	change(last)
	if state.Final() {
		t.Timers = nil
	} else {
		t.Timers = []core.Timer{{Kind: core.TimerPoll, At: at.Add(time.Minute), Attempt: last.Number}}
	}
	if state == core.StateSucceeded {
		t.Received = t.Amount
	}
	t.Attempts, t.State, t.UpdatedAt = attempts, state, at
	t.Sequence++
	return t
}

// Entries returns the last n history entries of t.
func Entries(t core.Transaction, n int) []core.HistoryEntry {
	var entries []core.HistoryEntry
	for i := range n {
		sequence := t.Sequence - uint32(n) + uint32(i) + 1
		entries = append(entries, core.HistoryEntry{
			Sequence: sequence, At: t.UpdatedAt, Event: "outcome", EventID: ID(core.PrefixEvent, t.UpdatedAt, int(sequence)),
			From: core.StateCreated, To: t.State, Cause: "the provider answered", Actor: "provider", Attempt: len(t.Attempts),
		})
	}
	return entries
}

// Create returns the change that stores t for the first time.
func Create(t core.Transaction) core.Change {
	return core.Change{Transaction: t, History: Entries(t, int(t.Sequence))}
}

// Update returns the change that stores t, with its latest entries, over the version was.
func Update(t core.Transaction, was uint64, entries int) core.Change {
	return core.Change{Transaction: t, Was: was, History: Entries(t, entries)}
}

// Scope returns the idempotency scope of a key of the sample merchant.
func Scope(key string) core.IdempotencyScope {
	return core.IdempotencyScope{Merchant: "shop", Route: "POST /v1/payments", Key: key}
}

// Row returns the idempotency row of t, not answered yet.
func Row(t core.Transaction, key string) core.IdempotencyRow {
	return core.IdempotencyRow{
		Scope: Scope(key), Fingerprint: []byte("fingerprint of " + key), Transaction: t.ID,
		CreatedAt: t.CreatedAt, Until: t.CreatedAt.Add(35 * time.Second),
	}
}

// Event returns the outbox row that tells the merchant of t, due at once.
func Event(t core.Transaction, n int) core.OutboxRow {
	return core.OutboxRow{
		ID: ID(core.PrefixEvent, t.UpdatedAt, n), Name: "payment." + t.State.String(), Merchant: t.Merchant,
		Transaction: t.ID, Sequence: t.Sequence, At: t.UpdatedAt, DueAt: t.UpdatedAt, Body: []byte(`{"state":"` + t.State.String() + `"}`),
	}
}
