package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// target is what a call is made to.
type target struct{ method, url string }

// answer is what Cenoa answered.
type answer struct {
	httpx.Response
	// wait is how long Cenoa wants us to hold back.
	wait time.Duration
	// alert tells of our clock.
	alert string
}

// ask makes a call; both of Cenoa's only read. A 401 may mean that our clock is
// wrong: the clock is set by the answer, and the call made once more.
// The error is an *sdk.Error with all exchanges. It never says NotSent.
func (p *provider) ask(ctx context.Context, at target, until time.Time) (answer, error) {
	first, err := p.send(ctx, at, until)
	if err != nil || first.Status != http.StatusUnauthorized || !p.clock.learn(first.Header) {
		return first, err
	}
	second, err := p.send(ctx, at, until)
	if err != nil {
		return answer{}, sdk.Preceded(err, first.Exchanges)
	}
	second.Exchanges = slices.Concat(first.Exchanges, second.Exchanges)
	second.alert = p.clock.alert()
	return second, nil
}

// send signs and makes one call, when the gate lets it through before until.
func (p *provider) send(ctx context.Context, at target, until time.Time) (answer, error) {
	if err := p.wait(ctx, until); err != nil {
		return answer{}, err
	}
	resp, err := p.http.Ask(ctx, httpx.Request{Method: at.method, URL: at.url, Header: p.headers()})
	if err != nil {
		return answer{}, err
	}
	if told := resp.RetryAfter(); resp.Status == http.StatusTooManyRequests || told > 0 && !resp.OK() {
		return answer{Response: resp, wait: p.gate.refused(p.clock.now(), told)}, nil
	}
	p.gate.passed()
	return answer{Response: resp}, nil
}

// wait waits for a place, and for another one where Cenoa refused a call meanwhile.
func (p *provider) wait(ctx context.Context, until time.Time) error {
	for {
		wait, ok := p.gate.reserve(p.clock.now(), p.patience(ctx, until))
		if !ok {
			return &sdk.Error{
				Kind: sdk.KindRateLimited, RetryAfter: wait,
				Message: "Cenoa was not asked: its limit on calls asks us to wait for " + wait.Round(time.Millisecond).String(),
			}
		}
		if wait == 0 {
			return nil
		}
		if err := p.pause(ctx, wait); err != nil {
			return &sdk.Error{Kind: sdk.KindUnavailable, Message: "the call ended while it waited for its turn", Err: err}
		}
		if !p.gate.closed(p.clock.now()) {
			return nil
		}
	}
}

// patience is how long a call may wait for its turn.
func (p *provider) patience(ctx context.Context, until time.Time) time.Duration {
	patience := until.Sub(p.clock.now())
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline))
	}
	return patience
}

// trouble is what an answer means that is not the one asked for.
type trouble struct {
	kind sdk.ErrorKind
	// reason is why a look-up is refused; none where it was only not heard.
	reason sdk.Reason
	alert  string
	// again says that asking once more may help.
	again bool
}

func troubleOf(status int) trouble {
	switch status {
	case http.StatusUnauthorized:
		return trouble{
			kind: sdk.KindAuthentication, reason: sdk.ReasonAuthentication,
			alert: "Cenoa refused the signature, also by its own clock: check api_key and api_secret",
		}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return trouble{kind: sdk.KindInvalid, reason: sdk.ReasonInvalidRequest}
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return trouble{
			kind: sdk.KindUnavailable, reason: sdk.ReasonProviderUnavailable,
			alert: "Cenoa does not serve this path to us: correct paths, which are assumed, or ask its partner team for access",
		}
	case http.StatusTooManyRequests:
		return trouble{kind: sdk.KindRateLimited, again: true}
	}
	if status >= 400 && status <= 499 {
		return trouble{kind: sdk.KindUnknown, alert: "Cenoa answered with a status that has no rule"}
	}
	return trouble{kind: sdk.KindUnavailable, again: true}
}

// unreadable is a good status without a body that can be understood.
func unreadable() trouble { return trouble{kind: sdk.KindUnknown, again: true} }

// withoutPhone takes the phone out of what is shown of calls: a corrected path
// may hold it outside of the query.
func withoutPhone(phone string, exchanges []sdk.Exchange) []sdk.Exchange {
	shown := slices.Clone(exchanges)
	for i := range shown {
		shown[i].URL = hidePhone(phone, shown[i].URL)
		shown[i].Error = hidePhone(phone, shown[i].Error)
	}
	return shown
}

func hidePhone(phone, text string) string {
	return strings.ReplaceAll(text, strings.TrimPrefix(phone, "+"), "[phone]")
}
