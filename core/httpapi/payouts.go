package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type payoutInput struct {
	IdempotencyKey string `header:"Idempotency-Key" required:"true" maxLength:"255" doc:"A random key of this payout's. The same key again gets the same answer, never a second payout"`
	RawBody        []byte `contentType:"application/json"`
}

func (s *server) addPayouts() {
	handle(s, operation{
		id: "createPayout", method: http.MethodPost, path: "/v1/payouts",
		summary: "Create a payout and route it",
		text: "One that the approval policy holds is answered at once, in awaiting_approval. " +
			"unknown is not a failure: never pay out again because of it.",
		scopes: []Scope{ScopePayouts}, status: http.StatusCreated, body: reflect.TypeFor[api.Payout](),
		refused: append(bodyRefused(), http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable),
	}, s.payout)
	s.addDecision("cancelPayout", "/v1/payouts/{id}/cancel", "Cancel a payout that has not moved money", ScopePayouts, s.Payments.Cancel)
	s.addDecision("approvePayout", "/v1/payouts/{id}/approve", "Let a held payout go", ScopeOperator, s.Payouts.Approve)
	s.addDecision("rejectPayout", "/v1/payouts/{id}/reject", "End a held payout", ScopeOperator, s.Payouts.Reject)
}

// addDecision adds a decision on a payout.
func (s *server) addDecision(id, path, summary string, scope Scope, made decision) {
	handle(s, operation{
		id: id, method: http.MethodPost, path: path, summary: summary,
		text:   "The same again is answered as before; the opposite of what was decided is refused.",
		scopes: []Scope{scope}, body: reflect.TypeFor[api.Decide](), bodyOptional: true,
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable),
	}, s.decide(core.PrefixPayout, made))
}

func (s *server) payout(ctx context.Context, in *payoutInput) (*answerOutput, error) {
	if err := needKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	req, err := body.Payout()
	if err != nil {
		return nil, err
	}
	req.Caller = callerOf(ctx)
	if err := mayChoose(req.Caller, req.Provider); err != nil {
		return nil, err
	}
	req.IdempotencyKey, req.Fingerprint = in.IdempotencyKey, s.fingerprint(body)
	answer, err := s.Payouts.Payout(ctx, req)
	return showAnswer(ctx, answer, err)
}
