package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/paymux/paymux/core/api"
)

// Statement compares the provider's list of a time, or the rows of a file, with
// what is recorded of the account. It needs an operator's key. Where the list was
// not read to its end, Unread says why: compare a shorter time. It returns
// core.ErrNotSupported where the provider has no list, and core.ErrTooLarge where
// too much is recorded in that time.
func (c *Client) Statement(ctx context.Context, account string, compare api.CompareStatement) (api.Comparison, error) {
	var comparison api.Comparison
	_, err := c.do(ctx, call{method: http.MethodPost, path: providerPath(account) + "/statement", body: compare}, &comparison)
	return comparison, err
}

// Expected returns one page of what a statement of the account must show from one
// time to another, newest first. Read on while NextCursor is not nil. It needs an
// operator's key.
func (c *Client) Expected(ctx context.Context, account string, from, to time.Time, cursor string) (api.List[api.Record], error) {
	query := url.Values{"from": {from.UTC().Format(time.RFC3339Nano)}, "to": {to.UTC().Format(time.RFC3339Nano)}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var list api.List[api.Record]
	_, err := c.do(ctx, call{method: http.MethodGet, path: providerPath(account) + "/expected", query: query}, &list)
	return list, err
}

// Adopt asks the provider about what differs. It needs an operator's key.
func (c *Client) Adopt(ctx context.Context, account string, adopt api.Adopt) (api.Adoptions, error) {
	var adoptions api.Adoptions
	_, err := c.do(ctx, call{method: http.MethodPost, path: providerPath(account) + "/adopt", body: adopt}, &adoptions)
	return adoptions, err
}
