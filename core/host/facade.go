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
	host    *Host
	account string
}

var _ sdk.FullProvider = (*facade)(nil)

// Hide returns text without the secrets of whoever serves the account, and without cards.
func (f *facade) Hide(text string) string {
	p, ok := f.host.now.Load().serving[f.account]
	if !ok {
		return ""
	}
	if last := p.state().last; last != nil {
		return last.hide(text)
	}
	return ""
}

// seat finds who serves the account in a fleet, and the account there.
func (f *facade) seat(now *fleet) (*generation, *opened, error) {
	p, ok := now.serving[f.account]
	if !ok {
		return nil, nil, notSent("the account is not configured any more")
	}
	is := p.state()
	if is.live == nil {
		return nil, nil, notSent("plugin %s is %s", p.plugin, is.health)
	}
	one := is.live.roster()[f.account]
	switch {
	case one == nil:
		return nil, nil, notSent("the account is not open")
	case one.fault != nil:
		return nil, nil, notSent("the account is not open: %w", one.fault)
	}
	if err := f.host.known.twin(f.account); err != nil {
		return nil, nil, notSent("the account is not open: %w", err)
	}
	return is.live, one, nil
}

// enter finds who serves the account and notes a call there. Who takes no calls
// any more was replaced before it stopped, so that the next look finds another
// one, or why there is none.
func (f *facade) enter() (*generation, *opened, error) {
	for {
		now := f.host.now.Load()
		g, one, err := f.seat(now)
		if err != nil && f.host.now.Load() != now {
			continue // Who served it was replaced meanwhile.
		}
		if err != nil || g.enter(one) {
			return g, one, err
		}
	}
}

// dispatch hands one call to the live process and returns that process. What
// never was handed over is NOT_SENT. What was, and came back without the
// plugin's own answer, is an *sdk.Error that may have been sent, with lost.
func dispatch[T any](ctx context.Context, f *facade, call func(context.Context, sdk.FullProvider) (T, error)) (answer T, g *generation, err error) {
	var none T
	if ctx.Err() != nil {
		return none, nil, notSent("the deadline passed before it was handed to the plugin")
	}
	g, one, err := f.enter()
	if err != nil {
		return none, nil, err
	}
	defer g.leave(one)
	answer, err = call(ctx, one.provider)
	if err == nil {
		return hidden(g.child, answer), g, nil
	}
	return none, g, f.known(g, g.hiddenError(err))
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
	return &sdk.Error{Kind: sdk.KindUnavailable, Message: fmt.Errorf(format, args...).Error(), Sent: sdk.NotSent}
}

// timeout bounds one call of the account.
func (f *facade) timeout() time.Duration {
	if bound, ok := f.host.now.Load().bounds[f.account]; ok {
		return bound
	}
	return DefaultTimeout // The call is going to be refused.
}

// once makes a call that is never repeated.
func once[T any](ctx context.Context, f *facade, call func(context.Context, sdk.FullProvider) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout())
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
	ctx, cancel := context.WithTimeout(ctx, f.timeout())
	defer cancel()
	answer, g, err := dispatch(ctx, f, call)
	if g == nil || ctx.Err() != nil || !cutOff(err) || !f.replaced(ctx, g) {
		return answer, err
	}
	answer, _, err = dispatch(ctx, f, call)
	return answer, err
}

// cutOff reports whether an error may come of the end of the process, or of the
// connection that the host closes then.
func cutOff(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.Canceled
}

// replaced reports whether g serves no more and another generation does soon.
func (f *facade) replaced(ctx context.Context, g *generation) bool {
	ctx, cancel := context.WithTimeout(ctx, g.pace.repeat)
	defer cancel()
	select {
	case <-g.gone:
	case <-ctx.Done():
		return false
	}
	for {
		p, ok := f.host.now.Load().serving[f.account]
		if !ok {
			return false
		}
		live, changed := p.watchLive()
		if live != nil && live != g {
			return true
		}
		select {
		case <-changed: // A process that is replaced changes after the fleet did.
		case <-ctx.Done():
			return false
		}
	}
}
