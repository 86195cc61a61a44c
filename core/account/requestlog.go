package account

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// RequestLogMax is the longest time for which the requests of an account are
// logged: nobody forgets to switch it off.
const RequestLogMax = time.Hour

// LogRequests logs every call at an account, with bodies that people may read,
// until an instant that is at most RequestLogMax away; the zero Time ends it. It
// does not outlive the process. It returns core.ErrNotFound if there is no such account.
func (a *Accounts) LogRequests(account string, until time.Time) error {
	e, ok := a.entries[account]
	if !ok {
		return fmt.Errorf("account: %s: %w", account, core.ErrNotFound)
	}
	if left := time.Until(until); left > RequestLogMax {
		return fmt.Errorf("account: %s: its requests cannot be logged for %v, the most is %v", account, left, RequestLogMax)
	}
	e.requests.set(until)
	return nil
}

// requestLog is the log of an account's calls with their bodies.
type requestLog struct {
	account string
	log     hclog.Logger
	until   atomic.Pointer[time.Time] // Nil while it never was on.
}

func (l *requestLog) set(until time.Time) { l.until.Store(&until) }

// loggedUntil returns when it ends, the zero Time where it is off.
func (l *requestLog) loggedUntil() time.Time {
	if until := l.until.Load(); until != nil && time.Now().Before(*until) {
		return *until
	}
	return time.Time{}
}

func (l *requestLog) on() bool { return !l.loggedUntil().IsZero() }

// about is what a call is about.
type about struct {
	operation sdk.Operation
	attempt   sdk.Attempt
}

// write writes a line an exchange, and one of a call that tells of none. A secret is
// hidden first, while it is whole, and again as it is written in JSON.
func (l *requestLog) write(call about, list []sdk.Exchange, err error, hide func(string) string) {
	ids := []any{
		"account", l.account, "operation", string(call.operation),
		"transaction", call.attempt.TransactionID, "attempt", call.attempt.Ref,
	}
	words := func(text string) string { return hide(sdk.ReadableText(hide(text))) }
	body := func(text string) string { return hide(readAgain(hide(text))) }
	if len(list) == 0 {
		fault := ""
		if err != nil {
			fault = words(err.Error())
		}
		l.line(ids, "error", fault)
	}
	for _, e := range list {
		l.line(ids, "method", e.Method, "url", words(e.URL), "status", e.HTTPStatus,
			"milliseconds", e.Duration.Milliseconds(), "got_conn", e.GotConn, "error", words(e.Error),
			"request", body(e.RequestBody), "answer", body(e.AnswerBody))
	}
}

// line is written whatever the level of the log is: somebody asked for it.
func (l *requestLog) line(ids []any, fields ...any) {
	if level := l.log.GetLevel(); level != hclog.Off {
		l.log.Log(max(hclog.Info, level), "provider call", slices.Concat(ids, fields)...)
	}
}

// readAgain makes sure of what a plugin made readable: it may be written in any language, by anybody.
func readAgain(body string) string {
	return core.WithoutCards(sdk.Readable("application/json", []byte(body)))
}

// exchangesIn returns where an answer keeps its exchanges, nil where it has none.
func exchangesIn(answer any) *[]sdk.Exchange {
	switch one := answer.(type) {
	case *sdk.Result:
		return &one.Exchanges
	case *sdk.VerdictResult:
		return &one.Exchanges
	case *sdk.ListPage:
		return &one.Exchanges
	case *sdk.Notification:
		return &one.Result.Exchanges
	default:
		return nil
	}
}

// bodiless returns exchanges as everything but the request log sees them.
func bodiless(list []sdk.Exchange) []sdk.Exchange {
	if !slices.ContainsFunc(list, func(e sdk.Exchange) bool { return e.RequestBody != "" || e.AnswerBody != "" }) {
		return list
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].RequestBody, list[i].AnswerBody = "", ""
	}
	return list
}

// bodilessError is bodiless for what a fault tells.
func bodilessError(err error) error {
	var fault *sdk.Error
	if !errors.As(err, &fault) || len(fault.Exchanges) == 0 {
		return err
	}
	said := *fault
	said.Exchanges = bodiless(fault.Exchanges)
	return &said
}
