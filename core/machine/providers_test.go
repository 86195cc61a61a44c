package machine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// The flows of the first four providers, as tables: what is said, and where the
// transaction stands afterwards.
func TestProviderFlows(t *testing.T) {
	for name, steps := range map[string]string{
		"cinetpay: paid on the page":              "create redirect = requires_action; query pending = requires_action; query paid = succeeded",
		"cinetpay: refused on the page":           "create redirect = requires_action; query final = failed",
		"cinetpay: refused, then paid after all":  "create redirect = requires_action; query declined = failed; query paid = succeeded late",
		"cinetpay: the answer was dropped":        "create silence = unknown; query silence = unknown; query pending = processing; query paid = succeeded",
		"cinetpay: a wrong amount at check":       "create redirect = requires_action; query underpaid = review",
		"cinetpay: 00 with a contradiction":       "create redirect = requires_action; query silence = requires_action",
		"cinetpay: wrong key":                     "create rejected = failed",
		"cinetpay: the page timed out":            "create redirect = requires_action; after 25h; query pending = expired; query paid = succeeded late",
		"cinetpay: a success is never reversed":   "create redirect = requires_action; query paid = succeeded; query silence = succeeded",
		"cinetpay: payout":                        "payout; create pending = processing; query pending = processing; query paid = succeeded",
		"cinetpay: payout rejected in the answer": "payout; create declined = failed",
		"cinetpay: payout rejected later":         "payout; create pending = processing; query declined = failed; query paid = succeeded late",
		"cinetpay: payout id known already":       "payout; create silence = unknown; query pending = processing; query paid = succeeded",

		"enovepay: prompt approved":             "create prompt = requires_action; query pending = requires_action; query paid = succeeded",
		"enovepay: prompt refused":              "create prompt = requires_action; query declined = failed",
		"enovepay: a prompt never expires":      "create prompt = requires_action; after 20h; query pending = requires_action; query paid = succeeded",
		"enovepay: a silent prompt is reviewed": "create prompt = requires_action; after 49h; query pending = review; query paid = succeeded",
		"enovepay: pin tries used up":           "create final = failed",
		"enovepay: duplicate request":           "create silence = unknown; query paid = succeeded",
		"enovepay: refunded later":              "create prompt = requires_action; query paid = succeeded; query reversed = reversed",
		"enovepay: payout returned unseen":      "payout; create pending = processing; query reversed = reversed",
		"enovepay: returned without an amount":  "payout; create pending = processing; query returned = reversed",

		"numipay: hosted checkout":                  "create redirect = requires_action; notification pending = requires_action; query paid = succeeded",
		"numipay: page expired":                     "create redirect = requires_action; query expired = expired; query paid = succeeded late",
		"numipay: no answer, then a page":           "create silence = unknown; query redirect = requires_action; query paid = succeeded",
		"numipay: payout approved":                  "payout; create held = awaiting_approval; approve = processing; accepted = processing; query pending = processing; query paid = succeeded",
		"numipay: payout rejected by us":            "payout; create held = awaiting_approval; reject = processing; accepted = processing; query declined = canceled",
		"numipay: rejected and yet paid":            "payout; create held = awaiting_approval; reject = processing; accepted = processing; query paid = succeeded",
		"numipay: approved in the portal":           "payout; create held = awaiting_approval; query paid = succeeded",
		"numipay: rejected in the portal":           "payout; create held = awaiting_approval; query declined = failed",
		"numipay: expired while it waited":          "payout; create held = awaiting_approval; query expired = expired",
		"numipay: approval refused, then rejected":  "payout; create held = awaiting_approval; approve = processing; refused = awaiting_approval; reject = processing; accepted = processing; query canceled = canceled",
		"numipay: held after an unknown answer":     "payout; create silence = unknown; query held = awaiting_approval; approve = processing",
		"numipay: the engine died while it decided": "payout; create held = awaiting_approval; approve = processing; lost = processing; query held = processing; query paid = succeeded",

		"cenoa: matched":                     "create transfer = requires_action; transfer paid = succeeded",
		"cenoa: pending, then settled":       "create transfer = requires_action; transfer pending = requires_action; after 3h; query pending = requires_action; transfer paid = succeeded",
		"cenoa: failed transfer, then paid":  "create transfer = requires_action; transfer declined = requires_action; transfer paid = succeeded",
		"cenoa: failed transfer, no other":   "create transfer = requires_action; transfer declined = requires_action; after 2h; query pending = expired",
		"cenoa: nobody paid":                 "create transfer = requires_action; after 2h; query pending = expired; transfer paid = succeeded late",
		"cenoa: the last read failed":        "create transfer = requires_action; after 2h; query silence = requires_action; query pending = expired",
		"cenoa: reversed later":              "create transfer = requires_action; transfer paid = succeeded; transfer reversed = reversed",
		"cenoa: customer unknown":            "create signup = failed",
		"cenoa: lookup failed":               "create notsent = failed",
		"cenoa: canceled without a transfer": "create transfer = requires_action; cancel = canceled; transfer paid = succeeded late",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, steps)
		})
	}
}

