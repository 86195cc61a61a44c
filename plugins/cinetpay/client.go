package main

import (
	"context"
	"net/http"

	"github.com/paymux/paymux/sdk/httpx"
)

// question is the body of check.
type question struct {
	APIKey        string `json:"apikey"`
	SiteID        string `json:"site_id"`
	TransactionID string `json:"transaction_id"`
}

// create calls init, once.
func (p *provider) create(ctx context.Context, body order) (httpx.Response, error) {
	req, err := p.post("/v2/payment", body)
	if err != nil {
		return httpx.Response{}, err
	}
	return p.http.Move(ctx, req)
}

// check asks for a payment. Although it is a POST it only reads.
func (p *provider) check(ctx context.Context, ref string) (httpx.Response, error) {
	req, err := p.post("/v2/payment/check", question{
		APIKey: p.settings.apiKey.Reveal(), SiteID: p.settings.siteID, TransactionID: ref,
	})
	if err != nil {
		return httpx.Response{}, err
	}
	return p.http.Ask(ctx, req)
}

func (p *provider) post(path string, body any) (httpx.Request, error) {
	encoded, err := httpx.Encode(body)
	if err != nil {
		return httpx.Request{}, err
	}
	return httpx.Request{
		Method: http.MethodPost, URL: p.settings.root.URL + path, Body: encoded,
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	}, nil
}
