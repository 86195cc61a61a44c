package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

// Answer is a transaction as it was answered to the one who created it.
type Answer struct {
	Transaction api.Transaction
	// Replayed says that it was answered before under the same idempotency key.
	Replayed bool
}

// Pay creates a payment. The same idempotency key again gets the same answer. It
// returns an error without sending anything where the key is empty.
func (c *Client) Pay(ctx context.Context, idempotencyKey string, payment api.Payment) (Answer, error) {
	return c.create(ctx, "/v1/payments", idempotencyKey, payment)
}

// Payout creates a payout, with an idempotency key as for Pay.
func (c *Client) Payout(ctx context.Context, idempotencyKey string, payout api.Payout) (Answer, error) {
	return c.create(ctx, "/v1/payouts", idempotencyKey, payout)
}

// Refund gives a payment back, all that is left of it where refund names no
// amount, with an idempotency key as for Pay.
func (c *Client) Refund(ctx context.Context, idempotencyKey, payment string, refund api.Refund) (Answer, error) {
	return c.create(ctx, "/v1/payments/"+url.PathEscape(payment)+"/refunds", idempotencyKey, refund)
}

func (c *Client) create(ctx context.Context, path, idempotencyKey string, body any) (Answer, error) {
	if idempotencyKey == "" {
		return Answer{}, errors.New("client: POST " + path + ": give an idempotency key, a random one for each order")
	}
	var answer Answer
	header, err := c.do(ctx, call{method: http.MethodPost, path: path, body: body, key: idempotencyKey}, &answer.Transaction)
	answer.Replayed = err == nil && header.Get("Idempotent-Replayed") == "true"
	return answer, err
}

// Cancel ends a payment or a payout that has not moved money. The reason is kept
// and may be empty.
func (c *Client) Cancel(ctx context.Context, id, reason string) (api.Transaction, error) {
	if strings.HasPrefix(id, core.PrefixPayout) {
		return c.decide(ctx, payoutPath(id)+"/cancel", reason)
	}
	return c.decide(ctx, "/v1/payments/"+url.PathEscape(id)+"/cancel", reason)
}

// Approve lets a held payout go. It needs an operator's key; the reason may be empty.
func (c *Client) Approve(ctx context.Context, id, reason string) (api.Transaction, error) {
	return c.decide(ctx, payoutPath(id)+"/approve", reason)
}

// Reject ends a held payout. It needs an operator's key; the reason may be empty.
func (c *Client) Reject(ctx context.Context, id, reason string) (api.Transaction, error) {
	return c.decide(ctx, payoutPath(id)+"/reject", reason)
}

func (c *Client) decide(ctx context.Context, path, reason string) (api.Transaction, error) {
	var tx api.Transaction
	_, err := c.do(ctx, call{method: http.MethodPost, path: path, body: api.Decide{Reason: reason}}, &tx)
	return tx, err
}

// Transaction returns one transaction with its attempts, its history and the routing decision.
func (c *Client) Transaction(ctx context.Context, id string) (api.Transaction, error) {
	var tx api.Transaction
	_, err := c.do(ctx, call{
		method: http.MethodGet, path: transactionPath(id), query: url.Values{"expand": {"history,routing"}},
	}, &tx)
	return tx, err
}

// History returns every transition of a transaction, oldest first.
func (c *Client) History(ctx context.Context, id string) (api.History, error) {
	var history api.History
	_, err := c.do(ctx, call{method: http.MethodGet, path: transactionPath(id) + "/history"}, &history)
	return history, err
}

// Sync asks the provider now and returns the transaction as it then stands.
func (c *Client) Sync(ctx context.Context, id string) (api.Transaction, error) {
	var tx api.Transaction
	_, err := c.do(ctx, call{method: http.MethodPost, path: transactionPath(id) + "/sync"}, &tx)
	return tx, err
}

// Resolve settles a transaction by hand. It needs an operator's key.
func (c *Client) Resolve(ctx context.Context, id string, resolve api.Resolve) (api.Transaction, error) {
	var tx api.Transaction
	_, err := c.do(ctx, call{method: http.MethodPost, path: transactionPath(id) + "/resolve", body: resolve}, &tx)
	return tx, err
}

// Providers returns every provider account. It needs an operator's key.
func (c *Client) Providers(ctx context.Context) (api.List[api.Provider], error) {
	var list api.List[api.Provider]
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/v1/providers"}, &list)
	return list, err
}

