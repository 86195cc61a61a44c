package main

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// target is what a call is made to.
type target struct{ method, url string }

// sender is httpx's Ask or Move.
type sender func(context.Context, httpx.Request) (httpx.Response, error)

// create calls collect or payout. Only a token that was refused makes it call
// again, because then EnovePay read nothing.
func (p *provider) create(ctx context.Context, name operation, body order) (sdk.Result, error) {
	at := p.settings.url(name, nil)
	req, err := request(at, body)
	if err != nil {
		return sdk.Result{}, err
	}
	a, err := p.authorized(ctx, p.http.Move, req)
	if err != nil {
		return p.unsent(err)
	}
	return p.created(a, name, body.ReferenceNumber), nil
}

// ask makes a call that only reads.
func (p *provider) ask(ctx context.Context, at target) (answer, error) {
	return p.authorized(ctx, p.http.Ask, httpx.Request{Method: at.method, URL: at.url, Header: headers()})
}

func request(at target, body any) (httpx.Request, error) {
	encoded, err := httpx.Encode(body)
	if err != nil {
		return httpx.Request{}, err
	}
	return httpx.Request{Method: at.method, URL: at.url, Header: headers(), Body: encoded}, nil
}

func headers() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
}

// authorized makes the call with a bearer token. A token of a login that is
// refused is renewed, and the call made once more.
func (p *provider) authorized(ctx context.Context, send sender, req httpx.Request) (answer, error) {
	bearer, before, err := p.bearer(ctx, sdk.Secret{})
	if err != nil {
		return answer{}, err
	}
	a, err := p.send(ctx, send, req, bearer, before)
	if err != nil || !p.settings.login || !a.tokenRefused() {
		return a, err
	}
	renewed, login, err := p.bearer(ctx, bearer)
	if err != nil {
		// The first answer stands: the token was refused and nothing was created.
		a.Exchanges = append(a.Exchanges, exchangesOf(err)...)
		return a, nil
	}
	return p.send(ctx, send, req, renewed, append(a.Exchanges, login...))
}

// send makes one call. The exchanges before it are those of its login.
func (p *provider) send(ctx context.Context, send sender, req httpx.Request, bearer sdk.Secret, before []sdk.Exchange) (answer, error) {
	req.Header = req.Header.Clone()
	req.Header.Set("Authorization", "Bearer "+bearer.Reveal())
	resp, err := send(ctx, req)
	if err != nil {
		return answer{}, sdk.Preceded(err, before)
	}
	a := read(resp, bearer)
	a.Exchanges = slices.Concat(before, a.Exchanges)
	return a, nil
}

func exchangesOf(err error) []sdk.Exchange {
	var refused *denied
	if errors.As(err, &refused) {
		return refused.answer.Exchanges
	}
	return sdk.ExchangesOf(err)
}

// unsent is what a creating call answers that was not made, or whose answer was lost.
func (p *provider) unsent(err error) (sdk.Result, error) {
	var refused *denied
	if !errors.As(err, &refused) {
		return sdk.Result{}, err
	}
	result := p.result(refused.answer)
	result.Outcome, result.Reason, result.Alert = sdk.OutcomeRejected, refused.reason, refused.alert
	return result, nil
}

// unasked is what a question answers that could not be asked: nothing about the
// attempt, and never that it was not sent.
func (p *provider) unasked(err error) (sdk.Result, error) {
	var refused *denied
	if errors.As(err, &refused) {
		result := p.result(refused.answer)
		result.Alert = refused.alert
		return result, nil
	}
	var fault *sdk.Error
	if errors.As(err, &fault) && fault.Sent == sdk.NotSent {
		silent := *fault
		silent.Sent = sdk.MaybeSent
		return sdk.Result{}, &silent
	}
	return sdk.Result{}, err
}
