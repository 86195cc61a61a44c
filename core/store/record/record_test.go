package record_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestCheckAcceptsWhatIsWhole(t *testing.T) {
	start := storetest.Start()
	payment := storetest.Payment(start, 1)
	manual := payment
	manual.ID, manual.Kind, manual.Manual = storetest.ID(core.PrefixRefund, start, 1), sdk.KindRefund, true
	manual.State, manual.EndedAt, manual.Attempts, manual.Timers = core.StateSucceeded, start, nil, nil
	created := payment
	created.State, created.Attempts, created.Timers = core.StateCreated, nil, nil
	for name, x := range map[string]core.Transaction{
		"sent":           payment,
		"waiting":        storetest.Waiting(payment, start),
		"succeeded":      storetest.Ended(payment, core.StateSucceeded, start),
		"failed":         storetest.Ended(payment, core.StateFailed, start),
		"created":        created,
		"given back out": manual,
	} {
		if err := record.Check(x); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	start := storetest.Start()
	for name, test := range map[string]struct {
		change func(*core.Transaction)
		want   string
	}{
		"an id of another kind": {func(x *core.Transaction) { x.Kind = sdk.KindPayout }, "its id is one of a payment"},
		"a malformed id":        {func(x *core.Transaction) { x.ID = "pay_1" }, "malformed id"},
		"no merchant":           {func(x *core.Transaction) { x.Merchant = "" }, "no merchant"},
		"a zero byte in the reference": {
			func(x *core.Transaction) { x.Reference = "a\x00b" }, "reference holds a zero byte",
		},
		"a reference that no index holds": {
			func(x *core.Transaction) { x.Reference = strings.Repeat("r", record.NameMax+1) }, "reference has 1025 bytes",
		},
		"no currency":          {func(x *core.Transaction) { x.Amount = money.Amount{} }, "no currency"},
		"an amount below zero": {func(x *core.Transaction) { x.Amount = money.Of(-1, money.XOF) }, "below zero"},
		"two currencies": {
			func(x *core.Transaction) { x.Received = money.Of(1, money.EUR) }, "received is in EUR, its amount in XOF",
		},
		"a confirmed amount in another currency": {
			func(x *core.Transaction) { x.Attempts[0].Confirmed = money.Of(1, money.EUR) }, "attempt 1: confirmed is in EUR",
		},
		"attempts out of order":    {func(x *core.Transaction) { x.Attempts[0].Number = 2 }, "its number is 2"},
		"another attempt's ref":    {func(x *core.Transaction) { x.Attempts[0].Ref = strings.Repeat("0", 25) }, "not the one of its number"},
		"an attempt at no account": {func(x *core.Transaction) { x.Attempts[0].Account = "" }, "no account"},
		"an attempt state that is none": {
			func(x *core.Transaction) { x.Attempts[0].State = 99 }, "is not an attempt state",
		},
		"a state that is none": {func(x *core.Transaction) { x.State = 99 }, "is not a state"},
		"no state":             {func(x *core.Transaction) { x.State = core.StateNone }, "is not a state"},
		"two live attempts": {
			func(x *core.Transaction) { *x = storetest.WithAttempt(*x, "numipay", start) }, "2 attempts are live",
		},
		"created with a live attempt": {func(x *core.Transaction) { x.State = core.StateCreated }, "created with a live attempt"},
		"processing without a live attempt": {
			func(x *core.Transaction) { x.Attempts[0].State = core.AttemptDeclined }, "processing without a live attempt",
		},
		"a live attempt without a timer": {func(x *core.Transaction) { x.Timers = nil }, "attempt 1 is sent and has no timer"},
		"a live attempt with another's timer": {
			func(x *core.Transaction) { x.Timers[0].Attempt = 0 }, "attempt 1 is sent and has no timer",
		},
		"a watched attempt without a timer": {func(x *core.Transaction) {
			*x = storetest.Ended(*x, core.StateSucceeded, start)
			x.Attempts[0].WatchFrom = start
		}, "attempt 1 is succeeded and has no timer"},
		"a timer without a time":     {func(x *core.Transaction) { x.Timers[0].At = time.Time{} }, "has no time"},
		"a timer of no attempt":      {func(x *core.Transaction) { x.Timers[0].Attempt = 2 }, "is of attempt 2, which is none"},
		"an end without its time":    {func(x *core.Transaction) { x.State = core.StateFailed }, "failed without the time of its end"},
		"no time of creation":        {func(x *core.Transaction) { x.CreatedAt = time.Time{} }, "no time of creation"},
		"a time that cannot be kept": {func(x *core.Transaction) { x.ExpiresAt = start.AddDate(300, 0, 0) }, "the year 2326"},
		"a time before all times":    {func(x *core.Transaction) { x.UpdatedAt = time.Unix(-1, 0) }, "the year 1969"},
	} {
		t.Run(name, func(t *testing.T) {
			x := storetest.Payment(start, 1)
			test.change(&x)
			err := record.Check(x)
			if !errors.Is(err, core.ErrInvalidRecord) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want %v with %q", err, core.ErrInvalidRecord, test.want)
			}
			if _, err := record.EncodeTransaction(x); !errors.Is(err, core.ErrInvalidRecord) {
				t.Errorf("EncodeTransaction: error is %v, want %v", err, core.ErrInvalidRecord)
			}
		})
	}
}

