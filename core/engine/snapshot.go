package engine

import (
	"context"
	"fmt"
	"net/http"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/routing"
)

// snapshot is one generation of everything that a reload changes. It does not
// change. A request takes one, at its beginning, and sees no other: who may send it,
// the decision, the limits of its accounts and its deadlines are of one generation.
type snapshot struct {
	generation core.Generation
	config     *config.Config
	accounts   *account.Accounts
	rules      *routing.Rules
	rulesText  []byte
	access     *httpapi.Access
	// orchestrator takes requests with the options of this generation.
	orchestrator *orchestrator.Orchestrator
	meter        *meter
}

// Decide implements orchestrator.Router.
func (s *snapshot) Decide(sample core.Sample) core.Choice {
	choice := s.rules.Decide(sample, s.accounts)
	s.meter.decided(choice)
	return choice
}

// pinned is the key under which a context carries the snapshot of its request.
type pinned struct{ engine *Engine }

// pin lets each request see the snapshot that is live when it begins, to its end.
func (e *Engine) pin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), pinned{e}, e.live.Load())))
	})
}

// at returns the snapshot of the request that ctx belongs to, else the live one.
func (e *Engine) at(ctx context.Context) *snapshot {
	if s, ok := ctx.Value(pinned{e}).(*snapshot); ok {
		return s
	}
	return e.live.Load()
}

// accessOf is who may call by the configuration. What keys used of their rates
// before, if there was a before, is remembered.
func accessOf(before *httpapi.Access, cfg *config.Config) (*httpapi.Access, error) {
	keys := make([]httpapi.Key, 0, len(cfg.Auth.Keys))
	for _, key := range cfg.Auth.Keys {
		scopes := make([]httpapi.Scope, len(key.Scopes))
		for i, scope := range key.Scopes {
			scopes[i] = httpapi.Scope(scope)
		}
		keys = append(keys, httpapi.Key{ID: key.ID, SHA256: key.SHA256, Merchant: key.Merchant, Scopes: scopes, Rate: httpapi.Rate(key.Rate)})
	}
	access, err := before.Next(keys, cfg.Server.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("engine: auth: %w", err)
	}
	return access, nil
}
