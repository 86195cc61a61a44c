package main

import (
	"net/http"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// window is how long a customer has, where the payment has no time of its own.
const window = time.Hour

// facts are what Acme documents, not what it seems to do: the engine decides by them
// what may be asked, repeated and believed.
func facts() sdk.Facts {
	return sdk.Facts{
		Idempotency:   sdk.IdempotencyHarmless, // An order creates nothing at Acme.
		QueryBy:       sdk.QueryByList,         // The list is read for all orders together.
		TellsCurrency: true,
		Window:        window,
	}
}

// instruct tells whose transfer pays the order, how much and until when. Nothing
// was created, so that what goes wrong here is never UNKNOWN: another account may
// be asked at once.
func instruct(answer httpx.Response, err error, req sdk.PaymentRequest, ours string) (sdk.Result, error) {
	if reason := refusal(answer.Status); reason != sdk.ReasonNone {
		return answer.Rejected(reason), nil
	}
	customer, err := httpx.Read[struct{ ID string }](answer, err)
	if err != nil || customer.ID == "" {
		return sdk.Result{Outcome: sdk.OutcomeNotSent, Message: "Acme does not tell who the customer is", Exchanges: sdk.ExchangesOf(err)}, nil
	}
	until := req.ExpiresAt
	if until.IsZero() {
		until = req.StartedAt.Add(window)
	}
	return sdk.Result{
		Outcome: sdk.OutcomeRequiresAction,
		Match:   &sdk.Match{Customer: customer.ID, Amount: req.Amount, From: req.StartedAt, Until: until},
		NextAction: &sdk.NextAction{
			Type: sdk.ActionTransfer, Account: ours, Amount: req.Amount, Until: until,
			Instructions: "In the Acme app, send exactly " + req.Amount.String() + " to " + ours + ".",
		},
		Exchanges: answer.Exchanges,
	}, nil
}

func refusal(status int) sdk.Reason {
	switch status {
	case http.StatusUnauthorized:
		return sdk.ReasonAuthentication
	case http.StatusNotFound:
		return sdk.ReasonCustomerUnknown
	}
	return sdk.ReasonNone
}

// transfer is a transfer as Acme lists it.
type transfer struct {
	ID, Customer, Amount, Currency, Status string
	CreatedAt                              time.Time `json:"created_at"`
}

// meaning is what Acme's words mean. One that it does not document is UNKNOWN, the
// zero value.
func meaning(status string) sdk.Outcome {
	switch status {
	case "received":
		return sdk.OutcomeSucceeded
	case "underway":
		return sdk.OutcomePending
	case "failed":
		return sdk.OutcomeDeclined
	case "returned":
		return sdk.OutcomeReversed
	}
	return sdk.OutcomeUnknown
}

// read tells every transfer as Acme said it. The plugin matches nothing: the
// engine gives each one to the order that it fits.
func (a account) read(answer httpx.Response, err error) (sdk.ListPage, error) {
	said, err := httpx.Read[struct {
		Transfers []transfer
		Next      string
	}](answer, err)
	if err != nil {
		return sdk.ListPage{}, err
	}
	page := sdk.ListPage{Next: said.Next, Exchanges: answer.Exchanges}
	for _, t := range said.Transfers {
		if t.ID == "" || t.Customer == "" || t.CreatedAt.IsZero() {
			page.Alert = "Acme listed a transfer without id, customer or time: look for it there"
			continue
		}
		page.Items = append(page.Items, sdk.ListItem{
			ID: a.clean(t.ID), Customer: a.clean(t.Customer), Kind: sdk.KindPayment, CreatedAt: t.CreatedAt,
			Outcome: meaning(t.Status), Status: a.clean(t.Status),
			Told: sdk.Told{Amount: a.clean(t.Amount), Currency: a.clean(t.Currency)},
		})
	}
	return page, nil
}

// clean is a word of Acme's, short and without our secrets, which an answer may echo.
func (a account) clean(word string) string {
	return sdk.Clean(word, 100, a.settings.Secret("api_key"))
}
