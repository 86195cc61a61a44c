package account

import (
	"cmp"
	"context"
	"net/http"

	"github.com/paymux/paymux/sdk"
)

// logged is an account whose calls go into its request log while that is on.
type logged struct {
	sdk.FullProvider

	entry *entry
}

var _ sdk.FullProvider = logged{}

// hider knows the secrets of the account that it serves.
type hider interface{ Hide(text string) string }

// hide returns text without the account's secrets.
func (l logged) hide(text string) string {
	if process, ok := l.FullProvider.(hider); ok {
		return process.Hide(text)
	}
	return l.entry.inside.hide(text)
}

// tell makes a call, and logs it while the request log is on. Bodies go no further.
func tell[T any](ctx context.Context, l logged, call about, do func(context.Context) (T, error)) (T, error) {
	on := l.entry.requests.on()
	if on {
		ctx = sdk.WithBodies(ctx, l.hide)
	}
	return quiet(l, call, on, func() (T, error) { return do(ctx) })
}

// quiet makes a call and takes the bodies from what it tells, after logging it if told so.
func quiet[T any](l logged, call about, on bool, do func() (T, error)) (T, error) {
	answer, err := do()
	list := exchangesIn(&answer)
	if on {
		said := sdk.ExchangesOf(err)
		if list != nil && err == nil {
			said = *list
		}
		l.entry.requests.write(call, said, err, l.hide)
	}
	if list != nil {
		*list = bodiless(*list)
	}
	return answer, bodilessError(err)
}

// CreatePayment is logged without bodies where it carries a card.
func (l logged) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	call := about{sdk.OperationPayment, req.Attempt}
	if req.Card != nil {
		return quiet(l, call, l.entry.requests.on(), func() (sdk.Result, error) {
			result, err := l.FullProvider.CreatePayment(ctx, req)
			result.Exchanges = bodiless(result.Exchanges)
			return result, bodilessError(err)
		})
	}
	return tell(ctx, l, call, func(ctx context.Context) (sdk.Result, error) { return l.FullProvider.CreatePayment(ctx, req) })
}

// CreatePayout passes on.
func (l logged) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return tell(ctx, l, about{sdk.OperationPayout, req.Attempt}, func(ctx context.Context) (sdk.Result, error) { return l.FullProvider.CreatePayout(ctx, req) })
}

// CreateRefund passes on.
func (l logged) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return tell(ctx, l, about{sdk.OperationRefund, req.Attempt}, func(ctx context.Context) (sdk.Result, error) { return l.FullProvider.CreateRefund(ctx, req) })
}

// Cancel passes on.
func (l logged) Cancel(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return tell(ctx, l, about{sdk.OperationCancel, a}, func(ctx context.Context) (sdk.VerdictResult, error) { return l.FullProvider.Cancel(ctx, a) })
}

// ApprovePayout passes on.
func (l logged) ApprovePayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return tell(ctx, l, about{sdk.OperationPayoutDecider, a}, func(ctx context.Context) (sdk.VerdictResult, error) { return l.FullProvider.ApprovePayout(ctx, a) })
}

// RejectPayout passes on.
func (l logged) RejectPayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return tell(ctx, l, about{sdk.OperationPayoutDecider, a}, func(ctx context.Context) (sdk.VerdictResult, error) { return l.FullProvider.RejectPayout(ctx, a) })
}

// QueryStatus passes on.
func (l logged) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	return tell(ctx, l, about{sdk.OperationQuery, a}, func(ctx context.Context) (sdk.Result, error) { return l.FullProvider.QueryStatus(ctx, a) })
}

// ListTransactions passes on.
func (l logged) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	return tell(ctx, l, about{operation: sdk.OperationList}, func(ctx context.Context) (sdk.ListPage, error) { return l.FullProvider.ListTransactions(ctx, req) })
}

// HandleNotification makes no call at the provider: what the provider sent is
// logged, and what it is answered.
func (l logged) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	read, err := l.FullProvider.HandleNotification(ctx, req)
	if !l.entry.requests.on() {
		return read, err
	}
	told := sdk.Exchange{
		Method: req.Method, URL: "notification", StartedAt: req.ReceivedAt,
		RequestBody: sdk.Readable(req.Header.Get("Content-Type"), []byte(l.hide(string(req.Body)))),
	}
	if err != nil {
		told.Error = err.Error()
	} else {
		told.HTTPStatus = cmp.Or(read.Status, http.StatusOK)
		told.AnswerBody = sdk.Readable(read.ContentType, read.Body)
	}
	call := about{sdk.OperationNotification, sdk.Attempt{Ref: read.Ref}}
	l.entry.requests.write(call, []sdk.Exchange{told}, err, l.hide)
	return read, err
}

// LookupCustomer passes on.
func (l logged) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	return tell(ctx, l, about{operation: sdk.OperationLookup}, func(ctx context.Context) (sdk.Customer, error) { return l.FullProvider.LookupCustomer(ctx, phone) })
}

// GetBalance passes on.
func (l logged) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	return tell(ctx, l, about{operation: sdk.OperationBalance}, l.FullProvider.GetBalance)
}
