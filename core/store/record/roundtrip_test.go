package record_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// anything fills every field of a noun by reflection, so that a field which the
// record forgets is found the day it is added.
func anything[T any]() *rapid.Generator[T] {
	return rapid.MakeCustom[T](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[time.Time]():         rapid.Custom(drawTime).AsAny(),
			reflect.TypeFor[money.Amount]():      rapid.Custom(drawAmount).AsAny(),
			reflect.TypeFor[core.State]():        rapid.SampledFrom(core.States()).AsAny(),
			reflect.TypeFor[core.AttemptState](): rapid.SampledFrom(attemptStates()).AsAny(),
			reflect.TypeFor[sdk.Outcome]():       rapid.SampledFrom(sdk.Outcomes()).AsAny(),
			reflect.TypeFor[sdk.Authenticity](): rapid.SampledFrom([]sdk.Authenticity{
				sdk.Unverified, sdk.Hint, sdk.Genuine, sdk.Forged, sdk.Ping,
			}).AsAny(),
		},
		// Bodies are for the request log alone, and never stored.
		Fields: map[reflect.Type]map[string]*rapid.Generator[any]{
			reflect.TypeFor[sdk.Exchange](): {"RequestBody": rapid.Just("").AsAny(), "AnswerBody": rapid.Just("").AsAny()},
		},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{
			reflect.String: rapid.OneOf(rapid.StringN(0, 12, 40), rapid.Just("caf\xe9")).AsAny(),
		},
	})
}

func attemptStates() []core.AttemptState {
	var all []core.AttemptState
	for s := core.AttemptSent; s <= core.AttemptAbandoned; s++ {
		all = append(all, s)
	}
	return all
}

func drawTime(t *rapid.T) time.Time {
	if rapid.Bool().Draw(t, "no time") {
		return time.Time{}
	}
	return time.Unix(0, rapid.Int64Range(1, 9_000_000_000_000_000_000).Draw(t, "nanoseconds")).UTC()
}

func drawAmount(t *rapid.T) money.Amount {
	currency := rapid.SampledFrom(append(money.Currencies(), 0)).Draw(t, "currency")
	return money.Of(rapid.Int64().Draw(t, "minor"), currency)
}

// same does not tell lists that are nil from empty ones, but bytes it does: a
// plugin's empty provider data replaces what is stored, and none leaves it.
func same[T any](t *rapid.T, want, got T) {
	t.Helper()
	options := cmp.Options{
		cmp.Comparer(money.Amount.Equal),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() != reflect.TypeFor[[]byte]() }, cmpopts.EquateEmpty()),
	}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

func drawID(t *rapid.T, prefix string) string {
	at := time.UnixMilli(rapid.Int64Range(0, 1<<44).Draw(t, "time of "+prefix))
	return storetest.ID(prefix, at, rapid.IntRange(0, 1000).Draw(t, "number of "+prefix))
}

// named returns text without what no index can hold, and never empty.
func named(text string) string { return "n" + strings.ReplaceAll(text, "\x00", "") }

func moment(at time.Time) time.Time {
	if at.IsZero() {
		return storetest.Start()
	}
	return at
}

// lawful changes as little as possible of a transaction that breaks invariants.
func lawful(t *rapid.T, x core.Transaction) core.Transaction {
	x.Kind = rapid.SampledFrom([]sdk.Kind{sdk.KindPayment, sdk.KindPayout, sdk.KindRefund}).Draw(t, "kind")
	x.ID = drawID(t, core.PrefixOf(x.Kind))
	x.Merchant, x.Reference = named(x.Merchant), named(x.Reference)
	x.CreatedAt, x.EndedAt = moment(x.CreatedAt), moment(x.EndedAt)
	if !x.Amount.Currency().Valid() {
		x.Amount = money.Of(x.Amount.Minor(), money.XOF)
	}
	mine := func(a money.Amount) money.Amount { return money.Of(a.Minor()&^(-1<<63), x.Amount.Currency()) }
	x.Amount, x.Received, x.Refunded = mine(x.Amount), mine(x.Received), mine(x.Refunded)
	x.Timers = nil
	for i := range x.Attempts {
		a := &x.Attempts[i]
		a.Number, a.ID, a.Account = i+1, drawID(t, core.PrefixAttempt), named(a.Account)
		a.Ref, _ = core.Ref(x.ID, a.Number)
		a.Confirmed, a.Reserved = mine(a.Confirmed), mine(a.Reserved)
		if a.State.Live() {
			a.State = core.AttemptDeclined
		}
		timer := anything[core.Timer]().Draw(t, "timer")
		timer.At, timer.Attempt = moment(timer.At), a.Number
		x.Timers = append(x.Timers, timer)
	}
	if n := len(x.Attempts); n > 0 && x.State != core.StateCreated {
		x.Attempts[n-1].State = core.AttemptPending
	} else {
		x.State = core.StateReview
	}
	return x
}

