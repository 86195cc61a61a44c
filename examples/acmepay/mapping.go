package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// facts are what AcmePay documents, of payments and refunds alike.
func facts() sdk.Facts {
	return sdk.Facts{
		Idempotency:   sdk.IdempotencyUniqueReference, // The same reference again is refused with 409.
		QueryBy:       sdk.QueryByOurRef,
		TellsCurrency: true,
		PushWebhooks:  true,
		Poll:          []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute},
	}
}

// operation is a payment or a refund as AcmePay tells it.
type operation struct{ ID, Reference, Status, Code, Amount, Currency, URL string }

// meaning is what AcmePay's words mean. One that it does not document is UNKNOWN,
// the zero value: the engine then asks again, and never takes it for a failure.
func meaning(said operation) sdk.Result {
	switch said.Status {
	case "open":
		return sdk.Result{Outcome: sdk.OutcomeRequiresAction, NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: said.URL}}
	case "underway":
		return sdk.Result{Outcome: sdk.OutcomePending}
	case "paid", "refunded":
		return sdk.Result{Outcome: sdk.OutcomeSucceeded}
	case "declined":
		return sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}
	case "canceled":
		return sdk.Result{Outcome: sdk.OutcomeCanceled}
	}
	return sdk.Result{}
}

// refusal is why AcmePay created nothing, where it documents that it did not. A
// duplicate reference (409) is none: there is a payment or refund then.
func refusal(status int) sdk.Reason {
	switch status {
	case http.StatusUnauthorized:
		return sdk.ReasonAuthentication
	case http.StatusUnprocessableEntity:
		return sdk.ReasonInvalidRequest
	}
	return sdk.ReasonNone
}

// read tells what AcmePay said, verbatim, and what it means. What cannot be read is
// an error, and an error is UNKNOWN unless it was proved that nothing was sent.
func (a account) read(answer httpx.Response, err error) (sdk.Result, error) {
	said, err := httpx.Read[operation](answer, err)
	if err != nil {
		return sdk.Result{}, err
	}
	result := meaning(said)
	result.ProviderRef, result.ProviderStatus, result.ProviderCode = a.clean(said.ID), a.clean(said.Status), a.clean(said.Code)
	result.Told = sdk.Told{Amount: a.clean(said.Amount), Currency: a.clean(said.Currency), Reference: a.clean(said.Reference)}
	result.Exchanges = answer.Exchanges
	return result, nil
}

// verdict is what AcmePay said to a cancellation. 409 says that the payment is over,
// and nothing changed; whatever cannot be read may have been carried out.
func verdict(answer httpx.Response, err error) (sdk.VerdictResult, error) {
	said := sdk.VerdictResult{ProviderCode: strconv.Itoa(answer.Status), Exchanges: answer.Exchanges}
	if answer.Status == http.StatusConflict {
		said.Verdict = sdk.VerdictRefused
		return said, nil
	}
	closed, err := httpx.Read[operation](answer, err)
	if err != nil {
		return sdk.VerdictResult{}, err
	}
	if closed.Status == "canceled" {
		said.Verdict = sdk.VerdictAccepted
	}
	return said, nil
}

// clean is a word of AcmePay's, short and without our secrets, which an answer may echo.
func (a account) clean(word string) string {
	return sdk.Clean(word, 100, a.settings.Secret("api_key"), a.settings.Secret("webhook_secret"))
}
