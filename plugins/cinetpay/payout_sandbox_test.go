package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// hinted is what the engine hears of a transfer's notification.
const hinted = "hint " + testRef + " confirm=true"

// payOut pays 500 XOF to a phone of Côte d'Ivoire that ends so.
func (s *shop) payOut(ctx context.Context, ends string) (sdk.PayoutRequest, sdk.Result, error) {
	req := payout(func(r *sdk.PayoutRequest) { r.Recipient.Phone, r.NotifyURL = "+2250700000"+ends, s.notify })
	result, err := s.account.CreatePayout(ctx, req)
	if err != nil {
		result.Outcome = sdk.CreateOutcome(err)
	}
	return req, result, err
}

// sends are the send calls and the transfers that they made.
func (s *shop) sends(ref string) string {
	row, ok := s.Transfer(ref)
	if !ok {
		return fmt.Sprintf("%d calls, 0 created", s.State().Uncreated[ref])
	}
	return fmt.Sprintf("%d calls, %d created", row.CreateCalls, row.Created)
}

func TestPayoutsAtTheSandbox(t *testing.T) {
	const pending, succeeded, declined = sdk.OutcomePending, sdk.OutcomeSucceeded, sdk.OutcomeDeclined
	const no = sdk.ReasonDeclined
	paid := sdk.Told{Amount: "500", Reference: testRef}
	for name, c := range map[string]struct {
		ends           string
		created, after sdk.Outcome // and after 3 s
		end            sdk.Outcome // after a minute
		reason         sdk.Reason
		told           sdk.Told
		alert          bool
		sends          string
		heard          []string
	}{
		"101 is rejected":         {"101", declined, declined, declined, no, sdk.Told{}, false, "1 calls, 1 created", []string{hinted}},
		"102 is new for ever":     {"102", pending, pending, pending, "", sdk.Told{}, false, "1 calls, 1 created", []string{}},
		"103 is sent, then paid":  {"103", pending, pending, succeeded, "", paid, false, "1 calls, 1 created", []string{hinted}},
		"104 is sent, then not":   {"104", pending, pending, declined, no, sdk.Told{}, false, "1 calls, 1 created", []string{hinted}},
		"110 is told out of turn": {"110", pending, succeeded, succeeded, "", paid, false, "1 calls, 1 created", []string{hinted, hinted, hinted}},
		"111 differs, as told":    {"111", pending, succeeded, succeeded, "", sdk.Told{Amount: "495", Reference: testRef}, false, "1 calls, 1 created", []string{hinted}},
		"112 waits for an e-mail": {"112", pending, pending, pending, "", sdk.Told{}, true, "1 calls, 1 created", []string{}},
		"113 is expelled once":    {"113", pending, succeeded, succeeded, "", paid, false, "2 calls, 1 created", []string{hinted}},
		"any other is paid":       {"001", pending, succeeded, succeeded, "", paid, false, "1 calls, 1 created", []string{hinted}},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{Now: still})
				req, created, err := shop.payOut(t.Context(), c.ends)
				if err != nil || created.ProviderRef == "" {
					t.Fatalf("create: got %+v, %v", created, err)
				}
				shop.Advance(3 * time.Second)
				after := shop.ask(t, req.Attempt)
				shop.Advance(time.Minute)
				end := shop.ask(t, req.Attempt)
				want := []sdk.Outcome{c.created, c.after, c.end}
				if diff := cmp.Diff(want, []sdk.Outcome{created.Outcome, after.Outcome, end.Outcome}); diff != "" {
					t.Errorf("answer, 3 s, 1 min (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.told, end.Told); diff != "" || end.Reason != c.reason || end.ProviderRef != created.ProviderRef {
					t.Errorf("got the reason %q of %q, told (-want +got):\n%s", end.Reason, end.ProviderRef, diff)
				}
				for _, one := range []sdk.Result{created, after, end} {
					external := one.NextAction != nil && one.NextAction.Type == sdk.ActionExternal
					if (one.Alert != "") != c.alert || external != c.alert || one.Held {
						t.Errorf("want an alert and an external action %t, got %+v", c.alert, one)
					}
				}
				if got := shop.sends(req.Ref); got != c.sends {
					t.Errorf("want %s, got %s", c.sends, got)
				}
				if diff := cmp.Diff(c.heard, shop.posts()); diff != "" {
					t.Errorf("notifications (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestPayoutsThatCreateNothingOrLoseTheirAnswer(t *testing.T) {
	const unknown, rejected = sdk.OutcomeUnknown, sdk.OutcomeRejected
	for name, c := range map[string]struct {
		ends    string
		created sdk.Outcome
		reason  sdk.Reason
		asked   sdk.Outcome
		sends   string
	}{
		"105 is created, the reply lost": {"105", unknown, "", sdk.OutcomePending, "1 calls, 1 created"},
		"106 is limited":                 {"106", rejected, sdk.ReasonRateLimited, unknown, "1 calls, 0 created"},
		"107 breaks":                     {"107", unknown, "", unknown, "1 calls, 0 created"},
		"108 has no float":               {"108", rejected, sdk.ReasonInsufficientFloat, unknown, "1 calls, 0 created"},
		"109 has no operator":            {"109", rejected, sdk.ReasonProviderUnavailable, unknown, "1 calls, 0 created"},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{Now: still})
				req, got, err := shop.payOut(t.Context(), c.ends)
				if got.Outcome != c.created || got.Reason != c.reason {
					t.Errorf("want %v (%s), got %v (%s), %v", c.created, c.reason, got.Outcome, got.Reason, err)
				}
				if sends := shop.sends(req.Ref); sends != c.sends {
					t.Errorf("want %s, got %s", c.sends, sends)
				}
				if asked := shop.ask(t, req.Attempt); asked.Outcome != c.asked {
					t.Errorf("a check: want %v, got %v", c.asked, asked.Outcome)
				}
			})
		}
	}
}