var said = map[string]sdk.Result{
	"redirect": redirect, "prompt": prompt, "pending": pending, "held": held, "silence": silence, "paid": paid,
	"underpaid": underpaid, "reversed": reversed, "declined": declined, "final": final, "rejected": rejected, "notsent": notSent,
	"expired": {Outcome: sdk.OutcomeExpired}, "canceled": {Outcome: sdk.OutcomeCanceled},
	"returned": {Outcome: sdk.OutcomeReversed},
	"transfer": {
		Outcome: sdk.OutcomeRequiresAction, Match: &sdk.Match{Customer: "c-1"},
		NextAction: &sdk.NextAction{Type: sdk.ActionTransfer, Until: start.Add(time.Hour)},
	},
	"signup": {
		Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonCustomerUnknown,
		NextAction: &sdk.NextAction{Type: sdk.ActionSignup, URL: "https://provider.example/join"},
	},
}

// play leads a transaction through steps such as "query paid = succeeded late".
func play(t *testing.T, steps string) {
	t.Helper()
	f := payment(t)
	if rest, ok := strings.CutPrefix(steps, "payout; "); ok {
		f, steps = payout(t), rest
	}
	f.begun().is(core.StateProcessing)
	for step := range strings.SplitSeq(steps, "; ") {
		action, want, _ := strings.Cut(step, " = ")
		verb, object, _ := strings.Cut(action, " ")
		f.do(verb, object)
		if f.err != nil {
			t.Fatalf("%s: %v", step, f.err)
		}
		got := f.tx.State.String()
		if f.tx.Late {
			got += " late"
		}
		if want != "" && got != want {
			t.Fatalf("%s: is %s", step, got)
		}
		f.holds()
	}
}

func (f *flow) do(verb, object string) {
	f.t.Helper()
	switch verb {
	case "after":
		d, err := time.ParseDuration(object)
		if err != nil {
			f.t.Fatal(err)
		}
		f.after(d)
	case "transfer":
		f.send(core.Event{
			Type: core.EventMatched, Source: core.SourceTransfer, Attempt: 1, Result: said[object],
			Evidence: &sdk.Evidence{Outcome: said[object].Outcome},
		})
	case "approve", "reject":
		f.decide(core.Call(verb))
	case "cancel":
		f.send(core.Event{Type: core.EventDecision, Decision: core.CallCancel, GoodRead: true})
	case "accepted":
		f.verdict(sdk.VerdictAccepted)
	case "refused":
		f.verdict(sdk.VerdictRefused)
	case "lost":
		f.send(core.Event{Type: core.EventCallLost, Attempt: 1})
	default:
		result, ok := said[object]
		if !ok {
			f.t.Fatalf("nobody says %q", object)
		}
		f.answer(core.Source(verb), 1, result)
	}
}

func TestSignupIsShownAfterAnUnknownCustomer(t *testing.T) {
	f := payment(t).begun().create(said["signup"]).is(core.StateFailed, core.AttemptRejected).reason(sdk.ReasonCustomerUnknown)
	if action := f.tx.NextAction(); action == nil || action.Type != sdk.ActionSignup {
		t.Errorf("next action is %+v, want signup", action)
	}
}
