package api

import (
	"net/url"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
)

// Transfer is money that a provider reports which only lists what it received.
type Transfer struct {
	ID               string    `json:"id" example:"trf_01JD4K8Z5Q3V7W9X2Y6ABCDEFG"`
	Provider         string    `json:"provider" doc:"The provider account that received it"`
	ProviderRef      string    `json:"provider_ref" doc:"The provider's own id of it"`
	ProviderCustomer string    `json:"provider_customer" doc:"The provider's own id of who sent it"`
	Amount           string    `json:"amount" doc:"Decimal in major units" example:"5000"`
	Currency         string    `json:"currency" doc:"ISO 4217 code" example:"XOF"`
	Status           string    `json:"status" doc:"The provider's own word; only money that has arrived can be assigned"`
	ReceivedAt       time.Time `json:"received_at" doc:"When, as the provider says"`
	Matched          bool      `json:"matched" doc:"It belongs to a transaction or filled a wallet"`
	Transaction      *string   `json:"transaction" doc:"The transaction that it paid"`
	TopUp            *string   `json:"top_up" doc:"The customer whose wallet it filled"`
}

// Assign is the body of POST /v1/transfers/{id}/assign: one of transaction and top_up.
type Assign struct {
	Transaction  string `json:"transaction,omitempty" doc:"pay_ id of the payment that it paid" example:"pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG"`
	AcceptAmount bool   `json:"accept_amount,omitempty" doc:"With transaction: another amount than the payment's is meant"`
	TopUp        string `json:"top_up,omitempty" maxLength:"255" doc:"The customer whose wallet it filled, for no payment" example:"c-7"`
	Reason       string `json:"reason" maxLength:"500" doc:"Why; kept in the audit"`
}

// Assign reads the body of an assignment. It returns a core.ErrInvalidRequest
// that names every wrong field.
func (b Body) Assign() (Assign, error) {
	f := fieldsOf(b)
	assign := Assign{
		Transaction:  f.text("transaction", accountMax),
		AcceptAmount: f.flag("accept_amount"),
		TopUp:        f.text("top_up", referenceMax),
		Reason:       f.text("reason", descriptionMax),
	}
	f.require("reason", "is required: say why, it is kept")
	switch pays, fills := f.has("transaction"), f.has("top_up"); {
	case pays && fills:
		f.refuse("top_up", "goes without transaction: a transfer pays one or fills a wallet")
	case !pays && !fills:
		f.refuse("transaction", "is required, or top_up: whose is the transfer?")
	case !pays && assign.AcceptAmount:
		f.refuse("accept_amount", "goes with transaction only")
	}
	if assign.Transaction != "" && !strings.HasPrefix(assign.Transaction, core.PrefixPayment) {
		f.refuse("transaction", "must be the id of a payment: "+core.PrefixPayment+" and 26 characters")
	}
	f.rest()
	return assign, f.problem()
}

// TransferFilterOf reads the query of GET /v1/transfers. It returns a
// core.ErrInvalidRequest that names every wrong parameter.
func TransferFilterOf(query url.Values) (core.TransferFilter, error) {
	q := parameters{query: query}
	matched := q.choice("matched", "true", "false")
	filter := core.TransferFilter{
		Account:   q.text("provider", queryMax),
		Customer:  q.text("customer", queryMax),
		Matched:   matched == "true",
		Unmatched: matched == "false",
		Limit:     q.limit("limit"),
		Cursor:    q.text("cursor", cursorMax),
	}
	if len(q.wrong) > 0 {
		return core.TransferFilter{}, refuseAll(q.wrong)
	}
	return filter, nil
}

// TransferOf returns what operators may see of a transfer.
func TransferOf(t core.Transfer) Transfer {
	return Transfer{
		ID: t.ID, Provider: t.Account, ProviderRef: t.ProviderRef, ProviderCustomer: t.ProviderCustomer,
		Amount: t.Amount.Decimal(), Currency: t.Amount.Currency().String(), Status: masker{}.text(t.Status), ReceivedAt: shown(t.CreatedAt),
		Matched:     t.Transaction != "" || t.TopUp != "",
		Transaction: wordOrNull(t.Transaction), TopUp: wordOrNull(t.TopUp),
	}
}

// TransfersOf returns what operators may see of a page.
func TransfersOf(page core.Page[core.Transfer]) List[Transfer] {
	list := List[Transfer]{Data: make([]Transfer, 0, len(page.Items)), NextCursor: wordOrNull(page.Next)}
	for _, t := range page.Items {
		list.Data = append(list.Data, TransferOf(t))
	}
	return list
}

func wordOrNull(word string) *string {
	if word == "" {
		return nil
	}
	return &word
}