func TestALostAnswerIsFoundAndNeverPaidTwice(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{Now: still})
	req, _, err := shop.payOut(t.Context(), "105")
	if err == nil {
		t.Fatal("the reply was not lost")
	}
	again, err := shop.account.CreatePayout(t.Context(), req)
	if err != nil || again.Outcome != sdk.OutcomeUnknown || again.ProviderCode != "805" {
		t.Errorf("the same id again: want UNKNOWN with 805, got %v with %q, %v", again.Outcome, again.ProviderCode, err)
	}
	shop.Advance(3 * time.Second)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("want SUCCEEDED, got %v", got.Outcome)
	}
	if got := shop.sends(req.Ref); got != "2 calls, 1 created" {
		t.Errorf("got %s", got)
	}
}

func TestFaultsBeforeSendAtTheSandbox(t *testing.T) {
	for _, op := range []sandbox.Operation{sandbox.OpLogin, sandbox.OpContact} {
		for _, fault := range []sandbox.Fault{
			{Kind: sandbox.FaultDrop, Times: 2},
			{Kind: sandbox.FaultDropBefore, Times: 2},
			{Kind: sandbox.FaultGarbage},
			{Kind: sandbox.FaultHuge},
			{Kind: sandbox.FaultTruncate, Times: 2},
			{Kind: sandbox.FaultRedirect},
			{Kind: sandbox.FaultStatus, Status: 500},
			{Kind: sandbox.FaultStatus, Status: 503},
		} {
			t.Run(fmt.Sprintf("%s %s %d", op, fault.Kind, fault.Status), func(t *testing.T) {
				shop := newShop(t, "over the wire", sandbox.Options{Now: still})
				fault.Op = op
				if err := shop.Inject(fault); err != nil {
					t.Fatal(err)
				}
				req, got, err := shop.payOut(t.Context(), "001")
				if got.Outcome != sdk.OutcomeNotSent {
					t.Errorf("want NOT_SENT, got %v, %v", got.Outcome, err)
				}
				if sends := shop.sends(req.Ref); sends != "0 calls, 0 created" {
					t.Errorf("got %s", sends)
				}
				if followed := shop.State().RedirectsFollowed; followed != 0 {
					t.Errorf("%d redirects were followed", followed)
				}
			})
		}
	}
}

