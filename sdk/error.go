package sdk

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrorKind is the kind of a fault.
type ErrorKind uint8

// The kinds of faults. The zero value is KindUnknown.
const (
	KindUnknown ErrorKind = iota
	KindInvalid
	KindAuthentication
	KindRateLimited
	KindUnavailable
	KindNotSupported
	KindNotFound
	KindPanic

	errorKindCount
)

var errorKindWords = [errorKindCount]string{
	"unknown", "invalid", "authentication", "rate_limited", "unavailable", "not_supported", "not_found", "panic",
}

// String returns the word of k.
func (k ErrorKind) String() string {
	if k >= errorKindCount {
		return errorKindWords[KindUnknown]
	}
	return errorKindWords[k]
}

// Sent says whether a request may have left. The zero value is MaybeSent:
// only a proof makes it NotSent.
type Sent uint8

const (
	// MaybeSent means that the request may have reached the provider.
	MaybeSent Sent = iota
	// NotSent means that no connection was ever handed over; httpx proves it.
	NotSent
)

// Error is a fault: the call could not be made or its answer could not be read.
// A business answer, a decline included, is a Result and never an Error.
// errors.Is compares kinds with the sentinels below, also across the process border.
type Error struct {
	Kind         ErrorKind
	ProviderCode string
	// Message tells what happened, without secrets.
	Message    string
	RetryAfter time.Duration
	Sent       Sent
	// Err is the cause; it does not cross the process border.
	Err error
	// Exchanges are the HTTP calls made before the fault.
	Exchanges []Exchange
}

// Sentinels for errors.Is.
var (
	ErrInvalid        = &Error{Kind: KindInvalid}
	ErrAuthentication = &Error{Kind: KindAuthentication}
	ErrRateLimited    = &Error{Kind: KindRateLimited}
	ErrUnavailable    = &Error{Kind: KindUnavailable}
	ErrNotSupported   = &Error{Kind: KindNotSupported}
	ErrNotFound       = &Error{Kind: KindNotFound}
	ErrPanic          = &Error{Kind: KindPanic}
)

// Error reads as "kind code: message" and says where the request provably never left.
func (e *Error) Error() string {
	text := e.Kind.String()
	if e.ProviderCode != "" {
		text += " " + e.ProviderCode
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Sent == NotSent {
		text += " (not sent)"
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same kind without further detail.
func (e *Error) Is(target error) bool {
	var t *Error
	if !errors.As(target, &t) {
		return false
	}
	return t.Kind == e.Kind && t.ProviderCode == "" && t.Message == ""
}

// Errorf returns a fault of the given kind.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Message: err.Error(), Err: errors.Unwrap(err)}
}

// CreateOutcome returns what the error of a create call means: NOT_SENT where it
// was proved, UNKNOWN otherwise.
func CreateOutcome(err error) Outcome {
	var fault *Error
	if errors.As(err, &fault) && fault.Sent == NotSent {
		return OutcomeNotSent
	}
	return OutcomeUnknown
}

// ExchangesOf returns the HTTP calls that an error tells of, nil where it tells
// of none.
func ExchangesOf(err error) []Exchange {
	if fault, ok := errors.AsType[*Error](err); ok {
		return fault.Exchanges
	}
	return nil
}

// Preceded returns an error that tells of earlier exchanges too, such as those of
// a login, before its own. One that is no *Error stays as it is.
func Preceded(err error, earlier []Exchange) error {
	fault, ok := errors.AsType[*Error](err)
	if !ok || len(earlier) == 0 {
		return err
	}
	whole := *fault
	whole.Exchanges = slices.Concat(earlier, fault.Exchanges)
	return &whole
}
