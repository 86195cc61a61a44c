package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core/api"
)

type reloadInput struct {
	RawBody []byte `contentType:"application/json"`
}

type (
	reloadedOutput    struct{ Body api.Reloaded }
	generationsOutput struct{ Body api.Generations }
)

func (s *server) addReload() {
	refused := append(bodyRefused(), http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	handle(s, operation{
		id: "reload", method: http.MethodPost, path: "/v1/reload",
		summary: "Read the configuration and the routing rules again",
		text: "Whole or not at all: where anything is wrong the generation that is live stays, and the problem configuration_refused " +
			"names every fault with its file and line. Requests under way keep the generation that they began with. A file that " +
			"changes is read without being asked to; GET /v1/routing/generations tells how that ended.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Reload](), bodyOptional: true, refused: refused,
	}, s.reload)
	handle(s, operation{
		id: "rollbackRules", method: http.MethodPost, path: "/v1/routing/rollback",
		summary: "Go back to the routing rules of a former generation",
		text: "Their text is written into the file of the rules, what was there is kept beside it as .bak-<generation>, and they go " +
			"live as a new generation. Rules that do not fit the accounts any more are refused, and nothing is written.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Rollback](), bodyOptional: true,
		refused: append(refused, http.StatusNotFound, http.StatusConflict),
	}, s.rollback)
	handle(s, operation{
		id: "listGenerations", method: http.MethodGet, path: "/v1/routing/generations",
		summary: "The last ten generations, newest first, and how the last reload ended",
		text:    "last_error is null as long as what is live is what the files say: watch it.",
		scopes:  []Scope{ScopeOperator},
	}, s.generations)
}

func (s *server) reload(ctx context.Context, in *reloadInput) (*reloadedOutput, error) {
	body, err := optionalBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, err := body.Reload()
	if err != nil {
		return nil, err
	}
	reloaded, err := s.Reload.Reload(ctx, callerOf(ctx), asked.Reason)
	if err != nil {
		return nil, err
	}
	return &reloadedOutput{Body: api.ReloadedOf(reloaded)}, nil
}

func (s *server) rollback(ctx context.Context, in *reloadInput) (*reloadedOutput, error) {
	body, err := optionalBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, err := body.Rollback()
	if err != nil {
		return nil, err
	}
	reloaded, err := s.Reload.Rollback(ctx, callerOf(ctx), asked.To, asked.Reason)
	if err != nil {
		return nil, err
	}
	return &reloadedOutput{Body: api.ReloadedOf(reloaded)}, nil
}

func (s *server) generations(ctx context.Context, _ *struct{}) (*generationsOutput, error) {
	list, err := s.Reload.Generations(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	return &generationsOutput{Body: api.GenerationsOf(list, s.Reload.ReloadStatus())}, nil
}
