package host

import (
	"context"

	"github.com/paymux/paymux/sdk"
)

// Capabilities returns what the account can do, as it last was configured.
func (f *facade) Capabilities() sdk.Capabilities {
	p, ok := f.host.now.Load().serving[f.account]
	if !ok {
		return sdk.Capabilities{}
	}
	if last := p.state().last; last != nil {
		return last.roster().capabilities(f.account)
	}
	return sdk.Capabilities{}
}

// CreatePayment is never repeated.
func (f *facade) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return create(ctx, f, req.SendBy, func(ctx context.Context, p sdk.FullProvider) (sdk.Result, error) {
		return p.CreatePayment(ctx, req)
	})
}

// CreatePayout is never repeated.
func (f *facade) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return create(ctx, f, req.SendBy, func(ctx context.Context, p sdk.FullProvider) (sdk.Result, error) {
		return p.CreatePayout(ctx, req)
	})
}

// CreateRefund is never repeated.
func (f *facade) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return create(ctx, f, req.SendBy, func(ctx context.Context, p sdk.FullProvider) (sdk.Result, error) {
		return p.CreateRefund(ctx, req)
	})
}

// Cancel is never repeated.
func (f *facade) Cancel(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	return once(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.VerdictResult, error) {
		return p.Cancel(ctx, attempt)
	})
}

// ApprovePayout is never repeated.
func (f *facade) ApprovePayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	return once(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.VerdictResult, error) {
		return p.ApprovePayout(ctx, attempt)
	})
}

// RejectPayout is never repeated.
func (f *facade) RejectPayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	return once(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.VerdictResult, error) {
		return p.RejectPayout(ctx, attempt)
	})
}

// HandleNotification is never repeated: the inbox does that.
func (f *facade) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	return once(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.Notification, error) {
		return p.HandleNotification(ctx, req)
	})
}

// QueryStatus is repeated once after a crash.
func (f *facade) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	return read(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.Result, error) {
		return p.QueryStatus(ctx, attempt)
	})
}

// ListTransactions is repeated once after a crash.
func (f *facade) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	return read(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.ListPage, error) {
		return p.ListTransactions(ctx, req)
	})
}

// LookupCustomer is repeated once after a crash.
func (f *facade) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	return read(ctx, f, func(ctx context.Context, p sdk.FullProvider) (sdk.Customer, error) {
		return p.LookupCustomer(ctx, phone)
	})
}

// GetBalance is repeated once after a crash.
func (f *facade) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	return read(ctx, f, func(ctx context.Context, p sdk.FullProvider) ([]sdk.Balance, error) {
		return p.GetBalance(ctx)
	})
}
