package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// bankName is the plugin that this test's binary is when an engine starts it.
// Unlike the providers of the other plugins it gives back and cancels.
const bankName = "bank"

// What a bank does with a payment, by its description.
const (
	bankPays     = "is paid at once"
	bankWaits    = "waits for the customer"
	bankDeclines = "is declined, and may be paid later"
	bankTells    = "is told of before it is answered"
	bankMumbles  = "is told of before it is answered, and not in the answer"
)

// bankTakes is how long the answer takes of a payment that is told of before.
const bankTakes = 1500 * time.Millisecond

// bank is the plugin. Its ledger is a folder with a file for each reference, to
// which a line is added for whatever happens, so that it outlives every process.
type bank struct{}

// Describe implements sdk.Plugin.
func (bank) Describe() sdk.Manifest {
	facts := sdk.Facts{
		Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, TellsCurrency: true,
		PushWebhooks: true, NotifiesByProviderRef: true,
	}
	return sdk.Manifest{
		Name: bankName, Version: "1.0.0", Doc: "A bank that is a folder.",
		Settings: sdk.Schema{
			{Name: "ledger", Kind: sdk.FieldString, Required: true},
			{Name: "patient", Kind: sdk.FieldString, Doc: "declines nothing"},
		},
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts, sdk.KindPayout: final(facts), sdk.KindRefund: facts},
		Capabilities: bankAccount{}.Capabilities(),
	}
}

// final are facts of payouts: one that was declined is never paid.
func final(facts sdk.Facts) sdk.Facts {
	facts.DeclinedIsFinal = true
	return facts
}

// Open implements sdk.Plugin.
func (bank) Open(settings sdk.Settings) (sdk.Provider, error) {
	ledger := bankLedger(settings.Text("ledger"))
	if left := ledger.words(bankClosed); len(left) > 0 && len(left) <= loops {
		ledger.add(bankClosed, "died")
		os.Exit(3)
	}
	return bankAccount{ledger, settings.Text("patient") != ""}, nil
}

type bankAccount struct {
	ledger  bankLedger
	patient bool
}

// Capabilities implements sdk.Provider.
func (bankAccount) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: sdk.OperationsOf(bankAccount{}),
		Corridors:  []sdk.Corridor{{Kind: sdk.KindPayment}, {Kind: sdk.KindPayout}, {Kind: sdk.KindRefund}},
	}
}

// CreatePayment implements sdk.PaymentCreator.
func (b bankAccount) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	if !b.ledger.create(req.Attempt) {
		return sdk.Result{ProviderCode: "DUPLICATE"}, nil
	}
	switch {
	case req.Description == bankPays:
		b.ledger.add(req.Ref, "paid")
		return sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: bankRef(req.Ref)}, nil
	case req.Description == bankDeclines && !b.patient:
		b.ledger.add(req.Ref, "declined")
	case req.Description == bankTells:
		time.Sleep(bankTakes)
	case req.Description == bankMumbles:
		time.Sleep(bankTakes)
		return sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: bankRef(req.Ref)}, nil
	default:
		misbehave(req.Description)
	}
	return b.ledger.result(req.Attempt), nil
}

// CreatePayout implements sdk.PayoutCreator: it is under way until the ledger says more.
func (b bankAccount) CreatePayout(_ context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	if !b.ledger.create(req.Attempt) {
		return sdk.Result{ProviderCode: "DUPLICATE"}, nil
	}
	return b.ledger.result(req.Attempt), nil
}

// CreateRefund implements sdk.RefundCreator: money goes back at once.
func (b bankAccount) CreateRefund(_ context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	if !b.ledger.create(req.Attempt) {
		return sdk.Result{ProviderCode: "DUPLICATE"}, nil
	}
	b.ledger.add(req.Ref, "paid")
	return b.ledger.result(req.Attempt), nil
}

// Cancel implements sdk.Canceler.
func (b bankAccount) Cancel(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	if b.ledger.has(attempt.Ref, "paid") || !b.ledger.has(attempt.Ref, "called") {
		return sdk.VerdictResult{Verdict: sdk.VerdictRefused}, nil
	}
	b.ledger.add(attempt.Ref, "canceled")
	return sdk.VerdictResult{Verdict: sdk.VerdictAccepted}, nil
}

