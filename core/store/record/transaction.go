package record

import (
	"fmt"
	"maps"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Outline is what a store must know of a transaction to check a write and to
// keep its indexes.
type Outline struct {
	Version  uint64
	Sequence uint32
	State    core.State
	// DueAt is the earliest timer; zero if there is none.
	DueAt time.Time
	// Live is the number of the live attempt and LiveAccount its account; zero and empty if there is none.
	Live        int
	LiveAccount string
}

// OutlineOf returns the outline of t.
func OutlineOf(t core.Transaction) Outline {
	live, _ := t.Live()
	return Outline{
		Version: t.Version, Sequence: t.Sequence, State: t.State,
		DueAt: instant(nanos(t.DueAt())), Live: live.Number, LiveAccount: live.Account,
	}
}

// EncodeTransaction returns the record of t. It returns core.ErrInvalidRecord
// when t breaks an invariant of Check.
func EncodeTransaction(t core.Transaction) ([]byte, error) {
	if err := Check(t); err != nil {
		return nil, err
	}
	return seal(transactionOut(t))
}

// DecodeTransaction reads what EncodeTransaction wrote. It returns
// core.ErrInvalidRecord for anything else, and shares no memory with data.
func DecodeTransaction(data []byte) (core.Transaction, error) {
	var m Transaction
	if err := open(data, &m); err != nil {
		return core.Transaction{}, err
	}
	t := transactionIn(&m)
	if err := Check(t); err != nil {
		return core.Transaction{}, err
	}
	if got, want := outlineIn(m.GetHead()), OutlineOf(t); got != want {
		return core.Transaction{}, fmt.Errorf("record: head of %s does not agree with it: %w", t.ID, core.ErrInvalidRecord)
	}
	return t, nil
}

// DecodeOutline reads the outline in what EncodeTransaction wrote, and nothing
// else of it. It returns core.ErrInvalidRecord for a damaged record.
func DecodeOutline(data []byte) (Outline, error) {
	payload, err := unseal(data)
	if err != nil {
		return Outline{}, err
	}
	field, kind, tag := protowire.ConsumeTag(payload)
	if tag < 0 || field != 1 || kind != protowire.BytesType {
		return Outline{}, fmt.Errorf("record: no head: %w", core.ErrInvalidRecord)
	}
	value, size := protowire.ConsumeBytes(payload[tag:])
	var head Head
	if size < 0 || proto.Unmarshal(value, &head) != nil {
		return Outline{}, fmt.Errorf("record: head cannot be read: %w", core.ErrInvalidRecord)
	}
	return outlineIn(&head), nil
}

// merchantField is the number of Transaction.merchant.
const merchantField = 4

// DecodeMerchant reads whose transaction it is in what EncodeTransaction wrote,
// and nothing else of it. It returns core.ErrInvalidRecord for a damaged record.
func DecodeMerchant(data []byte) (string, error) {
	payload, err := unseal(data)
	if err != nil {
		return "", err
	}
	for len(payload) > 0 {
		field, kind, size := protowire.ConsumeField(payload)
		if size < 0 {
			break
		}
		if field == merchantField && kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(payload)
			merchant, _ := protowire.ConsumeString(payload[tag:])
			return merchant, nil
		}
		payload = payload[size:]
	}
	return "", fmt.Errorf("record: no merchant: %w", core.ErrInvalidRecord)
}

func outlineOut(o Outline) *Head {
	return &Head{
		Version: o.Version, Sequence: o.Sequence, State: stateNumber(o.State),
		DueAt: nanos(o.DueAt), Live: uint32(o.Live), LiveAccount: o.LiveAccount,
	}
}

func outlineIn(h *Head) Outline {
	return Outline{
		Version: h.GetVersion(), Sequence: h.GetSequence(), State: stateWord(h.GetState()),
		DueAt: instant(h.GetDueAt()), Live: int(h.GetLive()), LiveAccount: h.GetLiveAccount(),
	}
}

func transactionOut(t core.Transaction) *Transaction {
	return &Transaction{
		Head: outlineOut(OutlineOf(t)), Id: t.ID, Kind: string(t.Kind), Merchant: t.Merchant, Reference: t.Reference,
		Amount: amountOut(t.Amount), Received: amountOut(t.Received), Refunded: amountOut(t.Refunded),
		Country: t.Country, Method: t.Method, Network: t.Network, Description: t.Description,
		Customer: customerOut(t.Customer), BankAccount: bankAccountOut(t.BankAccount),
		ReturnUrl: t.ReturnURL, Language: t.Language, Metadata: t.Metadata,
		ExpiresIn: int64(t.ExpiresIn), ExpiresAt: nanos(t.ExpiresAt), Provider: t.Provider,
		Route: routeOut(t.Route), Attempts: each(t.Attempts, attemptOut), Reason: reasonOut(t.Reason),
		Late: t.Late, DuplicateRisk: t.DuplicateRisk, PolicyHeld: t.PolicyHeld, Manual: t.Manual,
		Decision: decisionOut(t.Decision), Parent: t.Parent, ParentAttempt: t.ParentAttempt,
		Timers: each(t.Timers, timerOut), CreatedBy: t.CreatedBy,
		CreatedAt: nanos(t.CreatedAt), UpdatedAt: nanos(t.UpdatedAt), EndedAt: nanos(t.EndedAt),
	}
}

