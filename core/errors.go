package core

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
)

// Sentinels of the store.
var (
	// ErrNotFound means that no such record was recorded.
	ErrNotFound = errors.New("not found")
	// ErrConflict means that a record changed since it was read: load it and ask the machine again.
	ErrConflict = errors.New("changed since it was read")
	// ErrKeyTaken means that the idempotency scope has a row already.
	ErrKeyTaken = errors.New("idempotency key is taken")
	// ErrClaimTaken means that another open order has the right to a transfer of this shape.
	ErrClaimTaken = errors.New("another open order waits for the same transfer")
	// ErrOpenMax means that the merchant has as many open transactions as it may.
	ErrOpenMax = errors.New("the most open transactions are reached")
	// ErrReadOnly means that the store cannot be written now (disk full, read-only
	// file system); nothing was stored, reading goes on.
	ErrReadOnly = errors.New("store is read-only")
	// ErrPoisoned means that a write failed in a way that leaves its fate unknown:
	// the process must end and read the store again.
	ErrPoisoned = errors.New("store is poisoned")
	// ErrInvalidRecord means that a record breaks an invariant; it was neither written nor believed.
	ErrInvalidRecord = errors.New("record breaks an invariant")
)

// DuplicateReferenceError says that (merchant, kind, reference) is in use.
type DuplicateReferenceError struct {
	Reference   string
	Transaction string
}

// Error names the transaction that holds the reference.
func (e *DuplicateReferenceError) Error() string {
	return fmt.Sprintf("reference %q is in use by %s", e.Reference, e.Transaction)
}

// IllegalTransitionError says that an event cannot happen in a state. It is
// logged and counted, and changes nothing.
type IllegalTransitionError struct {
	Transaction string
	State       State
	Signal      string
}

// Error names both sides.
func (e *IllegalTransitionError) Error() string {
	return fmt.Sprintf("illegal transition: %s is %s, which has no %s", e.Transaction, e.State, e.Signal)
}

// ErrIllegalTransition is what errors.Is finds in every IllegalTransitionError.
var ErrIllegalTransition = errors.New("illegal transition")

// Is makes errors.Is(err, ErrIllegalTransition) true.
func (e *IllegalTransitionError) Is(target error) bool { return target == ErrIllegalTransition }

// Problem is a refusal that a caller should see: a stable code, words for a
// person, and the fields that are wrong. The HTTP API shows it as problem+json.
type Problem struct {
	Code   string
	Detail string
	Fields []FieldError
	// RetryAfter is set where trying again later may help.
	RetryAfter time.Duration
	// Transaction is the other transaction meant, if any.
	Transaction string
	// NextAction is what would help, for customer_unknown: where to sign up.
	NextAction *sdk.NextAction
	// Removed says, for no_route and provider_unavailable, why each account was left out.
	Removed []Removed
	// Faults says, for configuration_refused, everything that is wrong with the files.
	Faults []Diagnostic
}

// FieldError is one wrong field of a request. Value is set for harmless fields only.
type FieldError struct {
	Location string
	Message  string
	Value    string
}

// Error reads as "code: detail: location message". Faults follow, a line each.
func (p *Problem) Error() string {
	parts := []string{p.Code}
	if p.Detail != "" {
		parts = append(parts, p.Detail)
	}
	for _, f := range p.Fields {
		parts = append(parts, f.Location+" "+f.Message)
	}
	text := strings.Join(parts, ": ")
	for _, d := range p.Faults {
		text += "\n" + d.String()
	}
	return text
}

// Is reports whether target is a Problem with the same code.
func (p *Problem) Is(target error) bool {
	var other *Problem
	return errors.As(target, &other) && other.Code == p.Code
}

// The problems, for errors.Is. Their codes are part of the HTTP API.
var (
	ErrInvalidRequest        = &Problem{Code: "invalid_request"}
	ErrUnauthorized          = &Problem{Code: "unauthorized"}
	ErrForbidden             = &Problem{Code: "forbidden"}
	ErrUnknownTransaction    = &Problem{Code: "not_found"}
	ErrNoRoute               = &Problem{Code: "no_route"}
	ErrDenied                = &Problem{Code: "denied"}
	ErrProviderUnavailable   = &Problem{Code: "provider_unavailable"}
	ErrStoreUnavailable      = &Problem{Code: "store_unavailable"}
	ErrDuplicateReference    = &Problem{Code: "duplicate_reference"}
	ErrIdempotencyKeyMissing = &Problem{Code: "idempotency_key_missing"}
	ErrIdempotencyKeyReused  = &Problem{Code: "idempotency_key_reused"}
	ErrIdempotencyInFlight   = &Problem{Code: "idempotency_in_flight"}
	ErrDecisionMade          = &Problem{Code: "decision_made"}
	ErrAlreadyFinal          = &Problem{Code: "already_final"}
	ErrNotSupported          = &Problem{Code: "not_supported"}
	ErrNotAllowed            = &Problem{Code: "not_allowed"}
	ErrConfigurationRefused  = &Problem{Code: "configuration_refused"}
	ErrTooManyOpen           = &Problem{Code: "too_many_open"}
	ErrRateLimited           = &Problem{Code: string(sdk.ReasonRateLimited)}
	ErrTooLarge              = &Problem{Code: "too_large"}
	ErrCustomerUnknown       = &Problem{Code: string(sdk.ReasonCustomerUnknown)}
)
