package core_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
)

var problems = []*core.Problem{
	core.ErrInvalidRequest, core.ErrUnauthorized, core.ErrForbidden, core.ErrUnknownTransaction,
	core.ErrNoRoute, core.ErrDenied, core.ErrProviderUnavailable, core.ErrStoreUnavailable,
	core.ErrDuplicateReference, core.ErrIdempotencyKeyMissing, core.ErrIdempotencyKeyReused,
	core.ErrIdempotencyInFlight, core.ErrDecisionMade, core.ErrAlreadyFinal, core.ErrNotSupported,
	core.ErrNotAllowed, core.ErrTooLarge, core.ErrCustomerUnknown,
}

// A client knows a problem by its code, so a code is never changed.
func TestProblemsAreTheirCodes(t *testing.T) {
	want := []string{
		"invalid_request", "unauthorized", "forbidden", "not_found", "no_route", "denied",
		"provider_unavailable", "store_unavailable", "duplicate_reference", "idempotency_key_missing",
		"idempotency_key_reused", "idempotency_in_flight", "decision_made", "already_final",
		"not_supported", "not_allowed", "too_large", "customer_unknown",
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Code)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestAProblemIsItsCodeAndNoOther(t *testing.T) {
	for _, one := range problems {
		wrapped := fmt.Errorf("orchestrator: create: %w", &core.Problem{
			Code: one.Code, Detail: "in words", RetryAfter: time.Second,
			Fields: []core.FieldError{{Location: "body.amount", Message: "required"}},
		})
		for _, other := range problems {
			if got, want := errors.Is(wrapped, other), one == other; got != want {
				t.Errorf("a problem %s is %s: %v, want %v", one.Code, other.Code, got, want)
			}
		}
		if errors.Is(wrapped, core.ErrNotFound) {
			t.Errorf("a problem %s is the store's ErrNotFound", one.Code)
		}
	}
}

func TestAProblemReadsAsAPath(t *testing.T) {
	tests := map[string]struct {
		problem core.Problem
		want    string
	}{
		"a code": {core.Problem{Code: "no_route"}, "no_route"},
		"detail": {core.Problem{Code: "denied", Detail: "amounts end at 500000 XOF"}, "denied: amounts end at 500000 XOF"},
		"fields": {
			core.Problem{Code: "invalid_request", Detail: "two fields are wrong", Fields: []core.FieldError{
				{Location: "body.amount", Message: "is required"},
				{Location: "body.customer.phone", Message: "is not possible", Value: "shown nowhere"},
			}},
			"invalid_request: two fields are wrong: body.amount is required: body.customer.phone is not possible",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.problem.Error()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnIllegalTransitionNamesBothSides(t *testing.T) {
	err := fmt.Errorf("machine: %w", &core.IllegalTransitionError{
		Transaction: "pay_1", State: core.StateSucceeded, Signal: "approve",
	})
	if !errors.Is(err, core.ErrIllegalTransition) || errors.Is(err, core.ErrConflict) {
		t.Errorf("%v is not an illegal transition and nothing else", err)
	}
	want := "machine: illegal transition: pay_1 is succeeded, which has no approve"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestADuplicateReferenceNamesItsHolder(t *testing.T) {
	err := &core.DuplicateReferenceError{Reference: "order 7", Transaction: "pay_1"}
	if diff := cmp.Diff(`reference "order 7" is in use by pay_1`, err.Error()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
