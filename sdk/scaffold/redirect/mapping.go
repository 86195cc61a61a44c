package main

import (
	"net/http"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// facts are what Acme documents, not what it seems to do: the engine decides by them
// what may be asked, repeated and believed.
func facts() sdk.Facts {
	return sdk.Facts{
		Idempotency:   sdk.IdempotencyUniqueReference, // The same reference again is refused with 409.
		QueryBy:       sdk.QueryByOurRef,
		TellsCurrency: true,
		PushWebhooks:  true,
		// Where no notification comes: asked at these ages, and then hourly for two days.
		Poll: []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute},
	}
}

// payment is a payment as Acme tells it.
type payment struct{ ID, Reference, Status, Code, Amount, Currency, URL string }

// meaning is what Acme's words mean. One that it does not document is UNKNOWN,
// the zero value: the engine then asks again, and never takes it for a failure.
func meaning(said payment) sdk.Result {
	switch said.Status {
	case "open":
		return sdk.Result{Outcome: sdk.OutcomeRequiresAction, NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: said.URL}}
	case "paid":
		return sdk.Result{Outcome: sdk.OutcomeSucceeded}
	case "declined":
		return sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}
	}
	return sdk.Result{}
}

// refusal is why Acme created nothing, where it documents that it did not. A
// duplicate reference (409) is none: there is a payment then.
func refusal(status int) sdk.Reason {
	switch status {
	case http.StatusUnauthorized:
		return sdk.ReasonAuthentication
	case http.StatusUnprocessableEntity:
		return sdk.ReasonInvalidRequest
	}
	return sdk.ReasonNone
}

// read tells what Acme said, verbatim, and what it means. What cannot be read is
// an error, and an error is UNKNOWN unless it was proved that nothing was sent.
func (a account) read(answer httpx.Response, err error) (sdk.Result, error) {
	said, err := httpx.Read[payment](answer, err)
	if err != nil {
		return sdk.Result{}, err
	}
	result := meaning(said)
	result.ProviderRef, result.ProviderStatus, result.ProviderCode = a.clean(said.ID), a.clean(said.Status), a.clean(said.Code)
	result.Told = sdk.Told{Amount: a.clean(said.Amount), Currency: a.clean(said.Currency), Reference: a.clean(said.Reference)}
	result.Exchanges = answer.Exchanges
	return result, nil
}

// clean is a word of Acme's, short and without our secrets, which an answer may echo.
func (a account) clean(word string) string {
	return sdk.Clean(word, 100, a.settings.Secret("api_key"), a.settings.Secret("webhook_secret"))
}