// Provider returns one provider account. It needs an operator's key.
func (c *Client) Provider(ctx context.Context, account string) (api.Provider, error) {
	var provider api.Provider
	_, err := c.do(ctx, call{method: http.MethodGet, path: providerPath(account)}, &provider)
	return provider, err
}

// DrainProvider stops new attempts at an account until ResumeProvider, and returns
// how it then stands. It needs an operator's key; the reason may be empty.
func (c *Client) DrainProvider(ctx context.Context, account, reason string) (api.Provider, error) {
	return c.decideProvider(ctx, providerPath(account)+"/drain", reason)
}

// ResumeProvider takes back DrainProvider. It needs an operator's key; the reason may be empty.
func (c *Client) ResumeProvider(ctx context.Context, account, reason string) (api.Provider, error) {
	return c.decideProvider(ctx, providerPath(account)+"/resume", reason)
}

func (c *Client) decideProvider(ctx context.Context, path, reason string) (api.Provider, error) {
	var provider api.Provider
	_, err := c.do(ctx, call{method: http.MethodPost, path: path, body: api.Decide{Reason: reason}}, &provider)
	return provider, err
}

// RestartProvider puts a new plugin process in the place of the one that serves an
// account, and returns how it then stands. It needs an operator's key; the reason may be empty.
func (c *Client) RestartProvider(ctx context.Context, account, reason string) (api.Provider, error) {
	return c.decideProvider(ctx, providerPath(account)+"/restart", reason)
}

// LogProvider logs the requests of an account with their bodies for a time, at most
// an hour; zero ends it. It needs an operator's key; the reason may be empty.
func (c *Client) LogProvider(ctx context.Context, account string, length time.Duration, reason string) (api.Provider, error) {
	var provider api.Provider
	body := api.LogRequests{For: length.String(), Reason: reason}
	_, err := c.do(ctx, call{method: http.MethodPost, path: providerPath(account) + "/log", body: body}, &provider)
	return provider, err
}

// Lookup returns the provider's customer of a phone. Where there is none it
// returns a *Problem that is core.ErrCustomerUnknown, whose NextAction may say
// where to sign up.
func (c *Client) Lookup(ctx context.Context, account, phone string) (api.Found, error) {
	var found api.Found
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: providerPath(account) + "/accounts/lookup", body: api.Lookup{Phone: phone},
	}, &found)
	return found, err
}

// Balance returns the money held at a provider. It needs an operator's key.
func (c *Client) Balance(ctx context.Context, account string) (api.Balances, error) {
	var balances api.Balances
	_, err := c.do(ctx, call{method: http.MethodGet, path: providerPath(account) + "/balance"}, &balances)
	return balances, err
}

// Filter selects transactions. Zero fields select all.
type Filter struct {
	Kind, State, Provider, Reference, Merchant, Customer string
	CreatedAfter, CreatedBefore                          time.Time
	// OlderThan selects what has not changed for so long.
	OlderThan time.Duration
	// Query is text looked for in id, reference, ref and provider_ref.
	Query string
	// Limit is at most 100; zero is the engine's default.
	Limit int
	// Cursor is the NextCursor of the page before.
	Cursor string
}

// Transactions returns one page, newest first. Read on while NextCursor is not nil.
func (c *Client) Transactions(ctx context.Context, filter Filter) (api.List[api.Transaction], error) {
	var list api.List[api.Transaction]
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/v1/transactions", query: filter.values()}, &list)
	return list, err
}

func (f Filter) values() url.Values {
	query := url.Values{}
	set := func(name, value string, there bool) {
		if there {
			query.Set(name, value)
		}
	}
	for name, value := range map[string]string{
		"kind": f.Kind, "state": f.State, "provider": f.Provider, "reference": f.Reference,
		"merchant": f.Merchant, "customer": f.Customer, "q": f.Query, "cursor": f.Cursor,
	} {
		set(name, value, value != "")
	}
	set("created_after", f.CreatedAfter.UTC().Format(time.RFC3339Nano), !f.CreatedAfter.IsZero())
	set("created_before", f.CreatedBefore.UTC().Format(time.RFC3339Nano), !f.CreatedBefore.IsZero())
	set("older_than", f.OlderThan.String(), f.OlderThan > 0)
	set("limit", strconv.Itoa(f.Limit), f.Limit != 0)
	return query
}

func transactionPath(id string) string { return "/v1/transactions/" + url.PathEscape(id) }

func payoutPath(id string) string { return "/v1/payouts/" + url.PathEscape(id) }

func providerPath(account string) string { return "/v1/providers/" + url.PathEscape(account) }