func TestFaultsOfSendAndCheckMoneyAtTheSandbox(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{
		sandbox.FaultDrop, sandbox.FaultDropBefore, sandbox.FaultGarbage, sandbox.FaultHuge, sandbox.FaultTruncate, sandbox.FaultRedirect,
	} {
		t.Run("send "+string(kind), func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{Now: still})
			if err := shop.Inject(sandbox.Fault{Op: sandbox.OpSend, Kind: kind}); err != nil {
				t.Fatal(err)
			}
			req, got, err := shop.payOut(t.Context(), "001")
			if got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("want UNKNOWN, got %v, %v", got.Outcome, err)
			}
			if row, ok := shop.Transfer(req.Ref); ok && row.CreateCalls != 1 || shop.State().RedirectsFollowed != 0 {
				t.Errorf("send was called %d times", row.CreateCalls)
			}
		})
		t.Run("check "+string(kind), func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{Now: still})
			req, _, err := shop.payOut(t.Context(), "001")
			if err != nil {
				t.Fatal(err)
			}
			// httpx asks twice, and net/http once more where the connection was used before.
			if err := shop.Inject(sandbox.Fault{Op: sandbox.OpCheckMoney, Kind: kind, Times: 4}); err != nil {
				t.Fatal(err)
			}
			got, err := shop.account.QueryStatus(t.Context(), req.Attempt)
			if got.Outcome != sdk.OutcomeUnknown || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
				t.Errorf("want UNKNOWN, got %v, %v", got.Outcome, err)
			}
		})
	}
}

func TestAnEndedTokenIsRenewedAtTheSandbox(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{Now: still})
	req, _, err := shop.payOut(t.Context(), "102")
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(5 * time.Minute)
	if got := shop.ask(t, req.Attempt); got.Outcome != sdk.OutcomePending || len(got.Exchanges) != 3 {
		t.Errorf("want PENDING after check, login, check, got %v after %d calls", got.Outcome, len(got.Exchanges))
	}
}

func TestAKnownContactIsPaidAgain(t *testing.T) {
	shop := newShop(t, "in process", sandbox.Options{Now: still})
	for _, ref := range []string{"ref1", "ref2"} {
		got, err := shop.account.CreatePayout(t.Context(), payout(func(r *sdk.PayoutRequest) { r.Ref, r.NotifyURL = ref, shop.notify }))
		if err != nil || got.Outcome != sdk.OutcomePending {
			t.Errorf("%s: want PENDING, got %v, %v", ref, got.Outcome, err)
		}
	}
}

func TestTheBalanceAtTheSandbox(t *testing.T) {
	for way := range ways {
		shop := newShop(t, way, sandbox.Options{Now: still, Balance: 10_000})
		if _, _, err := shop.payOut(t.Context(), "001"); err != nil {
			t.Fatal(err)
		}
		got, err := shop.account.GetBalance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []sdk.Balance{{Available: money.Of(9_500, money.XOF), Pending: money.Of(500, money.XOF)}}
		if diff := cmp.Diff(want, got, cmpAmounts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", way, diff)
		}
	}
}

func TestAWrongPasswordPaysNothingOut(t *testing.T) {
	server := sandbox.New(sandbox.Options{Now: still})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p := paying(t, server.URL(), map[string]any{"transfer_password": "another"})
	got, err := p.CreatePayout(t.Context(), payout(nil))
	if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonAuthentication || got.ProviderCode != "701" {
		t.Errorf("want REJECTED (authentication) with 701, got %v (%s) with %q, %v", got.Outcome, got.Reason, got.ProviderCode, err)
	}
}
