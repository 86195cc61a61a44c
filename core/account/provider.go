package account

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
)

// Provider returns an account to call. Every call has the account's timeout as
// its deadline and is counted, and its error begins with the account's name. It
// returns false if there is no such account or nothing that could serve it.
func (a *Accounts) Provider(account string) (sdk.FullProvider, bool) {
	e, ok := a.entries[account]
	if !ok {
		return nil, false
	}
	next, ok := a.behind(e)
	if !ok {
		return nil, false
	}
	return counted{logged{next, e}, e, a.meter}, true
}

func (a *Accounts) behind(e *entry) (sdk.FullProvider, bool) {
	if e.inside != nil {
		return e.inside, e.inside.provider != nil
	}
	return a.processes.Provider(e.name)
}

// counted is an account as it is handed out.
type counted struct {
	next  sdk.FullProvider
	entry *entry
	meter *meter
}

var _ sdk.FullProvider = counted{}

// count makes one call through c. With an error the answer is always empty, so
// that nothing of a fault can be taken for an answer.
func count[T any](ctx context.Context, c counted, op sdk.Operation, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, c.entry.account.Timeout)
	defer cancel()
	c.entry.calls.Add(1)
	c.entry.inFlight.Add(1)
	defer c.entry.inFlight.Add(-1)
	began := time.Now()
	answer, err := call(ctx)
	c.meter.call(c.entry.name, op, time.Since(began), err)
	if err != nil {
		c.entry.faults.Add(1)
		var none T
		return none, fmt.Errorf("%s: %w", c.entry.name, err)
	}
	return answer, nil
}

// move makes a call that creates something, and tells the breaker of it. A call
// that comes too late to be sent says nothing of the account.
func move(
	ctx context.Context, c counted, op sdk.Operation, sendBy time.Time, call func(context.Context) (sdk.Result, error),
) (sdk.Result, error) {
	late := !sendBy.IsZero() && !time.Now().Before(sendBy)
	epoch := c.entry.breaker.now()
	result, err := count(ctx, c, op, call)
	if !late {
		c.entry.breaker.created(epoch, findCreate(ctx, result, err))
	}
	return result, err
}

// ask makes a call that creates nothing, and tells the breaker of it. Told says
// whether the answer says anything.
func ask[T any](
	ctx context.Context, c counted, op sdk.Operation, told func(T) bool, call func(context.Context) (T, error),
) (T, error) {
	epoch := c.entry.breaker.now()
	answer, err := count(ctx, c, op, call)
	switch {
	case err != nil:
		c.entry.breaker.asked(epoch, findFault(ctx, err))
	case told(answer):
		c.entry.breaker.asked(epoch, findAnswered)
	}
	return answer, err
}

func always[T any](T) bool { return true }

func outcomeTold(result sdk.Result) bool { return result.Outcome.Known() != sdk.OutcomeUnknown }

func verdictTold(result sdk.VerdictResult) bool {
	return result.Verdict != sdk.VerdictUnknown && result.Reason != sdk.ReasonAuthentication
}

// Capabilities returns what the account can do.
func (c counted) Capabilities() sdk.Capabilities { return c.next.Capabilities() }

// CreatePayment passes on to the account.
func (c counted) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return move(ctx, c, sdk.OperationPayment, req.SendBy, func(ctx context.Context) (sdk.Result, error) { return c.next.CreatePayment(ctx, req) })
}

// CreatePayout passes on to the account.
func (c counted) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return move(ctx, c, sdk.OperationPayout, req.SendBy, func(ctx context.Context) (sdk.Result, error) { return c.next.CreatePayout(ctx, req) })
}

// CreateRefund passes on to the account.
func (c counted) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return move(ctx, c, sdk.OperationRefund, req.SendBy, func(ctx context.Context) (sdk.Result, error) { return c.next.CreateRefund(ctx, req) })
}

// Cancel passes on to the account.
func (c counted) Cancel(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	return ask(ctx, c, sdk.OperationCancel, verdictTold, func(ctx context.Context) (sdk.VerdictResult, error) { return c.next.Cancel(ctx, attempt) })
}

// ApprovePayout passes on to the account.
func (c counted) ApprovePayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	return ask(ctx, c, sdk.OperationPayoutDecider, verdictTold, func(ctx context.Context) (sdk.VerdictResult, error) { return c.next.ApprovePayout(ctx, attempt) })
}

// RejectPayout passes on to the account.
func (c counted) RejectPayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	return ask(ctx, c, sdk.OperationPayoutDecider, verdictTold, func(ctx context.Context) (sdk.VerdictResult, error) { return c.next.RejectPayout(ctx, attempt) })
}

// QueryStatus passes on to the account.
func (c counted) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	return ask(ctx, c, sdk.OperationQuery, outcomeTold, func(ctx context.Context) (sdk.Result, error) { return c.next.QueryStatus(ctx, attempt) })
}

// ListTransactions passes on to the account.
func (c counted) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	return ask(ctx, c, sdk.OperationList, always, func(ctx context.Context) (sdk.ListPage, error) { return c.next.ListTransactions(ctx, req) })
}

// HandleNotification passes on to the account. It makes no call at the provider,
// so that the breaker hears nothing of it.
func (c counted) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	return count(ctx, c, sdk.OperationNotification, func(ctx context.Context) (sdk.Notification, error) { return c.next.HandleNotification(ctx, req) })
}

// LookupCustomer passes on to the account.
func (c counted) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	return ask(ctx, c, sdk.OperationLookup, always, func(ctx context.Context) (sdk.Customer, error) { return c.next.LookupCustomer(ctx, phone) })
}

// GetBalance passes on to the account.
func (c counted) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	return ask(ctx, c, sdk.OperationBalance, always, c.next.GetBalance)
}