func transactionIn(m *Transaction) core.Transaction {
	return core.Transaction{
		ID: m.GetId(), Kind: sdk.Kind(m.GetKind()), Merchant: m.GetMerchant(), State: stateWord(m.GetHead().GetState()),
		Version: m.GetHead().GetVersion(), Sequence: m.GetHead().GetSequence(), Reference: m.GetReference(),
		Amount: amountIn(m.GetAmount()), Received: amountIn(m.GetReceived()), Refunded: amountIn(m.GetRefunded()),
		Country: m.GetCountry(), Method: m.GetMethod(), Network: m.GetNetwork(), Description: m.GetDescription(),
		Customer: customerIn(m.GetCustomer()), BankAccount: bankAccountIn(m.GetBankAccount()),
		ReturnURL: m.GetReturnUrl(), Language: m.GetLanguage(), Metadata: maps.Clone(m.GetMetadata()),
		ExpiresIn: time.Duration(m.GetExpiresIn()), ExpiresAt: instant(m.GetExpiresAt()), Provider: m.GetProvider(),
		Route: routeIn(m.GetRoute()), Attempts: each(m.GetAttempts(), attemptIn), Reason: reasonIn(m.GetReason()),
		Late: m.GetLate(), DuplicateRisk: m.GetDuplicateRisk(), PolicyHeld: m.GetPolicyHeld(), Manual: m.GetManual(),
		Decision: decisionIn(m.GetDecision()), Parent: m.GetParent(), ParentAttempt: m.GetParentAttempt(),
		Timers: each(m.GetTimers(), timerIn), CreatedBy: m.GetCreatedBy(),
		CreatedAt: instant(m.GetCreatedAt()), UpdatedAt: instant(m.GetUpdatedAt()), EndedAt: instant(m.GetEndedAt()),
	}
}

// each converts a list; none stays nil.
func each[A, B any](list []A, convert func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i := range list {
		out[i] = convert(list[i])
	}
	return out
}

func customerOut(c sdk.Customer) *Customer {
	if c == (sdk.Customer{}) {
		return nil
	}
	return &Customer{
		Id: c.ID, Name: c.Name, Surname: c.Surname, Email: c.Email, Phone: c.Phone, Address: c.Address,
		City: c.City, State: c.State, ZipCode: c.ZIPCode, Country: c.Country,
		ProviderCustomer: c.ProviderCustomer, NextAction: nextActionOut(c.NextAction),
	}
}

func customerIn(m *Customer) sdk.Customer {
	return sdk.Customer{
		ID: m.GetId(), Name: m.GetName(), Surname: m.GetSurname(), Email: m.GetEmail(), Phone: m.GetPhone(),
		Address: m.GetAddress(), City: m.GetCity(), State: m.GetState(), ZIPCode: m.GetZipCode(), Country: m.GetCountry(),
		ProviderCustomer: m.GetProviderCustomer(), NextAction: nextActionIn(m.GetNextAction()),
	}
}

func bankAccountOut(b *sdk.BankAccount) *BankAccount {
	if b == nil {
		return nil
	}
	return &BankAccount{Iban: b.IBAN, BankCode: b.BankCode, AccountNumber: b.AccountNumber, Holder: b.Holder}
}

func bankAccountIn(m *BankAccount) *sdk.BankAccount {
	if m == nil {
		return nil
	}
	return &sdk.BankAccount{
		IBAN: m.GetIban(), BankCode: m.GetBankCode(), AccountNumber: m.GetAccountNumber(), Holder: m.GetHolder(),
	}
}

func reasonOut(r *core.Reason) *Reason {
	if r == nil {
		return nil
	}
	return &Reason{
		Code: string(r.Code), Message: r.Message, ProviderCode: r.ProviderCode, ProviderMessage: r.ProviderMessage,
	}
}

func reasonIn(m *Reason) *core.Reason {
	if m == nil {
		return nil
	}
	return &core.Reason{
		Code: sdk.Reason(m.GetCode()), Message: m.GetMessage(),
		ProviderCode: m.GetProviderCode(), ProviderMessage: m.GetProviderMessage(),
	}
}

func decisionOut(d *core.Decision) *Decision {
	if d == nil {
		return nil
	}
	return &Decision{Kind: string(d.Kind), Actor: d.Actor, Reason: d.Reason, At: nanos(d.At)}
}

func decisionIn(m *Decision) *core.Decision {
	if m == nil {
		return nil
	}
	return &core.Decision{
		Kind: core.Call(m.GetKind()), Actor: m.GetActor(), Reason: m.GetReason(), At: instant(m.GetAt()),
	}
}

func timerOut(t core.Timer) *Timer {
	return &Timer{Kind: string(t.Kind), At: nanos(t.At), Attempt: int64(t.Attempt)}
}

func timerIn(m *Timer) core.Timer {
	return core.Timer{Kind: core.TimerKind(m.GetKind()), At: instant(m.GetAt()), Attempt: int(m.GetAttempt())}
}
