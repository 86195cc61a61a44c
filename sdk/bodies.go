package sdk

import "context"

type bodiesKey struct{}

// WithBodies returns a context whose call keeps the bodies of its exchanges. The
// engine and serve set it while an account's request log is on; httpx obeys it.
func WithBodies(ctx context.Context) context.Context {
	return context.WithValue(ctx, bodiesKey{}, true)
}

// WantsBodies reports whether WithBodies was called. A plugin with a client of its
// own then puts Readable bodies into its exchanges, and otherwise none.
func WantsBodies(ctx context.Context) bool {
	wants, _ := ctx.Value(bodiesKey{}).(bool)
	return wants
}