func TestRowsThatNoStoreMayHoldAreRefused(t *testing.T) {
	start := storetest.Start()
	payment := storetest.ID(core.PrefixPayment, start, 1)
	euro := money.Of(1, money.EUR)
	for name, encode := range map[string]func() ([]byte, error){
		"a history entry without a number": func() ([]byte, error) {
			return record.EncodeHistoryEntry(core.HistoryEntry{At: start, To: core.StateCreated})
		},
		"an idempotency row without a key": func() ([]byte, error) {
			return record.EncodeIdempotencyRow(core.IdempotencyRow{
				Scope: core.IdempotencyScope{Merchant: "shop", Route: "POST /"}, Transaction: payment, CreatedAt: start,
			})
		},
		"an inbox row under another prefix": func() ([]byte, error) {
			return record.EncodeInboxRow(core.InboxRow{ID: payment, Account: "numipay"})
		},
		"a transfer without the provider's id": func() ([]byte, error) {
			return record.EncodeTransfer(core.Transfer{ID: storetest.ID(core.PrefixTransfer, start, 1), Account: "cenoa", Amount: euro})
		},
		"a transfer that was given away twice": func() ([]byte, error) {
			return record.EncodeTransfer(core.Transfer{
				ID: storetest.ID(core.PrefixTransfer, start, 1), Account: "cenoa", ProviderRef: "1", Amount: euro,
				Transaction: payment, TopUp: "wallet",
			})
		},
		"a claim that ends before it begins": func() ([]byte, error) {
			return record.EncodeClaim(core.Claim{
				Account: "cenoa", Customer: "c", Amount: euro, From: start, Until: start.Add(-1), Transaction: payment,
			})
		},
		"work of no account": func() ([]byte, error) { return record.EncodeAccountWork(core.AccountWork{}) },
		"an event without a name": func() ([]byte, error) {
			return record.EncodeOutboxRow(core.OutboxRow{ID: storetest.ID(core.PrefixEvent, start, 1)})
		},
		"an action without a time": func() ([]byte, error) { return record.EncodeAuditEntry(core.AuditEntry{ID: "a"}) },
	} {
		if _, err := encode(); !errors.Is(err, core.ErrInvalidRecord) {
			t.Errorf("%s: error is %v, want %v", name, err, core.ErrInvalidRecord)
		}
	}
}

func TestADamagedRecordIsNeverBelieved(t *testing.T) {
	data, err := record.EncodeTransaction(storetest.Payment(storetest.Start(), 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			damaged := append([]byte{}, data...)
			damaged[i] ^= 1 << bit
			if _, err := record.DecodeTransaction(damaged); !errors.Is(err, core.ErrInvalidRecord) {
				t.Fatalf("bit %d of byte %d: error is %v, want %v", bit, i, err, core.ErrInvalidRecord)
			}
			if _, err := record.DecodeOutline(damaged); !errors.Is(err, core.ErrInvalidRecord) {
				t.Fatalf("bit %d of byte %d: outline: error is %v, want %v", bit, i, err, core.ErrInvalidRecord)
			}
		}
	}
	for size := range data {
		if _, err := record.DecodeTransaction(data[:size]); !errors.Is(err, core.ErrInvalidRecord) {
			t.Fatalf("%d bytes of it: error is %v, want %v", size, err, core.ErrInvalidRecord)
		}
	}
}

func TestARecordIsTheSameBytesEachTime(t *testing.T) {
	payment := storetest.Payment(storetest.Start(), 1)
	payment.Metadata = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}
	first, err := record.EncodeTransaction(payment)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := record.EncodeTransaction(payment)
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(again) {
			t.Fatal("the same transaction has two records: exports could not be compared")
		}
	}
}

func TestARecordIsSmall(t *testing.T) {
	const most = 700 // Of the 2 KB that an ended payment may take with its history and its indexes.
	payment := storetest.Ended(storetest.Payment(storetest.Start(), 1), core.StateSucceeded, storetest.Start())
	data, err := record.EncodeTransaction(payment)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > most {
		t.Errorf("an ended payment takes %d bytes, want at most %d", len(data), most)
	}
}
