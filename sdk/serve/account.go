package serve

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
)

// notificationTimeout bounds HandleNotification: the provider waits for its
// answer, and nothing in it may take longer because nothing in it uses the network.
const notificationTimeout = 2 * time.Second

// account is an open account with the guards that need to know what is asked:
// late creating calls are refused, and secrets are hidden in what is answered.
type account struct {
	sdk.FullProvider
	secrets *secrets
}

// refuseLate returns a fault for a creating call that must not be sent any more.
// Nothing was handed to the plugin, so it is provably not sent.
func refuseLate(ctx context.Context, sendBy time.Time) error {
	if err := ctx.Err(); err != nil {
		return &sdk.Error{Kind: sdk.KindUnavailable, Message: "the call ended before it began", Sent: sdk.NotSent, Err: err}
	}
	if late := time.Since(sendBy); !sendBy.IsZero() && late >= 0 {
		return &sdk.Error{
			Kind:    sdk.KindUnavailable,
			Message: fmt.Sprintf("send_by passed %s ago", late.Round(time.Millisecond)),
			Sent:    sdk.NotSent,
		}
	}
	return nil
}

func (a *account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	if err := refuseLate(ctx, req.SendBy); err != nil {
		return sdk.Result{}, err
	}
	result, err := a.FullProvider.CreatePayment(ctx, req)
	return a.result(result), err
}

func (a *account) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	if err := refuseLate(ctx, req.SendBy); err != nil {
		return sdk.Result{}, err
	}
	result, err := a.FullProvider.CreatePayout(ctx, req)
	return a.result(result), err
}

func (a *account) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	if err := refuseLate(ctx, req.SendBy); err != nil {
		return sdk.Result{}, err
	}
	result, err := a.FullProvider.CreateRefund(ctx, req)
	return a.result(result), err
}

func (a *account) Cancel(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	verdict, err := a.FullProvider.Cancel(ctx, attempt)
	return a.verdict(verdict), err
}

func (a *account) ApprovePayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	verdict, err := a.FullProvider.ApprovePayout(ctx, attempt)
	return a.verdict(verdict), err
}

func (a *account) RejectPayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	verdict, err := a.FullProvider.RejectPayout(ctx, attempt)
	return a.verdict(verdict), err
}

func (a *account) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	result, err := a.FullProvider.QueryStatus(ctx, attempt)
	return a.result(result), err
}

func (a *account) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	page, err := a.FullProvider.ListTransactions(ctx, req)
	page.Alert = a.secrets.hide(page.Alert)
	page.Exchanges = a.secrets.exchanges(page.Exchanges)
	return page, err
}

func (a *account) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, notificationTimeout)
	defer cancel()
	notification, err := a.FullProvider.HandleNotification(ctx, req)
	notification.Alert = a.secrets.hide(notification.Alert)
	notification.Result = a.result(notification.Result)
	return notification, err
}

// result hides secrets in what people read. What the provider said stays verbatim.
func (a *account) result(r sdk.Result) sdk.Result {
	r.Message = a.secrets.hide(r.Message)
	r.Alert = a.secrets.hide(r.Alert)
	r.Exchanges = a.secrets.exchanges(r.Exchanges)
	return r
}

func (a *account) verdict(v sdk.VerdictResult) sdk.VerdictResult {
	v.Message = a.secrets.hide(v.Message)
	v.Alert = a.secrets.hide(v.Alert)
	v.Exchanges = a.secrets.exchanges(v.Exchanges)
	return v
}
