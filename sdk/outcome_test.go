package sdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func TestTheZeroValueOfEveryAnswerIsUnknown(t *testing.T) {
	var (
		result       sdk.Result
		verdict      sdk.VerdictResult
		fault        sdk.Error
		notification sdk.Notification
		item         sdk.ListItem
		evidence     sdk.Evidence
	)
	got := map[string]string{
		"Result":       result.Outcome.String(),
		"Verdict":      verdict.Verdict.String(),
		"Error":        fault.Kind.String(),
		"Notification": notification.Authenticity.String() + " " + notification.Result.Outcome.String(),
		"ListItem":     item.Outcome.String(),
		"Evidence":     evidence.Outcome.String(),
	}
	want := map[string]string{
		"Result": "UNKNOWN", "Verdict": "unknown", "Error": "unknown", "Notification": "unverified UNKNOWN",
		"ListItem": "UNKNOWN", "Evidence": "UNKNOWN",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("zero values (-want +got):\n%s", diff)
	}
	if fault.Sent != sdk.MaybeSent {
		t.Error("an error without a proof says that nothing was sent")
	}
}

func TestOutcomesAreTheirWords(t *testing.T) {
	want := map[sdk.Outcome]string{
		sdk.OutcomeUnknown: "UNKNOWN", sdk.OutcomeNotSent: "NOT_SENT", sdk.OutcomeRejected: "REJECTED",
		sdk.OutcomeDeclined: "DECLINED", sdk.OutcomeDeclinedFinal: "DECLINED_FINAL",
		sdk.OutcomePending: "PENDING", sdk.OutcomeRequiresAction: "REQUIRES_ACTION",
		sdk.OutcomeSucceeded: "SUCCEEDED", sdk.OutcomeCanceled: "CANCELED",
		sdk.OutcomeExpired: "EXPIRED", sdk.OutcomeReversed: "REVERSED",
	}
	got := map[sdk.Outcome]string{}
	for _, o := range sdk.Outcomes() {
		got[o] = o.String()
		if parsed, err := sdk.ParseOutcome(o.String()); err != nil || parsed != o {
			t.Errorf("ParseOutcome(%q) = %v, %v", o, parsed, err)
		}
		if o.Known() != o {
			t.Errorf("%v is known as %v", o, o.Known())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	if sdk.Outcomes()[0] != sdk.OutcomeUnknown {
		t.Error("the zero value does not come first")
	}
}

func TestAnOutcomeOfALaterVersionIsUnknown(t *testing.T) {
	for _, o := range []sdk.Outcome{sdk.Outcome(len(sdk.Outcomes())), 255} {
		if o.String() != "UNKNOWN" || o.Known() != sdk.OutcomeUnknown || o.CreateOnly() {
			t.Errorf("Outcome(%d) is %s, known as %s", uint8(o), o, o.Known())
		}
	}
	for _, v := range []sdk.Verdict{3, 255} {
		if v.String() != "unknown" {
			t.Errorf("Verdict(%d) is %s", uint8(v), v)
		}
	}
	for _, a := range []sdk.Authenticity{5, 255} {
		if a.String() != "unverified" {
			t.Errorf("Authenticity(%d) is %s", uint8(a), a)
		}
	}
	for _, k := range []sdk.ErrorKind{8, 255} {
		if k.String() != "unknown" {
			t.Errorf("ErrorKind(%d) is %s", uint8(k), k)
		}
	}
}

func TestWhatIsNoOutcomeIsRefused(t *testing.T) {
	for _, word := range []string{"", "succeeded", "SUCCESS", " PENDING", "FAILED", "11"} {
		if o, err := sdk.ParseOutcome(word); err == nil || o != sdk.OutcomeUnknown {
			t.Errorf("ParseOutcome(%q) = %v, %v, want UNKNOWN and an error", word, o, err)
		}
	}
}

func TestOnlyACreateCallKnowsThatNothingWasCreated(t *testing.T) {
	var got []sdk.Outcome
	for _, o := range sdk.Outcomes() {
		if o.CreateOnly() {
			got = append(got, o)
		}
	}
	if diff := cmp.Diff([]sdk.Outcome{sdk.OutcomeNotSent, sdk.OutcomeRejected}, got); diff != "" {
		t.Errorf("outcomes of a create call only (-want +got):\n%s", diff)
	}
}

func TestVerdictsAndAuthenticitiesAreTheirWords(t *testing.T) {
	want := []string{"unknown", "accepted", "refused", "unverified", "hint", "genuine", "forged", "ping"}
	var got []string
	for _, v := range []sdk.Verdict{sdk.VerdictUnknown, sdk.VerdictAccepted, sdk.VerdictRefused} {
		got = append(got, v.String())
	}
	for _, a := range []sdk.Authenticity{sdk.Unverified, sdk.Hint, sdk.Genuine, sdk.Forged, sdk.Ping} {
		got = append(got, a.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

// The next account is asked only where another one could say yes.
func TestWhichReasonsGoOnToTheNextAccount(t *testing.T) {
	tests := map[sdk.Reason]bool{
		sdk.ReasonAuthentication: true, sdk.ReasonProviderUnavailable: true, sdk.ReasonRateLimited: true,
		sdk.ReasonLimitExceeded: true, sdk.ReasonNotSupported: true, sdk.ReasonInsufficientFloat: true,
		sdk.ReasonCustomerUnknown: true, sdk.ReasonDeclined: true, "duplicate_open_order": true,
		sdk.ReasonNone: false, sdk.ReasonInvalidRequest: false, sdk.ReasonInsufficientFunds: false,
		sdk.ReasonDuplicate: false, sdk.ReasonCanceledByCustomer: false, sdk.ReasonExpired: false,
		"a word of a later version": false,
	}
	for reason, want := range tests {
		if got := reason.Cascades(); got != want {
			t.Errorf("%q cascades: %v, want %v", reason, got, want)
		}
	}
}
