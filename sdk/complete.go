package sdk

import "context"

// Complete returns p with every operation: those that p lacks answer
// ErrNotSupported. Plugins that run inside the engine are used through it, also
// where p lacks nothing: its Capabilities may leave Operations to be read off.
func Complete(p Provider) FullProvider {
	if done, ok := p.(completed); ok {
		return done
	}
	return completed{p}
}

type completed struct{ Provider }

var _ FullProvider = completed{}

func (c completed) Capabilities() Capabilities { return CapabilitiesOf(c.Provider) }

func missing(op Operation) error {
	return &Error{Kind: KindNotSupported, Message: string(op) + " is not offered by this account", Sent: NotSent}
}

func (c completed) CreatePayment(ctx context.Context, req PaymentRequest) (Result, error) {
	if p, ok := c.Provider.(PaymentCreator); ok {
		return p.CreatePayment(ctx, req)
	}
	return Result{}, missing(OperationPayment)
}

func (c completed) CreatePayout(ctx context.Context, req PayoutRequest) (Result, error) {
	if p, ok := c.Provider.(PayoutCreator); ok {
		return p.CreatePayout(ctx, req)
	}
	return Result{}, missing(OperationPayout)
}

func (c completed) CreateRefund(ctx context.Context, req RefundRequest) (Result, error) {
	if p, ok := c.Provider.(RefundCreator); ok {
		return p.CreateRefund(ctx, req)
	}
	return Result{}, missing(OperationRefund)
}

func (c completed) Cancel(ctx context.Context, a Attempt) (VerdictResult, error) {
	if p, ok := c.Provider.(Canceler); ok {
		return p.Cancel(ctx, a)
	}
	return VerdictResult{}, missing(OperationCancel)
}

func (c completed) ApprovePayout(ctx context.Context, a Attempt) (VerdictResult, error) {
	if p, ok := c.Provider.(PayoutDecider); ok {
		return p.ApprovePayout(ctx, a)
	}
	return VerdictResult{}, missing(OperationPayoutDecider)
}

func (c completed) RejectPayout(ctx context.Context, a Attempt) (VerdictResult, error) {
	if p, ok := c.Provider.(PayoutDecider); ok {
		return p.RejectPayout(ctx, a)
	}
	return VerdictResult{}, missing(OperationPayoutDecider)
}

func (c completed) QueryStatus(ctx context.Context, a Attempt) (Result, error) {
	if p, ok := c.Provider.(StatusQuerier); ok {
		return p.QueryStatus(ctx, a)
	}
	return Result{}, missing(OperationQuery)
}

func (c completed) ListTransactions(ctx context.Context, req ListRequest) (ListPage, error) {
	if p, ok := c.Provider.(TransactionLister); ok {
		return p.ListTransactions(ctx, req)
	}
	return ListPage{}, missing(OperationList)
}

func (c completed) HandleNotification(ctx context.Context, req NotificationRequest) (Notification, error) {
	if p, ok := c.Provider.(NotificationHandler); ok {
		return p.HandleNotification(ctx, req)
	}
	return Notification{}, missing(OperationNotification)
}

func (c completed) LookupCustomer(ctx context.Context, phone string) (Customer, error) {
	if p, ok := c.Provider.(CustomerLooker); ok {
		return p.LookupCustomer(ctx, phone)
	}
	return Customer{}, missing(OperationLookup)
}

func (c completed) GetBalance(ctx context.Context) ([]Balance, error) {
	if p, ok := c.Provider.(BalanceReader); ok {
		return p.GetBalance(ctx)
	}
	return nil, missing(OperationBalance)
}
