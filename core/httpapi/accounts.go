package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
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
	if !s.hasAccount(ctx, in.Account) {
		return nil, errUnknownAccount()
	}
	customer, err := s.Accounts.Lookup(ctx, in.Account, asked.Phone)
	switch {
	case errors.Is(err, core.ErrNotFound):
		customer = sdk.Customer{}
	case err != nil:
		return nil, api.WithoutPhone(err, asked.Phone)
	}
	found, err := api.FoundOf(customer)
	if err != nil {
		return nil, err
	}
	return &lookupOutput{Body: found}, nil
}

func (s *server) balance(ctx context.Context, in *providerInput) (*balanceOutput, error) {
	if !s.hasAccount(ctx, in.Account) {
		return nil, errUnknownAccount()
	}
	held, err := s.Accounts.Balance(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	return &balanceOutput{Body: api.BalancesOf(held)}, nil
}

// hasAccount tells an unknown account from a customer whom its provider does not know.
func (s *server) hasAccount(ctx context.Context, account string) bool {
	return slices.ContainsFunc(s.Providers.Providers(ctx, callerOf(ctx)), func(standing core.Standing) bool {
		return standing.Account == account
	})
}
