package record_test

import (
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

// decided is a payment with everything that is kept of a decision.
func decided() core.Transaction {
	payment := storetest.Payment(storetest.Start(), 1)
	payment.Provider = "numipay"
	payment.Route = core.Route{
		Rule: "ivory-coast", Generation: 3, At: storetest.Start().Add(time.Minute), AskedBy: "key_1", Card: true,
		Candidates: []string{"cinetpay-ci", "numipay"}, Reasons: []string{"number 1 of 2", "number 2 of 2"},
		Removed: []core.Removed{
			{Account: "cenoa", Reason: "country CI is not offered"},
			{Account: "numipay", Reason: "all 64 slots are in use", Passing: true, Attempt: 2},
		},
		MaxAttempts: 2, Deadline: 20 * time.Second, Late: true, Cascade: []sdk.Reason{sdk.ReasonDeclined, sdk.ReasonInsufficientFunds},
	}
	return payment
}

// A golden record is in the store of somebody: its bytes stay what they are, and are read for ever.
func TestTheBytesOfARecordStayTheSame(t *testing.T) {
	for name, payment := range map[string]core.Transaction{
		"payment": storetest.Payment(storetest.Start(), 1), "payment-with-its-decision": decided(),
	} {
		t.Run(name, func(t *testing.T) {
			file := "testdata/" + name + ".hex"
			data, err := record.EncodeTransaction(payment)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(hex.EncodeToString(data)+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(text)), hex.EncodeToString(data)); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
			stored, err := hex.DecodeString(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := record.DecodeTransaction(stored)
			if diff := cmp.Diff(payment, got, cmp.Comparer(money.Amount.Equal), cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("read back: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A rule that lets nothing go on is not one that says nothing.
func TestARuleWithoutReasonsIsNotOneThatNamesNone(t *testing.T) {
	for name, cascade := range map[string][]sdk.Reason{"says nothing": nil, "names none": {}, "names one": {sdk.ReasonDeclined}} {
		payment := storetest.Payment(storetest.Start(), 1)
		payment.Route.Cascade = cascade
		data, err := record.EncodeTransaction(payment)
		if err != nil {
			t.Fatal(err)
		}
		got, err := record.DecodeTransaction(data)
		if diff := cmp.Diff(cascade, got.Route.Cascade); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestTheSampleOfAStoredTransactionIsTheSame(t *testing.T) {
	for name, payment := range map[string]core.Transaction{"plain": storetest.Payment(storetest.Start(), 1), "decided later": decided()} {
		data, err := record.EncodeTransaction(payment)
		if err != nil {
			t.Fatal(err)
		}
		got, err := record.DecodeTransaction(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(payment.Sample(), got.Sample(), cmp.Comparer(money.Amount.Equal)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheMerchantIsReadWithoutTheRest(t *testing.T) {
	data, err := record.EncodeTransaction(decided())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := record.DecodeMerchant(data); got != "shop" || err != nil {
		t.Errorf("merchant is %q, %v", got, err)
	}
	for size := range data {
		if _, err := record.DecodeMerchant(data[:size]); !errors.Is(err, core.ErrInvalidRecord) {
			t.Fatalf("%d bytes of it: error is %v", size, err)
		}
	}
}
