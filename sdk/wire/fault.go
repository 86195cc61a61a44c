package wire

import (
	"context"
	"errors"
	"path"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

const (
	// faultMessageMax and faultExchangesMax bound a fault, which travels in the
	// trailer of the answer and not in a message. Both sides see to it.
	faultMessageMax   = 8 << 10
	faultExchangesMax = 32
)

// FaultOf returns err as it leaves a plugin: the fault in it, with the words of
// what wraps it, and err as its cause. An error without a fault is of unknown
// kind, and its request may have left.
func FaultOf(err error) *sdk.Error {
	var found *sdk.Error
	if !errors.As(err, &found) {
		return &sdk.Error{Message: err.Error(), Err: err}
	}
	fault := *found
	if around, wrapped := strings.CutSuffix(err.Error(), found.Error()); wrapped {
		fault.Message = around + found.Message
	}
	fault.Err = err
	return &fault
}

// statusOf returns err as a status with one Fault, which is how every error
// leaves a plugin.
func statusOf(err error) error {
	fault := readable(faultToProto(FaultOf(err)))
	st, detailErr := status.New(codeOf(err, fault.GetKind()), fault.GetMessage()).WithDetails(fault)
	if detailErr != nil {
		return status.Error(codes.Internal, "the fault could not be packed: "+detailErr.Error())
	}
	return st.Err()
}

// codeOf returns the status code for tools that show codes. Only those of a
// context are read again on the other side; the rest is in the Fault.
func codeOf(err error, kind pb.FaultKind) codes.Code {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	}
	switch kind {
	case pb.FaultKind_FAULT_KIND_INVALID:
		return codes.InvalidArgument
	case pb.FaultKind_FAULT_KIND_AUTHENTICATION:
		return codes.Unauthenticated
	case pb.FaultKind_FAULT_KIND_RATE_LIMITED:
		return codes.ResourceExhausted
	case pb.FaultKind_FAULT_KIND_UNAVAILABLE:
		return codes.Unavailable
	case pb.FaultKind_FAULT_KIND_NOT_SUPPORTED:
		return codes.Unimplemented
	case pb.FaultKind_FAULT_KIND_NOT_FOUND:
		return codes.NotFound
	case pb.FaultKind_FAULT_KIND_PANIC:
		return codes.Internal
	default:
		return codes.Unknown
	}
}

// errorFrom returns what the engine sees of an error of the call to method: an
// *sdk.Error where the plugin sent exactly one Fault, a lostError otherwise.
func errorFrom(method string, err error) error {
	st := status.Convert(err)
	cause := contextError(st.Code())
	if details := st.Details(); len(details) == 1 {
		if fault, ok := details[0].(*pb.Fault); ok {
			return faultFromProto(fault, cause)
		}
	}
	call := path.Base(method)
	if st.Code() == codes.Unimplemented {
		return &sdk.Error{Kind: sdk.KindNotSupported, Message: "the plugin has no " + call, Err: err}
	}
	return &lostError{call: call, status: err, cause: cause, text: faultText(st.Message())}
}

func contextError(code codes.Code) error {
	switch code {
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.Canceled:
		return context.Canceled
	default:
		return nil
	}
}

// lostError is a call without an answer. It is no *sdk.Error, so it never counts
// as NOT_SENT: "connection refused" and "EOF after the request" look alike here.
type lostError struct {
	call   string
	text   string
	status error
	cause  error
}

// Error names the call and says what is not known.
func (e *lostError) Error() string { return "plugin: " + e.call + ": no answer: " + e.text }

// Unwrap makes errors.Is find context.DeadlineExceeded and context.Canceled, and
// status.FromError the status.
func (e *lostError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.status}
	}
	return []error{e.status, e.cause}
}

// faultText returns the beginning of the words of a fault.
func faultText(text string) string {
	if len(text) <= faultMessageMax {
		return text
	}
	return strings.ToValidUTF8(text[:faultMessageMax], "\uFFFD")
}

// latest returns the exchanges of a fault that are kept.
func latest[E any](exchanges []E) []E {
	return exchanges[max(0, len(exchanges)-faultExchangesMax):]
}

func faultToProto(e *sdk.Error) *pb.Fault {
	return &pb.Fault{
		Kind:         faultKinds.proto[e.Kind],
		ProviderCode: e.ProviderCode,
		Message:      faultText(e.Message),
		RetryAfter:   durationToProto(e.RetryAfter),
		Sent:         sents.proto[e.Sent],
		Exchanges:    each(latest(e.Exchanges), exchangeToProto),
	}
}

func faultFromProto(p *pb.Fault, cause error) *sdk.Error {
	return &sdk.Error{
		Kind:         faultKinds.sdk[p.GetKind()],
		ProviderCode: p.GetProviderCode(),
		Message:      faultText(p.GetMessage()),
		RetryAfter:   durationFromProto(p.GetRetryAfter()),
		Sent:         sents.sdk[p.GetSent()],
		Exchanges:    each(latest(p.GetExchanges()), exchangeFromProto),
		Err:          cause,
	}
}
