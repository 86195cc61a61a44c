package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type providersOutput struct{ Body api.List[api.Provider] }

type providerInput struct {
	Account string `path:"account"`
}

// drainInput is a drain or a resume.
type drainInput struct {
	Account string `path:"account"`
	RawBody []byte `contentType:"application/json"`
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
	drain := operation{
		id: "drainProvider", method: http.MethodPost, path: "/v1/providers/{account}/drain",
		summary: "Stop new attempts at a provider account",
		text: "Questions, notifications and what is under way go on. It holds over restarts until it is resumed. " +
			"The actor and the reason are kept in the audit.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Decide](), bodyOptional: true,
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusServiceUnavailable),
	}
	handle(s, drain, s.drained(s.Providers.DrainAccount))
	resume := drain
	resume.id, resume.path = "resumeProvider", "/v1/providers/{account}/resume"
	resume.summary, resume.text = "Let new attempts at a drained account again", "The actor and the reason are kept in the audit."
	handle(s, resume, s.drained(s.Providers.ResumeAccount))
}

// drained returns the handler of a drain or a resume.
func (s *server) drained(
	set func(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error),
) func(context.Context, *drainInput) (*providerOutput, error) {
	return func(ctx context.Context, in *drainInput) (*providerOutput, error) {
		body, err := optionalBody(in.RawBody)
		if err != nil {
			return nil, err
		}
		asked, err := body.Decide()
		if err != nil {
			return nil, err
		}
		standing, err := set(ctx, callerOf(ctx), in.Account, asked.Reason)
		if errors.Is(err, core.ErrNotFound) {
			err = errUnknownAccount()
		}
		if err != nil {
			return nil, err
		}
		return &providerOutput{Body: s.withIncident(standing)}, nil
	}
}

func (s *server) providers(ctx context.Context, _ *struct{}) (*providersOutput, error) {
	return &providersOutput{Body: api.ProvidersOf(s.Providers.Providers(ctx, callerOf(ctx)))}, nil
}

// withIncident is an account as it is shown alone.
func (s *server) withIncident(standing core.Standing) api.Provider {
	shown := api.ProviderOf(standing)
	if incident, ok := s.Processes.Incident(standing.Account); ok {
		return shown.WithIncident(incident)
	}
	return shown
}

func (s *server) provider(ctx context.Context, in *providerInput) (*providerOutput, error) {
	for _, standing := range s.Providers.Providers(ctx, callerOf(ctx)) {
		if standing.Account == in.Account {
			return &providerOutput{Body: s.withIncident(standing)}, nil
		}
	}
	return nil, errUnknownAccount()
}
