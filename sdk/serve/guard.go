package serve

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
	"github.com/paymux/paymux/sdk/wire"
)

// verdictTime is the most by which a call ends before the engine's deadline.
const verdictTime = time.Second

// guard stands around every call: it counts it, ends it in time, turns a panic
// into a fault, and hides secrets in what goes wrong.
func (s *server) guard(
	ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	if info.FullMethod != pb.PluginService_Shutdown_FullMethodName {
		if err := s.calls.begin(); err != nil {
			return nil, err
		}
		defer s.calls.end()
	}
	ctx, cancel := inTime(ctx)
	defer cancel()
	if wire.BodiesWanted(ctx) {
		ctx = sdk.WithBodies(ctx, s.secrets.hide)
	}
	resp, err := s.recovered(ctx, req, info.FullMethod, handler)
	if err != nil {
		return nil, s.secrets.fault(err)
	}
	return resp, nil
}

// inTime returns ctx ending a little before its deadline, by verdictTime or a
// quarter of what is left if that is less. A plugin that runs out of time can
// then still say what it knows, that nothing was sent above all, before the
// engine gives up and knows nothing.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-min(verdictTime, time.Until(deadline)/4)))
}

// recovered runs handler. A panic in it is a fault whose request may have left;
// its stack goes to the log, which is stderr.
func (s *server) recovered(ctx context.Context, req any, method string, handler grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		text := withoutNumbers(s.secrets.hide(fmt.Sprint(value)))
		s.log.ErrorContext(ctx, "a call panicked", "call", path.Base(method), "panic", text, "stack", string(debug.Stack()))
		err = &sdk.Error{Kind: sdk.KindPanic, Message: text}
	}()
	return handler(ctx, req)
}

// longNumber is what may be a phone or card number.
var longNumber = regexp.MustCompile(`[0-9][0-9 -]{6,}[0-9]`)

// withoutNumbers hides what may be a phone or card number in the words of a
// panic, which may quote whatever the plugin had in its hands.
func withoutNumbers(text string) string { return longNumber.ReplaceAllString(text, "[number]") }

// fault returns err as the fault it leaves as, without secrets.
func (s *secrets) fault(err error) error {
	fault := wire.FaultOf(err)
	fault.Message = s.hide(fault.Message)
	fault.Exchanges = s.exchanges(fault.Exchanges)
	return fault
}
