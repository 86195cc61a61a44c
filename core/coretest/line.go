package coretest

import (
	"context"

	"github.com/paymux/paymux/sdk"
)

// line is the connection of one process to a provider. It is cut when the
// process dies: nothing is asked through it any more, and no answer comes back.
type line struct {
	sdk.Plugin
	life *life
}

// Open implements sdk.Plugin.
func (l *line) Open(settings sdk.Settings) (sdk.Provider, error) {
	provider, err := l.Plugin.Open(settings)
	if err != nil {
		return nil, err
	}
	return &connected{sdk.Complete(provider), l.life}, nil
}

type connected struct {
	sdk.FullProvider
	life *life
}

// through makes a call unless the line is cut, before it or meanwhile.
func through[T any](c *connected, call func() (T, error)) (T, error) {
	var none T
	if c.life.store.Dead() {
		return none, sdk.Errorf(sdk.KindUnknown, "the process is dead")
	}
	answer, err := call()
	if c.life.store.Dead() {
		return none, sdk.Errorf(sdk.KindUnknown, "the process is dead")
	}
	return answer, err
}

// CreatePayment implements sdk.PaymentCreator.
func (c *connected) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return through(c, func() (sdk.Result, error) { return c.FullProvider.CreatePayment(ctx, req) })
}

// CreatePayout implements sdk.PayoutCreator.
func (c *connected) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return through(c, func() (sdk.Result, error) { return c.FullProvider.CreatePayout(ctx, req) })
}

// CreateRefund implements sdk.RefundCreator.
func (c *connected) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return through(c, func() (sdk.Result, error) { return c.FullProvider.CreateRefund(ctx, req) })
}

// ApprovePayout implements sdk.PayoutDecider.
func (c *connected) ApprovePayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return through(c, func() (sdk.VerdictResult, error) { return c.FullProvider.ApprovePayout(ctx, a) })
}

// RejectPayout implements sdk.PayoutDecider.
func (c *connected) RejectPayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return through(c, func() (sdk.VerdictResult, error) { return c.FullProvider.RejectPayout(ctx, a) })
}

// QueryStatus implements sdk.StatusQuerier.
func (c *connected) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	return through(c, func() (sdk.Result, error) { return c.FullProvider.QueryStatus(ctx, a) })
}

// Cancel implements sdk.Canceler.
func (c *connected) Cancel(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return through(c, func() (sdk.VerdictResult, error) { return c.FullProvider.Cancel(ctx, a) })
}

// ListTransactions implements sdk.TransactionLister.
func (c *connected) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	return through(c, func() (sdk.ListPage, error) { return c.FullProvider.ListTransactions(ctx, req) })
}
