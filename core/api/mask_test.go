package api_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestAnEmailIsMasked(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{
		"":                     "",
		"jane@example.com":     "j***@example.com",
		"j***@example.com":     "j***@example.com",
		"j@example.com":        "***@example.com",
		"élodie@example.com":   "é***@example.com",
		`"a@b"@example.com`:    `"***@example.com`,
		"@example.com":         "***",
		"jane":                 "***",
		"jane@":                "***",
		"\xff\xfe@example.com": "***",
	} {
		if got := api.MaskEmail(email); got != want {
			t.Errorf("%q is shown as %q, want %q", email, got, want)
		}
	}
}

// samplePayout is held by its provider, which repeats whom it is for.
func samplePayout() core.Transaction {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	tx := sample()
	tx.ID, tx.Kind, tx.State, tx.Reference, tx.Route.Rule = "out_01", sdk.KindPayout, core.StateProcessing, "salary-42", "payouts"
	tx.BankAccount = &sdk.BankAccount{IBAN: "DE89370400440532013000", BankCode: "37040044", AccountNumber: "0532013000", Holder: "hidden"}
	tx.Decision = &core.Decision{Kind: core.CallApprove, Actor: "op", Reason: "DE89 3704 0044 0532 0130 00 checked", At: at}
	tx.Attempts[0].State, tx.Attempts[0].Outcome, tx.Attempts[0].NextAction = core.AttemptPending, sdk.OutcomePending, nil
	tx.Attempts[0].Message = "to DE89370400440532013000, account 0532013000, phone 2250707123456"
	tx.ExpiresAt = time.Time{}
	return tx
}

func TestAPayoutLooksLikeItsSample(t *testing.T) {
	t.Parallel()
	golden(t, "payout.json", api.TransactionOf(samplePayout()))
}

func TestARefundNamesItsPayment(t *testing.T) {
	t.Parallel()
	got := api.TransactionOf(core.Transaction{
		ID: "ref_01", Kind: sdk.KindRefund, Amount: money.Of(2000, money.XOF), Parent: "pay_01", ParentAttempt: "att_01", Manual: true,
	})
	if got.Payment != "pay_01" || got.PaymentAttempt != "att_01" || !got.Manual || got.Kind != "refund" {
		t.Errorf("refund = %+v", got)
	}
}

func TestABankAccountShowsFourCharactersAtMost(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"": "", "1234567": "•••••", "12345678": "•••••5678", "00111-222 33/4": "•••••33/4"} {
		tx := core.Transaction{BankAccount: &sdk.BankAccount{AccountNumber: number, IBAN: number}}
		got := api.TransactionOf(tx).BankAccount
		if diff := cmp.Diff(&api.BankAccount{IBAN: want, AccountNumber: want}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", number, diff)
		}
	}
}

func TestTheHistoryOfAPayoutHidesItsRecipient(t *testing.T) {
	t.Parallel()
	history := api.HistoryOf(samplePayout(), []core.HistoryEntry{
		{Sequence: 1, Cause: "sent to 0532013000 and DE89 3704 0044 0532 0130 00 and +2250707123456"},
	})
	const want = "sent to •••••3000 and •••••3000 and +225•••••3456"
	if got := history.Data[0].Cause; got != want {
		t.Errorf("cause = %q, want %q", got, want)
	}
}

func TestALookupShowsWhatItMay(t *testing.T) {
	t.Parallel()
	signup := &sdk.NextAction{Type: sdk.ActionSignup, URL: "https://provider.example/signup"}
	got, err := api.FoundOf(sdk.Customer{ProviderCustomer: "cus_7", Name: "hidden", Email: "jane@example.com", Phone: "+905321234567"})
	if diff := cmp.Diff(api.Found{CustomerID: "cus_7", Email: "j***@example.com"}, got); diff != "" || err != nil {
		t.Errorf("found: %v (-want +got):\n%s", err, diff)
	}
	_, err = api.FoundOf(sdk.Customer{NextAction: signup})
	problem, _ := errors.AsType[*core.Problem](err)
	if problem == nil || !errors.Is(err, core.ErrCustomerUnknown) {
		t.Fatalf("error = %v, want customer_unknown", err)
	}
	public, _ := api.ProblemOf(problem)
	if diff := cmp.Diff(&api.NextAction{Type: "signup", URL: signup.URL}, public.NextAction); diff != "" || public.Status != 404 {
		t.Errorf("%d (-want +got):\n%s", public.Status, diff)
	}
}

func TestAProblemAboutAPhoneDoesNotRepeatIt(t *testing.T) {
	t.Parallel()
	before := &core.Problem{Code: "invalid_request", Detail: "cenoa: +905321234567 is too long"}
	after := api.WithoutPhone(before, "+905321234567")
	if strings.Contains(after.Error(), "321234567") || !strings.Contains(after.Error(), "is too long") {
		t.Errorf("error = %v", after)
	}
	if !strings.Contains(before.Error(), "321234567") {
		t.Error("the problem itself was changed")
	}
	other := errors.New("other")
	if got := api.WithoutPhone(other, "+905321234567"); !errors.Is(got, other) {
		t.Errorf("%v became %v", other, got)
	}
}
