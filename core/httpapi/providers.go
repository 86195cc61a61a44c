package httpapi

import (
	"context"
	"net/http"

	"github.com/paymux/paymux/core/api"
)

type providersOutput struct{ Body api.List[api.Provider] }

type providerInput struct {
	Account string `path:"account"`
}

type providerOutput struct{ Body api.Provider }

func (s *server) addProviders() {
	handle(s, operation{
		id: "listProviders", method: http.MethodGet, path: "/v1/providers",
		summary: "Every provider account and how it stands", scopes: []Scope{ScopeOperator},
	}, s.providers)
	handle(s, operation{
		id: "getProvider", method: http.MethodGet, path: "/v1/providers/{account}",
		summary: "One provider account and how it stands", scopes: []Scope{ScopeOperator},
		refused: []int{http.StatusNotFound},
	}, s.provider)
}

func (s *server) providers(ctx context.Context, _ *struct{}) (*providersOutput, error) {
	return &providersOutput{Body: api.ProvidersOf(s.Providers.Providers(ctx, callerOf(ctx)))}, nil
}

func (s *server) provider(ctx context.Context, in *providerInput) (*providerOutput, error) {
	for _, standing := range s.Providers.Providers(ctx, callerOf(ctx)) {
		if standing.Account == in.Account {
			return &providerOutput{Body: api.ProviderOf(standing)}, nil
		}
	}
	return nil, errUnknownAccount()
}