// QueryStatus implements sdk.StatusQuerier.
func (b bankAccount) QueryStatus(_ context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	return b.ledger.result(attempt), nil
}

// HandleNotification implements sdk.NotificationHandler: the query names the payment.
func (bankAccount) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	values, err := url.ParseQuery(req.Query)
	return sdk.Notification{Authenticity: sdk.Hint, ProviderRef: values.Get("id"), Confirm: true}, err
}

// bankRef is the bank's own reference.
func bankRef(ref string) string { return "bank-" + ref }

// bankLedger is a folder.
type bankLedger string

// create counts a call, and reports whether it is the first one.
func (l bankLedger) create(attempt sdk.Attempt) bool {
	l.add(attempt.Ref, "called")
	file, err := os.OpenFile(l.path(attempt.Ref)+".created", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	l.add(attempt.Ref, "created "+string(attempt.Kind)+" "+attempt.Amount.Decimal()+" "+attempt.Amount.Currency().String())
	return file.Close() == nil
}

func (l bankLedger) path(ref string) string { return filepath.Join(string(l), ref) }

// add adds a line; a line is written whole or not at all.
func (l bankLedger) add(ref, word string) {
	file, err := os.OpenFile(l.path(ref), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err) // A ledger that cannot be written is none.
	}
	defer file.Close()
	if _, err := file.WriteString(word + "\n"); err != nil {
		panic(err)
	}
}

func (l bankLedger) words(ref string) []string {
	text, err := os.ReadFile(l.path(ref))
	if err != nil || len(text) == 0 { // Its first line may be under way.
		return nil
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func (l bankLedger) has(ref, word string) bool { return slices.Contains(l.words(ref), word) }

func (l bankLedger) result(attempt sdk.Attempt) sdk.Result {
	result := sdk.Result{ProviderRef: bankRef(attempt.Ref)}
	switch {
	case l.has(attempt.Ref, "paid"):
		result.Outcome = sdk.OutcomeSucceeded
		result.Told = bankTold(attempt.Amount, attempt.Ref)
	case l.has(attempt.Ref, "canceled"):
		result.Outcome = sdk.OutcomeCanceled
	case l.has(attempt.Ref, "declined"):
		result.Outcome, result.Reason = sdk.OutcomeDeclined, sdk.ReasonDeclined
	case l.words(attempt.Ref) != nil:
		result.Outcome = sdk.OutcomePending
	default:
		result.ProviderRef = ""
	}
	return result
}

func bankTold(amount money.Amount, ref string) sdk.Told {
	return sdk.Told{Amount: amount.Decimal(), Currency: amount.Currency().String(), Reference: ref}
}

// refs are the references in the order of their names.
func (l bankLedger) refs(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(string(l))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == "" {
			all = append(all, entry.Name())
		}
	}
	return all
}

// created counts what was really created: a call is noted before.
func (l bankLedger) created(t *testing.T) int {
	t.Helper()
	many := 0
	for _, row := range l.ledgers(t).lines {
		many += row.created
	}
	return many
}

// ledgers are the bank's lines as the comparison wants them.
func (l bankLedger) ledgers(t *testing.T) ledgers {
	t.Helper()
	var all ledgers
	for _, ref := range l.refs(t) {
		row := line{ref: ref, paid: l.has(ref, "paid")}
		for _, word := range l.words(ref) {
			switch fields := strings.Fields(word); fields[0] {
			case "called":
				row.calls++
			case "created":
				row.created++
				row.kind, row.amount, row.currency = fields[1], fields[2], fields[3]
			}
		}
		all.lines = append(all.lines, row)
	}
	return all
}

// atBank is an account of the bank with a ledger of its own.
func atBank(t *testing.T, name string) (account, bankLedger) {
	t.Helper()
	putSelf(t, bankName)
	dir := t.TempDir()
	return account{name: name, plugin: bankName, settings: map[string]any{"ledger": dir}}, bankLedger(dir)
}
