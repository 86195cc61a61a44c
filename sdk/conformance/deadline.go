package conformance

import (
	"context"
	"time"

	"github.com/paymux/paymux/sdk"
)

const (
	// shortTime is the deadline of the calls of this clause.
	shortTime = 300 * time.Millisecond
	// lateMax is how much later a call may end, on a machine with other work.
	lateMax = time.Second
)

func deadlineIsHonoured() clause {
	return clause{
		name:    "the deadline is honoured",
		demands: "A call ends with its deadline, lets go of the provider's connection then, and is UNKNOWN; one whose send_by has passed is NOT_SENT and reaches nobody.",
		mend:    "Hand the call's context down to every request, and refuse a creating call after send_by, as sdk/serve and httpx do.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.inTime(ctx, kind) })
		},
	}
}

func (b *bench) inTime(ctx context.Context, kind sdk.Kind) (string, error) {
	o, creates, err := b.unsent(ctx, kind)
	if err != nil {
		return "", err
	}
	a, err := b.held(ctx, creates, func(ctx context.Context) answer { return o.send(ctx, b.account) })
	if err != nil {
		return "", err
	}
	if !b.uncreated(kind, a.outcome()) {
		return "", broken("a creating call without an answer is %s", a)
	}
	if err := b.askedInTime(ctx, kind); err != nil {
		return "", err
	}
	return "given up within " + shortTime.String() + "; too late is NOT_SENT", b.tooLate(ctx, kind)
}

// askedInTime asks for an order that is known, and gets no answer.
func (b *bench) askedInTime(ctx context.Context, kind sdk.Kind) error {
	if !b.askable(kind) {
		return nil
	}
	o, _, err := b.create(ctx, kind, b.usual(kind))
	if err != nil {
		return err
	}
	_, err = b.held(ctx, every, func(ctx context.Context) answer { return b.askWith(ctx, b.account, o.attempt) })
	return err
}

// held makes a call whose answer never comes, and is broken where the plugin does
// not give it up.
func (b *bench) held(ctx context.Context, fits func(*exchange) bool, call func(context.Context) answer) (answer, error) {
	h := newHolder()
	defer h.let()
	b.proxy.set(fits, h.spoil)
	defer b.proxy.clear()
	ctx, cancel := context.WithTimeout(ctx, shortTime)
	defer cancel()
	began := time.Now()
	a := call(ctx)
	if took := time.Since(began); took > shortTime+lateMax {
		return a, broken("a call with %s to live took %s", shortTime, took.Round(time.Millisecond))
	}
	if len(h.held) == 0 {
		return a, broken("the call ended before it reached the provider: %s", a)
	}
	if !await(context.WithoutCancel(ctx), lateMax, func() bool { return h.left() > 0 }) {
		return a, broken("%s after the deadline the plugin still waits for the provider", lateMax)
	}
	return a, nil
}

// tooLate makes a creating call whose send_by has passed.
func (b *bench) tooLate(ctx context.Context, kind sdk.Kind) error {
	o, err := b.order(ctx, kind, b.usual(kind))
	if err != nil {
		return err
	}
	o.sendBy = time.Now().Add(-time.Second)
	mark := b.proxy.mark()
	if a := o.send(ctx, b.account); a.outcome() != sdk.OutcomeNotSent {
		return broken("after send_by it is %s", a)
	}
	if createdBy(b.proxy.since(mark), o.attempt.Ref) >= 0 {
		return broken("after send_by the provider was called all the same")
	}
	return nil
}
