package sdk

import (
	"context"
	"time"
)

type sendByKey struct{}

// WithSendBy returns a context that carries the instant after which a creating
// call must not be sent any more. serve and the engine set it; httpx obeys it.
func WithSendBy(ctx context.Context, at time.Time) context.Context {
	if at.IsZero() {
		return ctx
	}
	return context.WithValue(ctx, sendByKey{}, at)
}

// SendBy returns the instant set by WithSendBy and whether one was set.
func SendBy(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Value(sendByKey{}).(time.Time)
	return at, ok
}
