package boltstore_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// wholeStore returns the commits that make a store with every state of a transaction
// and of an attempt, a row of every kind, and a value in every field. What is added
// to a noun later is in no fixture of before, and comes into the next one.
func wholeStore() []core.Commit {
	var all []core.Commit
	for i, state := range core.States() {
		t := inState(i, state)
		change := storetest.Create(t)
		change.IndexProviderRefs = true
		row := storetest.Row(t, "key-"+state.String())
		if state.Final() {
			row.DoneAt, row.Answered = t.UpdatedAt, &t
		}
		all = append(all, core.Commit{
			Transactions: []core.Change{change},
			Idempotency:  []core.IdempotencyWrite{{Row: row, New: true}},
			Outbox:       []core.OutboxRow{storetest.Event(t, 0)},
		})
	}
	return append(all, besides())
}

// moment is when the transaction with a number was made.
func moment(n int) time.Time { return storetest.Start().Add(time.Duration(n) * time.Minute) }

// kindOf gives the samples their kinds by turns.
func kindOf(n int) (sdk.Kind, string) {
	switch n % 3 {
	case 1:
		return sdk.KindPayout, core.PrefixPayout
	case 2:
		return sdk.KindRefund, core.PrefixRefund
	default:
		return sdk.KindPayment, core.PrefixPayment
	}
}

// inState returns a transaction in a state, with a value in every field.
func inState(n int, state core.State) core.Transaction {
	at := moment(n)
	var t core.Transaction
	fill(reflect.ValueOf(&t).Elem(), "transaction", at)
	kind, prefix := kindOf(n)
	t.ID, t.Kind, t.State = storetest.ID(prefix, at, n), kind, state
	t.Version, t.Sequence, t.Attempts = 0, 2, nil
	t.Reference, t.Parent = fmt.Sprint("order-", n), storetest.ID(core.PrefixPayment, storetest.Start(), 0)
	t.Timers = []core.Timer{{Kind: core.TimerExpire, At: at.Add(time.Hour)}}
	if !state.Final() {
		t.EndedAt = time.Time{}
	}
	if state == core.StateCreated {
		return t
	}
	for _, one := range attemptStates(state) {
		t.Attempts = append(t.Attempts, inAttempt(t, one, at))
		t.Timers = append(t.Timers, core.Timer{Kind: core.TimerPoll, At: at.Add(time.Minute), Attempt: len(t.Attempts)})
	}
	return t
}

// attemptStates are those of a transaction in a state: all that have ended, and
// the live one last.
func attemptStates(state core.State) []core.AttemptState {
	live := map[core.State][]core.AttemptState{
		core.StateProcessing:     {core.AttemptNotSent, core.AttemptRejected, core.AttemptSent},
		core.StateRequiresAction: {core.AttemptDeclined, core.AttemptRequiresAction},
		core.StateUnknown:        {core.AttemptCanceled, core.AttemptUnknown},
		core.StateReview:         {core.AttemptMismatch, core.AttemptAbandoned, core.AttemptPending},
		core.StateSucceeded:      {core.AttemptExpired, core.AttemptSucceeded},
		core.StateReversed:       {core.AttemptReversed},
	}
	return live[state]
}

// inAttempt returns the next attempt of t, in a state.
func inAttempt(t core.Transaction, state core.AttemptState, at time.Time) core.Attempt {
	number := len(t.Attempts) + 1
	var a core.Attempt
	fill(reflect.ValueOf(&a).Elem(), fmt.Sprint("attempt ", number), at)
	a.ID, a.Number, a.State = storetest.ID(core.PrefixAttempt, at, number), number, state
	a.ProviderRef = fmt.Sprint("prov-", t.ID, "-", number)
	if ref, err := core.Ref(t.ID, number); err == nil {
		a.Ref = ref
	}
	return a
}

// besides are the rows that are about no transaction alone.
func besides() core.Commit {
	at := moment(100)
	var request core.InboxRow
	fill(reflect.ValueOf(&request).Elem(), "inbox", at)
	read := request
	request.ID, request.Read = storetest.ID(core.PrefixInbox, at, 1), nil
	read.ID, read.Request = storetest.ID(core.PrefixInbox, at, 2), nil
	request.Transaction, read.Transaction = "", inState(0, core.StateCreated).ID
	var transfer, given core.Transfer
	fill(reflect.ValueOf(&transfer).Elem(), "transfer", at)
	transfer.ID, transfer.Version, transfer.Was = storetest.ID(core.PrefixTransfer, at, 1), 0, 0
	transfer.Transaction, transfer.TopUp = "", ""
	given = transfer
	given.ID, given.ProviderRef = storetest.ID(core.PrefixTransfer, at, 2), "another"
	given.Transaction = inState(0, core.StateCreated).ID
	var claim core.Claim
	fill(reflect.ValueOf(&claim).Elem(), "claim", at)
	claim.Account, claim.Transaction = "account", given.Transaction
	var work core.AccountWork
	fill(reflect.ValueOf(&work).Elem(), "work", at)
	work.Account, work.Version, work.Was = "account", 0, 0
	var entry core.AuditEntry
	fill(reflect.ValueOf(&entry).Elem(), "audit", at)
	entry.ID, entry.Transaction = storetest.ID(core.PrefixEvent, at, 1), given.Transaction
	return core.Commit{
		Inbox: []core.InboxRow{request, read}, Dedupe: []core.Dedupe{{Account: "account", Key: "told", At: at}},
		Transfers: []core.Transfer{transfer, given}, Claims: []core.Claim{claim}, Accounts: []core.AccountWork{work},
		Audit: []core.AuditEntry{entry},
	}
}

// fill puts a value into everything that is zero in v.
func fill(v reflect.Value, name string, at time.Time) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(at))
		return
	case money.Amount:
		v.Set(reflect.ValueOf(money.Of(5000, money.XOF)))
		return
	case money.Currency:
		v.Set(reflect.ValueOf(money.XOF))
		return
	case sdk.Kind:
		v.SetString(string(sdk.KindPayment))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1_000_000_000) // As a duration a second.
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, at)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name, at)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, name, at)
		fill(value, name, at)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name, at)
		}
	}
}
