package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type lookupInput struct {
	Account string `path:"account"`
	RawBody []byte `contentType:"application/json"`
}

type lookupOutput struct{ Body api.Found }

type balanceOutput struct{ Body api.Balances }

func (s *server) addAccounts() {
	handle(s, operation{
		id: "lookupCustomer", method: http.MethodPost, path: "/v1/providers/{account}/accounts/lookup",
		summary: "The provider's customer of a phone",
		text:    "Where the provider knows nobody, the problem customer_unknown has a next_action that says where to sign up.",
		scopes:  []Scope{ScopePayments}, body: reflect.TypeFor[api.Lookup](),
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable),
	}, s.lookup)
	handle(s, operation{
		id: "getBalance", method: http.MethodGet, path: "/v1/providers/{account}/balance",
		summary: "The money held at a provider", scopes: []Scope{ScopeOperator},
		refused: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, s.balance)
}

func (s *server) lookup(ctx context.Context, in *lookupInput) (*lookupOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, err := body.Lookup()
	if err != nil {
		return nil, err
	}
	customer, err := s.Accounts.Lookup(ctx, in.Account, asked.Phone)
	if err != nil {
		return nil, api.WithoutPhone(nameAccount(err), asked.Phone)
	}
	found, err := api.FoundOf(customer)
	if err != nil {
		return nil, err
	}
	return &lookupOutput{Body: found}, nil
}

func (s *server) balance(ctx context.Context, in *providerInput) (*balanceOutput, error) {
	held, err := s.Accounts.Balance(ctx, in.Account)
	if err != nil {
		return nil, nameAccount(err)
	}
	return &balanceOutput{Body: api.BalancesOf(held)}, nil
}

// nameAccount says in words that the account is what was not found.
func nameAccount(err error) error {
	if errors.Is(err, core.ErrNotFound) {
		return errUnknownAccount()
	}
	return err
}
