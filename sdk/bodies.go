package sdk

import "context"

type bodiesKey struct{}

// WithBodies returns a context whose call keeps the bodies of its exchanges,
// without what hide hides: the account's secrets. The engine and serve set it while
// an account's request log is on; httpx obeys it.
func WithBodies(ctx context.Context, hide func(string) string) context.Context {
	return context.WithValue(ctx, bodiesKey{}, hide)
}

// WantsBodies reports whether WithBodies was called.
func WantsBodies(ctx context.Context) bool {
	_, wants := ctx.Value(bodiesKey{}).(func(string) string)
	return wants
}

// KeptBody returns a body as an Exchange keeps it: nothing unless WantsBodies, and
// else Readable and without the account's secrets. It is for plugins with an HTTP
// client of their own.
func KeptBody(ctx context.Context, contentType string, body []byte) string {
	hide, wants := ctx.Value(bodiesKey{}).(func(string) string)
	if !wants {
		return ""
	}
	// While they are whole: half of a secret that holds a long number is one too.
	return Readable(contentType, []byte(hide(string(body))))
}
