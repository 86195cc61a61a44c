package client

import (
	"context"
	"net/http"

	"github.com/paymux/paymux/core/api"
)

// Evaluate asks the routing rules about a payment or payout that is not made. It
// needs an operator's key.
func (c *Client) Evaluate(ctx context.Context, evaluate api.Evaluate) (api.Evaluation, error) {
	var evaluation api.Evaluation
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/routing/evaluate", body: evaluate}, &evaluation)
	return evaluation, err
}

// Backtest replays what was stored through other rules. It needs an operator's key.
// Where the engine cannot replay that much in time it returns core.ErrTooLarge.
func (c *Client) Backtest(ctx context.Context, backtest api.Backtest) (api.Backtested, error) {
	var report api.Backtested
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/routing/backtest", body: backtest}, &report)
	return report, err
}
