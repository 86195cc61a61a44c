package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// sender is httpx's Ask or Move.
type sender func(context.Context, httpx.Request) (httpx.Response, error)

// transferCall is a call of the transfer API, without the token.
type transferCall struct {
	method, path string
	query        url.Values
	body         []byte
}

func formHeader() http.Header {
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
}

// authorized makes the call with a login token. A token that is refused is
// renewed and the same call made once more, because 705 and 706 say that
// nothing was done.
func (p *provider) authorized(ctx context.Context, send sender, call transferCall) (reply, error) {
	token, before, err := p.login(ctx, sdk.Secret{})
	if err != nil {
		return reply{}, err
	}
	first, err := p.callWith(ctx, send, call, token, before)
	if err != nil || !first.tokenRefused() {
		return first, err
	}
	renewed, again, err := p.login(ctx, token)
	if err != nil {
		// The first answer stands: the token was refused and nothing was done.
		first.Exchanges = slices.Concat(first.Exchanges, exchangesOf(err))
		return first, nil
	}
	return p.callWith(ctx, send, call, renewed, slices.Concat(first.Exchanges, again))
}

// callWith makes one call. The token goes into the query: in the body CinetPay
// does not see it. The exchanges before it are those of its login.
func (p *provider) callWith(ctx context.Context, send sender, call transferCall, token sdk.Secret, before []sdk.Exchange) (reply, error) {
	query := url.Values{"token": {token.Reveal()}, "lang": {p.settings.lang}}
	for name, values := range call.query {
		query[name] = values
	}
	resp, err := send(ctx, httpx.Request{
		Method: call.method, URL: p.settings.transferURL + call.path + "?" + query.Encode(),
		Header: formHeader(), Body: call.body,
	})
	if err != nil {
		return reply{}, preceded(err, before)
	}
	r := readReply(resp, token)
	r.Exchanges = slices.Concat(before, r.Exchanges)
	return r, nil
}

// preceded puts earlier exchanges before those of an error.
func preceded(err error, before []sdk.Exchange) error {
	var refused *denied
	if errors.As(err, &refused) {
		whole := refused.result
		whole.Exchanges = slices.Concat(before, whole.Exchanges)
		return &denied{whole}
	}
	return sdk.Preceded(err, before)
}

// unsent is what a payout answers that was not sent, or whose answer was lost.
func unsent(err error) (sdk.Result, error) {
	var refused *denied
	if errors.As(err, &refused) {
		return refused.result, nil
	}
	return sdk.Result{}, err
}

// unasked is what a question answers that could not be asked: nothing about the
// transfer, and never that it was not sent.
func unasked(err error) (sdk.Result, error) {
	var refused *denied
	if errors.As(err, &refused) {
		result := refused.result
		result.Outcome, result.Reason = sdk.OutcomeUnknown, sdk.ReasonNone
		return result, nil
	}
	return sdk.Result{}, silent(err)
}

// silent is a fault of a question, which says nothing of what was sent.
func silent(err error) error {
	var fault *sdk.Error
	if !errors.As(err, &fault) || fault.Sent != sdk.NotSent {
		return err
	}
	whole := *fault
	whole.Sent = sdk.MaybeSent
	return &whole
}
