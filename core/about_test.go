package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestAPluginIsToldOfTheAttemptAndTheDecision(t *testing.T) {
	evidence := &sdk.Evidence{Outcome: sdk.OutcomePending, ProviderRef: "P7"}
	tx := core.Transaction{
		ID: "out_1", Kind: sdk.KindPayout, Amount: money.Of(5000, money.XOF), Reference: "order 7",
	}
	attempt := core.Attempt{
		Number: 2, Ref: "r2", ProviderRef: "P7", ProviderData: []byte("token"), StartedAt: noon, Evidence: evidence,
	}
	want := sdk.Attempt{
		TransactionID: "out_1", Kind: sdk.KindPayout, Ref: "r2", ProviderRef: "P7", ProviderData: []byte("token"),
		Amount: money.Of(5000, money.XOF), StartedAt: noon, Evidence: evidence,
	}
	if diff := cmp.Diff(want, core.About(tx, attempt)); diff != "" {
		t.Errorf("before a decision (-want +got):\n%s", diff)
	}

	tx.Decision = &core.Decision{Kind: core.CallReject, Actor: "key 3", Reason: "wrong recipient", At: noon}
	want.Decision, want.Reason = "reject", "wrong recipient"
	if diff := cmp.Diff(want, core.About(tx, attempt)); diff != "" {
		t.Errorf("after it (-want +got):\n%s", diff)
	}
}
