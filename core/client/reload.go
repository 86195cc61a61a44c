package client

import (
	"context"
	"net/http"

	"github.com/paymux/paymux/core/api"
)

// Reload has the engine read its configuration and its routing rules again. It needs
// an operator's key. Files that cannot be used are a *Problem that is
// core.ErrConfigurationRefused, whose Errors name every fault with its file and line;
// then nothing changed.
func (c *Client) Reload(ctx context.Context, reason string) (api.Reloaded, error) {
	var reloaded api.Reloaded
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/reload", body: api.Reload{Reason: reason}}, &reloaded)
	return reloaded, err
}

// Rollback has the engine go back to the routing rules of a generation, zero for the
// newest one before the live one that had others. It needs an operator's key. Its
// errors are those of Reload, and core.ErrUnknownTransaction for a generation that is
// not kept.
func (c *Client) Rollback(ctx context.Context, to uint64, reason string) (api.Reloaded, error) {
	var reloaded api.Reloaded
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: "/v1/routing/rollback", body: api.Rollback{To: to, Reason: reason},
	}, &reloaded)
	return reloaded, err
}

// Generations returns the last generations, the newest first, and how the last reload
// ended. It needs an operator's key.
func (c *Client) Generations(ctx context.Context) (api.Generations, error) {
	var list api.Generations
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/v1/routing/generations"}, &list)
	return list, err
}
