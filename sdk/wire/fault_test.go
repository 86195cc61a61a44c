package wire_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
	"github.com/paymux/paymux/sdk/wire"
)

// register registers backend on server as go-plugin does.
func register(t testing.TB, server *grpc.Server, backend wire.Backend) {
	t.Helper()
	set := wire.ServerSets(backend, open)[wire.ProtocolVersion]
	if err := set[wire.PluginName].(plugin.GRPCPlugin).GRPCServer(nil, server); err != nil {
		t.Fatalf("register: %v", err)
	}
}

// detailOf returns the one Fault of a status.
func detailOf(t testing.TB, err error) *pb.Fault {
	t.Helper()
	details := status.Convert(err).Details()
	if len(details) != 1 {
		t.Fatalf("%v has %d details, want one Fault", err, len(details))
	}
	fault, ok := details[0].(*pb.Fault)
	if !ok {
		t.Fatalf("detail is %T, want a Fault", details[0])
	}
	return fault
}

func createError(t testing.TB, client *wire.Client) error {
	t.Helper()
	_, err := client.Account("cinetpay-ci", "hash").CreatePayment(t.Context(), sdk.PaymentRequest{})
	if err == nil {
		t.Fatal("the call succeeded, want an error")
	}
	return err
}

func TestFaultsAreFoundWithErrorsIs(t *testing.T) {
	refused := &sdk.Error{Kind: sdk.KindUnavailable, Message: "connect: connection refused", Sent: sdk.NotSent}
	tests := map[string]struct {
		err     error
		is      error
		text    string
		outcome sdk.Outcome
	}{
		"rate limited": {
			&sdk.Error{Kind: sdk.KindRateLimited, ProviderCode: "429-A", Message: "slow down"},
			sdk.ErrRateLimited, "rate_limited 429-A: slow down", sdk.OutcomeUnknown,
		},
		"proved not sent":  {refused, sdk.ErrUnavailable, "unavailable: connect: connection refused (not sent)", sdk.OutcomeNotSent},
		"wrapped in words": {fmt.Errorf("pay: %w", refused), sdk.ErrUnavailable, "unavailable: pay: connect: connection refused (not sent)", sdk.OutcomeNotSent},
		"no fault at all":  {errors.New("boom"), &sdk.Error{}, "unknown: boom", sdk.OutcomeUnknown},
		"a bare time-out":  {context.DeadlineExceeded, context.DeadlineExceeded, "unknown: context deadline exceeded", sdk.OutcomeUnknown},
		"a wrapped time-out": {
			&sdk.Error{Kind: sdk.KindUnavailable, Message: "no answer", Err: context.DeadlineExceeded},
			context.DeadlineExceeded, "unavailable: no answer", sdk.OutcomeUnknown,
		},
		"a cancellation": {fmt.Errorf("pay: %w", context.Canceled), context.Canceled, "unknown: pay: context canceled", sdk.OutcomeUnknown},
	}
	s := &script{}
	client := dial(t, s)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s.err = test.err
			err := createError(t, client)
			if !errors.Is(err, test.is) {
				t.Errorf("errors.Is(%v, %v) = false", err, test.is)
			}
			if err.Error() != test.text {
				t.Errorf("error = %q, want %q", err, test.text)
			}
			if got := sdk.CreateOutcome(err); got != test.outcome {
				t.Errorf("counts as %s, want %s", got, test.outcome)
			}
		})
	}
}

func TestAStatusThatIsNoFaultIsUnknown(t *testing.T) {
	notSent := &pb.Fault{Kind: pb.FaultKind_FAULT_KIND_UNAVAILABLE, Sent: pb.Sent_SENT_NOT_SENT}
	with := func(details ...protoadapt.MessageV1) error {
		st, err := status.New(codes.Unavailable, "connection refused").WithDetails(details...)
		if err != nil {
			t.Fatalf("details: %v", err)
		}
		return st.Err()
	}
	v1 := protoadapt.MessageV1Of
	tests := map[string]struct {
		err     error
		outcome sdk.Outcome
	}{
		"no detail":                {with(), sdk.OutcomeUnknown},
		"two faults":               {with(v1(notSent), v1(notSent)), sdk.OutcomeUnknown},
		"a fault and another one":  {with(v1(notSent), v1(durationpb.New(1))), sdk.OutcomeUnknown},
		"a detail of another type": {with(v1(durationpb.New(1))), sdk.OutcomeUnknown},
		"a fault of a later kind":  {with(v1(&pb.Fault{Kind: later, Sent: later})), sdk.OutcomeUnknown},
		"control: exactly one":     {with(v1(notSent)), sdk.OutcomeNotSent},
	}
	s := &stranger{}
	client := meet(t, s)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s.err = test.err
			err := createError(t, client)
			if got := sdk.CreateOutcome(err); got != test.outcome {
				t.Errorf("%v counts as %s, want %s", err, got, test.outcome)
			}
		})
	}
}

