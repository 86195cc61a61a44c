package main

import (
	"context"
	"net/http"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// target is what a call is made to.
type target struct{ method, url string }

// envelope is the body of every call that creates something.
type envelope struct {
	Request any `json:"request"`
}

// subject is the body of approve and reject, which have no envelope.
type subject struct {
	TransactionID string `json:"transaction_id"`
}

// create makes a call that creates something, once.
func (p *provider) create(ctx context.Context, name operation, body any) (httpx.Response, error) {
	return p.move(ctx, name, envelope{body})
}

// decide approves or rejects the payout with the id, once.
func (p *provider) decide(ctx context.Context, name operation, id string) (httpx.Response, error) {
	return p.move(ctx, name, subject{id})
}

// move refuses assumed paths once more: an account may be asked for what it does
// not offer, such as a decision about a payout from before its settings changed.
func (p *provider) move(ctx context.Context, name operation, body any) (httpx.Response, error) {
	if !p.settings.mayCall(name) {
		return httpx.Response{}, &sdk.Error{
			Kind: sdk.KindNotSupported, Message: "the path of " + string(name) + " is only assumed: give it in paths", Sent: sdk.NotSent,
		}
	}
	encoded, err := httpx.Encode(body)
	if err != nil {
		return httpx.Response{}, err
	}
	at := p.settings.url(name, nil)
	return p.http.Move(ctx, httpx.Request{Method: at.method, URL: at.url, Header: p.header(), Body: encoded})
}

// ask makes a call that only reads.
func (p *provider) ask(ctx context.Context, at target) (httpx.Response, error) {
	return p.http.Ask(ctx, httpx.Request{Method: at.method, URL: at.url, Header: p.header()})
}

// header has the key in every call: the documentation calls it required only
// here and there.
func (p *provider) header() http.Header {
	return http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json"}, "X-Api-Key": {p.settings.apiKey.Reveal()},
	}
}