func drawTransaction(t *rapid.T) core.Transaction {
	x := anything[core.Transaction]().Draw(t, "transaction")
	if len(x.Attempts) > 35 {
		x.Attempts = x.Attempts[:35]
	}
	return lawful(t, x)
}

// checkRoundTrip proves that what encode writes is what decode reads.
func checkRoundTrip[T any](
	t *testing.T, draw func(*rapid.T) T, encode func(T) ([]byte, error), decode func([]byte) (T, error),
) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		want := draw(t)
		data, err := encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(data)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	})
}

func TestEveryFieldOfATransactionComesBack(t *testing.T) {
	checkRoundTrip(t, drawTransaction, record.EncodeTransaction, record.DecodeTransaction)
}

func TestTheOutlineIsThatOfTheTransaction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTransaction(t)
		data, err := record.EncodeTransaction(x)
		if err != nil {
			t.Fatal(err)
		}
		got, err := record.DecodeOutline(data)
		if err != nil {
			t.Fatal(err)
		}
		same(t, record.OutlineOf(x), got)
	})
}

func TestEveryFieldOfAHistoryEntryComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.HistoryEntry {
		e := anything[core.HistoryEntry]().Draw(t, "entry")
		e.Sequence = max(e.Sequence, 1)
		return e
	}, record.EncodeHistoryEntry, record.DecodeHistoryEntry)
}

func TestEveryFieldOfAnIdempotencyRowComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.IdempotencyRow {
		var r core.IdempotencyRow
		r.Fingerprint = anything[[]byte]().Draw(t, "fingerprint")
		r.Scope = anything[core.IdempotencyScope]().Draw(t, "scope")
		r.Scope = core.IdempotencyScope{
			Merchant: named(r.Scope.Merchant), Route: named(r.Scope.Route), Key: named(r.Scope.Key),
		}
		r.CreatedAt = moment(drawTime(t))
		r.Until, r.DoneAt = drawTime(t), drawTime(t)
		if rapid.Bool().Draw(t, "answered") {
			x := drawTransaction(t)
			r.Answered, r.Transaction = &x, x.ID
		}
		return r
	}, record.EncodeIdempotencyRow, record.DecodeIdempotencyRow)
}

func TestEveryFieldOfAnInboxRowComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.InboxRow {
		r := anything[core.InboxRow]().Draw(t, "row")
		r.ID, r.Account, r.Transaction = drawID(t, core.PrefixInbox), named(r.Account), drawID(t, core.PrefixPayout)
		return r
	}, record.EncodeInboxRow, record.DecodeInboxRow)
}

func TestEveryFieldOfATransferComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.Transfer {
		x := anything[core.Transfer]().Draw(t, "transfer")
		x.ID, x.Account, x.ProviderRef = drawID(t, core.PrefixTransfer), named(x.Account), named(x.ProviderRef)
		x.ProviderCustomer, x.Was = named(x.ProviderCustomer), 0
		x.Amount = money.Of(x.Amount.Minor()&^(-1<<63), money.EUR)
		if rapid.Bool().Draw(t, "given away") {
			x.Transaction, x.TopUp = drawID(t, core.PrefixPayment), ""
		} else {
			x.Transaction = ""
		}
		return x
	}, record.EncodeTransfer, record.DecodeTransfer)
}

func TestEveryFieldOfAClaimComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.Claim {
		c := anything[core.Claim]().Draw(t, "claim")
		c.Account, c.Customer, c.Transaction = named(c.Account), named(c.Customer), drawID(t, core.PrefixPayment)
		c.Amount = money.Of(c.Amount.Minor()&^(-1<<63), money.EUR)
		c.From, c.Until = moment(c.From), moment(c.From).Add(time.Hour)
		return c
	}, record.EncodeClaim, record.DecodeClaim)
}

func TestEveryFieldOfAccountWorkComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.AccountWork {
		w := anything[core.AccountWork]().Draw(t, "work")
		w.Account, w.Was = named(w.Account), 0
		return w
	}, record.EncodeAccountWork, record.DecodeAccountWork)
}

func TestEveryFieldOfAnOutboxRowComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.OutboxRow {
		r := anything[core.OutboxRow]().Draw(t, "row")
		r.ID, r.Name, r.Transaction = drawID(t, core.PrefixEvent), named(r.Name), drawID(t, core.PrefixRefund)
		return r
	}, record.EncodeOutboxRow, record.DecodeOutboxRow)
}

func TestEveryFieldOfAnAuditEntryComesBack(t *testing.T) {
	checkRoundTrip(t, func(t *rapid.T) core.AuditEntry {
		e := anything[core.AuditEntry]().Draw(t, "entry")
		e.ID, e.At = named(e.ID), moment(e.At)
		return e
	}, record.EncodeAuditEntry, record.DecodeAuditEntry)
}