func TestACallThatThePluginDoesNotHaveIsNotSupportedAndUnknown(t *testing.T) {
	client := meet(t, &stranger{})
	_, err := client.Account("cinetpay-ci", "hash").CreatePayout(t.Context(), sdk.PayoutRequest{})
	if !errors.Is(err, sdk.ErrNotSupported) {
		t.Errorf("error = %v, want ErrNotSupported", err)
	}
	if got := sdk.CreateOutcome(err); got != sdk.OutcomeUnknown {
		t.Errorf("counts as %s, want UNKNOWN: nothing was proved", got)
	}
}

// stuck never answers a payment before its context ends.
type stuck struct {
	script
	entered chan struct{}
}

func (s *stuck) Account(wire.AccountID) (sdk.FullProvider, error) { return s, nil }

func (s *stuck) CreatePayment(ctx context.Context, _ sdk.PaymentRequest) (sdk.Result, error) {
	close(s.entered)
	<-ctx.Done()
	return sdk.Result{}, ctx.Err()
}

func TestALostAnswerIsUnknown(t *testing.T) {
	tests := map[string]struct {
		lose func(cancel context.CancelFunc, server *grpc.Server)
		is   error
	}{
		"the plugin dies":   {func(_ context.CancelFunc, server *grpc.Server) { server.Stop() }, nil},
		"the caller leaves": {func(cancel context.CancelFunc, _ *grpc.Server) { cancel() }, context.Canceled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &stuck{entered: make(chan struct{})}
			conn, server := connect(t, func(server *grpc.Server) { register(t, server, s) })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-s.entered
				test.lose(cancel, server)
			}()
			_, err := wire.NewClient(t.Context(), conn).Account("a", "h").CreatePayment(ctx, sdk.PaymentRequest{})
			if errors.As(err, new(*sdk.Error)) || err == nil {
				t.Errorf("error = %v (%T), want one that is no fault", err, err)
			}
			if got := sdk.CreateOutcome(err); got != sdk.OutcomeUnknown {
				t.Errorf("%v counts as %s, want UNKNOWN", err, got)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("errors.Is(%v, %v) = false", err, test.is)
			}
		})
	}
	t.Run("the deadline passes", func(t *testing.T) {
		conn, _ := connect(t, func(server *grpc.Server) { register(t, server, &script{}) })
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		_, err := wire.NewClient(t.Context(), conn).Account("a", "h").CreatePayment(ctx, sdk.PaymentRequest{})
		if !errors.Is(err, context.DeadlineExceeded) || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
			t.Errorf("error = %v (%s), want DeadlineExceeded and UNKNOWN", err, sdk.CreateOutcome(err))
		}
	})
}

func TestAFaultIsBounded(t *testing.T) {
	s := &script{err: &sdk.Error{
		Message:   strings.Repeat("é", 1<<20),
		Exchanges: make([]sdk.Exchange, 10_000),
		Sent:      sdk.NotSent,
	}}
	err := createError(t, dial(t, s))
	var fault *sdk.Error
	if !errors.As(err, &fault) {
		t.Fatalf("error = %v, want a fault", err)
	}
	if len(fault.Message) > 8<<10+2 || len(fault.Exchanges) != 32 || fault.Sent != sdk.NotSent {
		t.Errorf("fault has %d bytes, %d exchanges, sent %d; want at most 8 KiB, 32 and NotSent",
			len(fault.Message), len(fault.Exchanges), fault.Sent)
	}
}

func TestWhatAnotherPluginSaysOfAFaultIsBounded(t *testing.T) {
	exchanges := make([]*pb.Exchange, 1000)
	for i := range exchanges {
		exchanges[i] = &pb.Exchange{}
	}
	// A byte before what has two, so that the cut falls between them.
	long := "e" + strings.Repeat("é", 100<<10)
	faulty, err := status.New(codes.Unknown, "").WithDetails(&pb.Fault{Message: long, Exchanges: exchanges})
	if err != nil {
		t.Fatalf("details: %v", err)
	}
	s := &stranger{}
	client := meet(t, s)
	for name, answer := range map[string]error{"a fault": faulty.Err(), "no fault": status.Error(codes.Internal, long)} {
		s.err = answer
		err := createError(t, client)
		if size := len(err.Error()); size > 9<<10 || size < 8<<10 || !utf8.ValidString(err.Error()) {
			t.Errorf("%s: the error has %d bytes, want the first 8 KiB in UTF-8", name, size)
		}
		var fault *sdk.Error
		if errors.As(err, &fault) && len(fault.Exchanges) != 32 {
			t.Errorf("%s: %d exchanges are kept, want 32", name, len(fault.Exchanges))
		}
	}
}
