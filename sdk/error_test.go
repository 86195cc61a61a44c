package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

var sentinels = map[sdk.ErrorKind]error{
	sdk.KindInvalid: sdk.ErrInvalid, sdk.KindAuthentication: sdk.ErrAuthentication,
	sdk.KindRateLimited: sdk.ErrRateLimited, sdk.KindUnavailable: sdk.ErrUnavailable,
	sdk.KindNotSupported: sdk.ErrNotSupported, sdk.KindNotFound: sdk.ErrNotFound, sdk.KindPanic: sdk.ErrPanic,
}

func TestAFaultIsItsKindAndNoOther(t *testing.T) {
	for kind := sdk.KindUnknown; kind <= sdk.KindPanic; kind++ {
		fault := &sdk.Error{
			Kind: kind, ProviderCode: "429-A", Message: "slow down", RetryAfter: time.Minute,
			Sent: sdk.NotSent, Exchanges: []sdk.Exchange{{Method: "POST"}},
		}
		wrapped := fmt.Errorf("attempt 2 via cenoa: %w", fault)
		for other, sentinel := range sentinels {
			if got, want := errors.Is(wrapped, sentinel), other == kind; got != want {
				t.Errorf("a fault of kind %s is %v: %v, want %v", kind, sentinel, got, want)
			}
		}
	}
}

func TestAFaultIsNotAnotherFaultOfItsKind(t *testing.T) {
	fault := sdk.Errorf(sdk.KindInvalid, "the amount is too small")
	for name, other := range map[string]error{
		"with a message":        sdk.Errorf(sdk.KindInvalid, "the phone is missing"),
		"with a provider code":  &sdk.Error{Kind: sdk.KindInvalid, ProviderCode: "E12"},
		"of no kind of the sdk": errors.New("invalid"),
	} {
		if errors.Is(fault, other) {
			t.Errorf("it is the fault %s", name)
		}
	}
	if !errors.Is(fault, fault) {
		t.Error("it is not itself")
	}
}

func TestAFaultReadsAsAPath(t *testing.T) {
	tests := map[string]struct {
		fault *sdk.Error
		want  string
	}{
		"nothing known": {&sdk.Error{}, "unknown"},
		"a kind":        {&sdk.Error{Kind: sdk.KindRateLimited}, "rate_limited"},
		"a message":     {sdk.Errorf(sdk.KindInvalid, "step is %d XOF", 5), "invalid: step is 5 XOF"},
		"everything": {
			&sdk.Error{Kind: sdk.KindUnavailable, ProviderCode: "503", Message: "maintenance", Sent: sdk.NotSent},
			"unavailable 503: maintenance (not sent)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.fault.Error()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorfKeepsItsCause(t *testing.T) {
	fault := sdk.Errorf(sdk.KindUnavailable, "read the answer: %w", context.DeadlineExceeded)
	if !errors.Is(fault, context.DeadlineExceeded) || !errors.Is(fault, sdk.ErrUnavailable) {
		t.Errorf("%v is not both its kind and its cause", fault)
	}
	if fault.Sent != sdk.MaybeSent {
		t.Error("it says that nothing was sent")
	}
	if plain := sdk.Errorf(sdk.KindInvalid, "no cause"); plain.Unwrap() != nil {
		t.Errorf("a fault without a cause has %v", plain.Unwrap())
	}
}

func TestOnlyAProofMakesALostCreateNotSent(t *testing.T) {
	tests := map[string]struct {
		err  error
		want sdk.Outcome
	}{
		"proved":             {&sdk.Error{Kind: sdk.KindUnavailable, Sent: sdk.NotSent}, sdk.OutcomeNotSent},
		"proved and wrapped": {fmt.Errorf("via cenoa: %w", &sdk.Error{Sent: sdk.NotSent}), sdk.OutcomeNotSent},
		"not proved":         {&sdk.Error{Kind: sdk.KindUnavailable}, sdk.OutcomeUnknown},
		"invalid, no proof":  {&sdk.Error{Kind: sdk.KindInvalid}, sdk.OutcomeUnknown},
		"a sentinel":         {sdk.ErrNotSupported, sdk.OutcomeUnknown},
		"a deadline":         {context.DeadlineExceeded, sdk.OutcomeUnknown},
		"a canceled call":    {context.Canceled, sdk.OutcomeUnknown},
		"any other error":    {errors.New("connection refused"), sdk.OutcomeUnknown},
		"no error":           {nil, sdk.OutcomeUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := sdk.CreateOutcome(test.err); got != test.want {
				t.Errorf("CreateOutcome(%v) = %s, want %s", test.err, got, test.want)
			}
		})
	}
}

func TestSendByTravelsInTheContext(t *testing.T) {
	if at, ok := sdk.SendBy(t.Context()); ok {
		t.Errorf("a context without one has %v", at)
	}
	want := time.Date(2026, 3, 1, 12, 0, 5, 0, time.UTC)
	ctx := sdk.WithSendBy(t.Context(), want)
	if at, ok := sdk.SendBy(ctx); !ok || !at.Equal(want) {
		t.Errorf("SendBy = %v, %v, want %v", at, ok, want)
	}
	if at, ok := sdk.SendBy(sdk.WithSendBy(t.Context(), time.Time{})); ok {
		t.Errorf("the zero time was set as %v: every call would be refused", at)
	}
}

func TestPrecededTellsEarlierCallsFirst(t *testing.T) {
	login, call := sdk.Exchange{URL: "/login"}, sdk.Exchange{URL: "/pay"}
	fault := &sdk.Error{Kind: sdk.KindUnavailable, Sent: sdk.NotSent, Exchanges: []sdk.Exchange{call}}
	got := sdk.Preceded(fmt.Errorf("create: %w", fault), []sdk.Exchange{login})
	if diff := cmp.Diff([]sdk.Exchange{login, call}, sdk.ExchangesOf(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !errors.Is(got, sdk.ErrUnavailable) || sdk.CreateOutcome(got) != sdk.OutcomeNotSent || len(fault.Exchanges) != 1 {
		t.Errorf("got %v of %v", got, fault)
	}
}

func TestPrecededLeavesOtherErrorsAlone(t *testing.T) {
	other := errors.New("other")
	if got := sdk.Preceded(other, []sdk.Exchange{{}}); !errors.Is(got, other) || sdk.ExchangesOf(got) != nil {
		t.Errorf("got %v", got)
	}
	wrapped := fmt.Errorf("create: %w", &sdk.Error{})
	if got := sdk.Preceded(wrapped, nil); !errors.Is(got, wrapped) {
		t.Errorf("got %v", got)
	}
}
