package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/paymux/paymux/sdk"
)

// facade is an account as the host hands it out: whatever process serves it at
// the moment, each call with a deadline, each error saying what is known.
type facade struct {
	process *process
	account string
	timeout time.Duration
}

var _ sdk.FullProvider = (*facade)(nil)

// dispatch hands one call to the live process and returns that process. What
// never was handed over is NOT_SENT. What was, and came back without the
// plugin's own answer, is an *sdk.Error that may have been sent, with lost.
func dispatch[T any](ctx context.Context, f *facade, call func(context.Context, sdk.FullProvider) (T, error)) (answer T, g *generation, err error) {
	var none T
	now := f.process.state()
	if now.live == nil {
		return none, nil, notSent("plugin %s is %s", f.process.plugin, now.health)
	}
	one := f.process.known.permit(f.account, now.live.accounts[f.account])
	if one.provider == nil {
		return none, nil, notSent("the account is not open: %s", one.fault)
	}
	if ctx.Err() != nil {
		return none, nil, notSent("the deadline passed before it was handed to the plugin")
	}
	if !now.live.record.enter() {
		return none, nil, notSent("plugin %s is ending", f.process.plugin)
	}
	defer now.live.record.leave()
	answer, err = call(ctx, one.provider)
	if err == nil {
		return answer, now.live, nil
	}
	return none, now.live, f.known(now.live, err)
}

// known returns what an error means. The plugin's own faults are *sdk.Error by
// now; any other error is a call without an answer.
func (f *facade) known(g *generation, err error) error {
	var fault *sdk.Error
	if errors.As(err, &fault) {
		return err
	}
	g.doubt()
	return &sdk.Error{Kind: sdk.KindUnknown, Message: err.Error() + "; what became of the call is unknown", Err: err}
}

func notSent(format string, args ...any) error {
	return &sdk.Error{Kind: sdk.KindUnavailable, Message: fmt.Sprintf(format, args...), Sent: sdk.NotSent}
}

// once makes a call that is never repeated.
func once[T any](ctx context.Context, f *facade, call func(context.Context, sdk.FullProvider) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	answer, _, err := dispatch(ctx, f, call)
	return answer, err
}

// create makes a call that creates something, unless it is too late to send it.
func create(ctx context.Context, f *facade, sendBy time.Time, call func(context.Context, sdk.FullProvider) (sdk.Result, error)) (sdk.Result, error) {
	if !sendBy.IsZero() && !time.Now().Before(sendBy) {
		return sdk.Result{}, notSent("the time to send it was over before it was handed to the plugin")
	}
	return once(ctx, f, call)
}

// read makes a call that only reads. If its process dies meanwhile it is made
// once more, of the next process. The status code decides here only whether
// that is worth waiting for: a repeated question harms nobody.
func read[T any](ctx context.Context, f *facade, call func(context.Context, sdk.FullProvider) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	answer, g, err := dispatch(ctx, f, call)
	if g == nil || status.Code(err) != codes.Unavailable || !f.process.replaced(ctx, g) {
		return answer, err
	}
	answer, _, err = dispatch(ctx, f, call)
	return answer, err
}

// replaced reports whether g died and another generation serves soon.
func (p *process) replaced(ctx context.Context, g *generation) bool {
	ctx, cancel := context.WithTimeout(ctx, p.launcher.pace.repeat)
	defer cancel()
	select {
	case <-g.gone:
		return p.await(ctx, g)
	case <-ctx.Done():
		return false
	}
}
