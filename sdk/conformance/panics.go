package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func panicIsFault() clause {
	return clause{
		name:    "a panic is a fault and the process lives",
		demands: "Whatever it is called with, every call is answered with a result or a fault, and the plugin takes orders as before.",
		mend:    "Look at what arrives before it is used. sdk/serve turns the panic of a call into a fault; one in a goroutine of your own ends the process.",
		on:      processFirst,
		check:   checkPanics,
	}
}

func checkPanics(ctx context.Context, b *bench) (string, error) {
	panics := 0
	calls := b.hostile()
	for _, call := range calls {
		err := call.make(ctx)
		if _, ok := errors.AsType[*sdk.Error](err); err != nil && !ok {
			return "", broken("%s is answered with no fault: %v", call.name, err)
		}
		if errors.Is(err, sdk.ErrPanic) {
			panics++
		}
	}
	if err := b.CheckHealth(ctx); err != nil {
		return "", broken("after %s the plugin is not well: %v", plural(len(calls), "hostile call"), err)
	}
	if _, err := b.each(func(kind sdk.Kind) (string, error) {
		_, _, err := b.settled(ctx, kind, b.usual(kind))
		return "well", err
	}); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %s among them, and orders go on", plural(len(calls), "hostile call"), plural(panics, "panic")), nil
}

// hostileCall is one that no engine makes.
type hostileCall struct {
	name string
	make func(context.Context) error
}

// hostile are calls with nothing, with nonsense and with far too much, to every
// operation of the account.
func (b *bench) hostile() []hostileCall {
	var all []hostileCall
	for name, a := range hostileAttempts() {
		for _, one := range b.callsAbout(a) {
			one.name += " with " + name
			all = append(all, one)
		}
	}
	for name, req := range hostileNotifications() {
		all = append(all, hostileCall{"HandleNotification with " + name, func(ctx context.Context) error {
			_, err := b.post.read(ctx, req)
			return err
		}})
	}
	for _, text := range []string{"", "+", "\x00%zz\n", strings.Repeat("9", 10_000)} {
		all = append(all, hostileCall{fmt.Sprintf("LookupCustomer of %.5q", text), func(ctx context.Context) error {
			_, err := b.account.LookupCustomer(ctx, text)
			return err
		}}, hostileCall{fmt.Sprintf("ListTransactions from the cursor %.5q", text), func(ctx context.Context) error {
			_, err := b.account.ListTransactions(ctx, sdk.ListRequest{Cursor: text})
			return err
		}})
	}
	return all
}

func hostileAttempts() map[string]sdk.Attempt {
	long := strings.Repeat("x", 100_000)
	return map[string]sdk.Attempt{
		"nothing":      {},
		"nonsense":     {Ref: "\x00'\"<>&%", ProviderRef: "../../", ProviderData: []byte("{\x00\xff"), Amount: money.Of(-1, money.XOF)},
		"far too much": {Ref: long, ProviderRef: long, ProviderData: []byte(long), Amount: money.Of(1<<62, money.USD)},
	}
}

func hostileNotifications() map[string]sdk.NotificationRequest {
	return map[string]sdk.NotificationRequest{
		"nothing":  {},
		"nonsense": {Method: "POST", Query: "%zz&=&;", Header: map[string][]string{"Authorization": {"Bearer"}}, Body: []byte("{\"a\":[\x00\xff")},
		"null":     {Method: "POST", Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte("null")},
		"a form":   {Method: "POST", Header: map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("a=%zz&b")},
		"depth":    {Method: "POST", Body: []byte(strings.Repeat("[", notificationMax-1))},
	}
}

func (b *bench) callsAbout(a sdk.Attempt) []hostileCall {
	account := b.account
	return []hostileCall{
		{"CreatePayment", func(ctx context.Context) error {
			_, err := account.CreatePayment(ctx, sdk.PaymentRequest{Attempt: a})
			return err
		}},
		{"CreatePayout", func(ctx context.Context) error {
			_, err := account.CreatePayout(ctx, sdk.PayoutRequest{Attempt: a})
			return err
		}},
		{"CreateRefund", func(ctx context.Context) error {
			_, err := account.CreateRefund(ctx, sdk.RefundRequest{Attempt: a})
			return err
		}},
		{"QueryStatus", func(ctx context.Context) error { _, err := account.QueryStatus(ctx, a); return err }},
		{"Cancel", func(ctx context.Context) error { _, err := account.Cancel(ctx, a); return err }},
		{"ApprovePayout", func(ctx context.Context) error { _, err := account.ApprovePayout(ctx, a); return err }},
		{"RejectPayout", func(ctx context.Context) error { _, err := account.RejectPayout(ctx, a); return err }},
	}
}
