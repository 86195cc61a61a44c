package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/paymux/paymux/core/api"
)

// TransferFilter selects transfers. Zero fields select all.
type TransferFilter struct {
	Provider string
	// Customer is the provider's own id of the customer.
	Customer string
	// Matched is "true" for those of a transaction or a wallet, "false" for those of nobody yet.
	Matched string
	// Limit is at most 100; zero is the engine's default.
	Limit int
	// Cursor is the NextCursor of the page before.
	Cursor string
}

// Transfers returns one page of what was received at providers that only list
// it, newest first. Read on while NextCursor is not nil. It needs an operator's key.
func (c *Client) Transfers(ctx context.Context, filter TransferFilter) (api.List[api.Transfer], error) {
	var list api.List[api.Transfer]
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/v1/transfers", query: filter.values()}, &list)
	return list, err
}

func (f TransferFilter) values() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"provider": f.Provider, "customer": f.Customer, "matched": f.Matched, "cursor": f.Cursor,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if f.Limit != 0 {
		query.Set("limit", strconv.Itoa(f.Limit))
	}
	return query
}

// Assign gives an unmatched transfer to a payment, or marks it a top-up. It needs
// an operator's key. One that was given away is core.ErrNotAllowed.
func (c *Client) Assign(ctx context.Context, id string, assign api.Assign) (api.Transfer, error) {
	var transfer api.Transfer
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: "/v1/transfers/" + url.PathEscape(id) + "/assign", body: assign,
	}, &transfer)
	return transfer, err
}
