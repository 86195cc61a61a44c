package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core/api"
)

type syncInput struct {
	ID string `path:"id"`
}

type resolveInput struct {
	ID      string `path:"id"`
	RawBody []byte `contentType:"application/json"`
}

func (s *server) addOperator() {
	handle(s, operation{
		id: "syncTransaction", method: http.MethodPost, path: "/v1/transactions/{id}/sync",
		summary: "Ask the provider now",
		text:    "Questions are merged: one in flight an attempt, at most one in two seconds.",
		scopes:  []Scope{ScopePayments, ScopeOperator},
		refused: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, s.sync)
	handle(s, operation{
		id: "resolveTransaction", method: http.MethodPost, path: "/v1/transactions/{id}/resolve",
		summary: "Settle a review or an unknown by hand",
		text:    "The actor and the reason are kept in the history and the audit.",
		scopes:  []Scope{ScopeOperator}, body: reflect.TypeFor[api.Resolve](),
		refused: []int{
			http.StatusNotFound, http.StatusConflict, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}, s.resolve)
}

func (s *server) sync(ctx context.Context, in *syncInput) (*transactionOutput, error) {
	if !validID(in.ID) {
		return nil, errUnknownTransaction()
	}
	tx, err := s.Operator.Sync(ctx, callerOf(ctx), in.ID)
	return show(ctx, tx, err)
}

func (s *server) resolve(ctx context.Context, in *resolveInput) (*transactionOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, err := body.Resolve()
	if err != nil {
		return nil, err
	}
	before, err := s.readTransaction(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	resolution, err := asked.For(before)
	if err != nil {
		return nil, err
	}
	tx, err := s.Operator.Resolve(ctx, callerOf(ctx), in.ID, resolution)
	return show(ctx, tx, err)
}
