package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core/api"
)

type routingInput struct {
	RawBody []byte `contentType:"application/json"`
}

type evaluationOutput struct{ Body api.Evaluation }

type backtestedOutput struct{ Body api.Backtested }

func (s *server) addRouting() {
	handle(s, operation{
		id: "evaluateRouting", method: http.MethodPost, path: "/v1/routing/evaluate",
		summary: "Ask the routing rules about a payment or payout that is not made",
		text: "The walk is that of a real one, with the accounts as they stand at this moment: the candidates in order, what was " +
			"left out with why, and of each rule why it matched or not. Nothing is stored and nobody is asked.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Evaluate](), refused: bodyRefused(),
	}, s.evaluate)
	handle(s, operation{
		id: "backtestRouting", method: http.MethodPost, path: "/v1/routing/backtest",
		summary: "Replay what was stored through other rules, and tell what would change",
		text: "The present rules and those in the body decide over every stored payment and payout of that time, with all accounts at " +
			"their best. Nothing is stored, one is made at a time, and the body may have 4 MiB. One that takes longer than 45 seconds is " +
			"refused with 413: take a shorter time, or `engine routes backtest` with a copy of the store.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Backtest](), bodyMax: api.BacktestBodyMax,
		refused: append(bodyRefused(), http.StatusConflict, http.StatusServiceUnavailable),
	}, s.backtest)
}

func (s *server) evaluate(ctx context.Context, in *routingInput) (*evaluationOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	sample, err := body.Evaluate()
	if err != nil {
		return nil, err
	}
	choice, err := s.Routing.Evaluate(ctx, callerOf(ctx), sample)
	if err != nil {
		return nil, err
	}
	return &evaluationOutput{Body: api.EvaluationOf(choice)}, nil
}

func (s *server) backtest(ctx context.Context, in *routingInput) (*backtestedOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	rules, since, err := body.Backtest()
	if err != nil {
		return nil, err
	}
	report, err := s.Routing.Backtest(ctx, callerOf(ctx), rules, since)
	if err != nil {
		return nil, err
	}
	return &backtestedOutput{Body: api.BacktestedOf(report)}, nil
}
