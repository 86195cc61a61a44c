package conformance

import (
	"bytes"
	"context"
	"time"

	"github.com/paymux/paymux/sdk"
)

func sameBytes() clause {
	return clause{
		name:    "the same request is the same bytes",
		demands: "The same creating call, made again in another second by an account that was opened anew, sends the same method, path and body.",
		mend:    "Build the body as a pure function of the request: no clock, no randomness, no map whose order changes. What signs a call goes into headers.",
		check:   checkSameBytes,
	}
}

func checkSameBytes(ctx context.Context, b *bench) (string, error) {
	first := map[sdk.Kind]exchange{}
	orders := map[sdk.Kind]*order{}
	for _, kind := range b.kinds() {
		o, err := b.order(ctx, kind, b.usual(kind))
		if err != nil {
			return "", err
		}
		if first[kind], err = b.sentFor(ctx, o); err != nil {
			return "", err
		}
		orders[kind] = o
	}
	awaitNextSecond(ctx)
	account, err := b.open(ctx, b.proxy.url())
	if err != nil {
		return "", err
	}
	b.account = account
	return b.each(func(kind sdk.Kind) (string, error) {
		second, err := b.sentFor(ctx, orders[kind])
		if err != nil {
			return "", err
		}
		return plural(len(second.body), "byte"), sameRequest(first[kind], second)
	})
}

// sentFor makes the creating call and returns the request that creates.
func (b *bench) sentFor(ctx context.Context, o *order) (exchange, error) {
	mark := b.proxy.mark()
	a := o.send(ctx, b.account)
	made := b.proxy.since(mark)
	if len(made) == 0 {
		return exchange{}, broken("the creating call made no request through the proxy, and answered %s", a)
	}
	if at := createdBy(made, o.attempt.Ref); at >= 0 {
		return made[at], nil
	}
	return made[len(made)-1], nil
}

// sameRequest compares what a provider reads. The query counts where there is no
// body: beside one it may hold a session.
func sameRequest(a, b exchange) error {
	if a.method != b.method || a.path != b.path {
		return broken("first %s %s, then %s %s", a.method, a.path, b.method, b.path)
	}
	if !bytes.Equal(a.body, b.body) {
		return broken("the bodies differ from byte %d of %d on", differsAt(a.body, b.body), len(a.body))
	}
	if len(a.body) == 0 && a.query != b.query {
		return broken("the queries differ from byte %d of %d on", differsAt([]byte(a.query), []byte(b.query)), len(a.query))
	}
	return nil
}

func differsAt(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// awaitNextSecond waits until a clock in seconds shows another time.
func awaitNextSecond(ctx context.Context) {
	now := time.Now()
	timer := time.NewTimer(time.Until(now.Truncate(time.Second).Add(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
