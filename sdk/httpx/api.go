package httpx

import (
	"context"
	"net/http"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// API is a provider's JSON API: a root, and the headers that every call carries.
// Its methods may be called from any goroutine.
type API struct {
	client *Client
	root   string
	// header is behind a function, because fmt would print a key that stands in a field.
	header func() http.Header
}

// NewAPI returns the API at root, which is an absolute URL. Header goes with every
// call, beside what JSON needs; see Bearer. The errors are those of New.
func NewAPI(root string, header http.Header, options Options) (*API, error) {
	client, err := New(options)
	if err != nil {
		return nil, err
	}
	whole := http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}
	for name, values := range header {
		whole[http.CanonicalHeaderKey(name)] = values
	}
	return &API{client, strings.TrimRight(root, "/"), func() http.Header { return whole.Clone() }}, nil
}

// Bearer is the header of an API whose key is a bearer token.
func Bearer(key sdk.Secret) http.Header {
	return http.Header{"Authorization": {"Bearer " + key.Reveal()}}
}

// Ask reads what is at a path, which begins with a slash and may have a query. It
// is Client.Ask with GET.
func (a *API) Ask(ctx context.Context, path string) (Response, error) {
	return a.client.Ask(ctx, Request{Method: http.MethodGet, URL: a.root + path, Header: a.header()})
}

// Move posts a value as JSON. It is Client.Move: sent once, and NotSent where that
// is proved.
func (a *API) Move(ctx context.Context, path string, value any) (Response, error) {
	body, err := Encode(value)
	if err != nil {
		return Response{}, err
	}
	return a.client.Move(ctx, Request{Method: http.MethodPost, URL: a.root + path, Header: a.header(), Body: body})
}

// Close closes the connections that are not in use. Calls under way go on.
func (a *API) Close() { a.client.Close() }
