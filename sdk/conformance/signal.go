package conformance

import (
	"context"
	"syscall"
	"time"

	"github.com/paymux/paymux/sdk"
)

// signalTime is how long a process has to fall for a signal.
const signalTime = 200 * time.Millisecond

func signalLosesNothing() clause {
	return clause{
		name:    "SIGTERM during a call does not lose it",
		demands: "A process that gets SIGTERM while a call is under way answers it all the same.",
		mend:    "Ignore SIGTERM and SIGINT until the Shutdown call: a service manager signals the whole group while the engine still waits for answers. serve.Main does.",
		on:      processOnly,
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.survives(ctx, kind) })
		},
	}
}

func (b *bench) survives(ctx context.Context, kind sdk.Kind) (string, error) {
	o, creates, err := b.unsent(ctx, kind)
	if err != nil {
		return "", err
	}
	h := newHolder()
	defer h.let()
	b.proxy.set(creates, h.spoil)
	defer b.proxy.clear()
	answers := make(chan answer, 1)
	go func() { answers <- o.send(ctx, b.account) }()
	select {
	case <-h.held:
	case a := <-answers:
		return "", broken("the call ended before it reached the provider: %s", a)
	}
	if err := b.process.Signal(syscall.SIGTERM); err != nil {
		return "", err
	}
	short, cancel := context.WithTimeout(ctx, signalTime)
	defer cancel()
	ended := b.process.Ended(short)
	h.let()
	a := <-answers
	if ended {
		return "", broken("the process ended with the signal, and the call is %s", a)
	}
	if a.outcome() == sdk.OutcomeUnknown || a.outcome().CreateOnly() {
		return "", broken("the call is %s", a)
	}
	return "answered " + a.outcome().String(), nil
}
