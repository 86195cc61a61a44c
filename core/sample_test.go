package core_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestASampleHasWhatRulesMatchOn(t *testing.T) {
	tx := core.Transaction{
		ID: "out_01JZZZZZZZZZZZZZZZZZZZZZZZ", Kind: sdk.KindPayout, Merchant: "shop", Amount: money.Of(5000, money.XOF),
		Country: "CI", Method: "mobile_money", Network: "ORANGE", Provider: "two", Reference: "order-7",
		Customer: sdk.Customer{ID: "c-7", Phone: "+2250700000000"}, BankAccount: &sdk.BankAccount{IBAN: "FR76"},
		Metadata: map[string]string{"tier": "vip"}, CreatedAt: noon,
	}
	want := core.Sample{
		ID: tx.ID, Merchant: "shop", Kind: sdk.KindPayout, Amount: money.Of(5000, money.XOF), Country: "CI",
		Method: "mobile_money", Network: "ORANGE", Customer: "c-7", Metadata: map[string]string{"tier": "vip"}, Provider: "two", At: noon,
		Present: map[string]bool{
			"reference": true, "country": true, "network": true, "customer.id": true, "customer.phone": true,
			"recipient.id": true, "recipient.phone": true, "recipient.bank_account": true,
		},
	}
	if diff := cmp.Diff(want, tx.Sample()); diff != "" {
		t.Errorf("sample (-want +got):\n%s", diff)
	}
	tx.Route = core.Route{At: noon.Add(time.Hour), Card: true}
	want.At, want.Card = noon.Add(time.Hour), true
	if diff := cmp.Diff(want, tx.Sample()); diff != "" {
		t.Errorf("sample of a later decision about a card (-want +got):\n%s", diff)
	}
}

func TestThePayersFieldsOfAPaymentAreNoRecipients(t *testing.T) {
	tx := core.Transaction{Kind: sdk.KindPayment, Customer: sdk.Customer{Phone: "+2250700000000"}}
	if diff := cmp.Diff(map[string]bool{"customer.phone": true}, tx.Sample().Present); diff != "" {
		t.Errorf("present (-want +got):\n%s", diff)
	}
}
