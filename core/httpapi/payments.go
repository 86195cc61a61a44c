package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type payInput struct {
	IdempotencyKey string `header:"Idempotency-Key" required:"true" maxLength:"255" doc:"A random key of this order's. The same key again gets the same answer, never a second payment"`
	RawBody        []byte `contentType:"application/json"`
}

func (s *server) addPayments() {
	handle(s, operation{
		id: "createPayment", method: http.MethodPost, path: "/v1/payments",
		summary: "Create a payment and route it",
		text: "Answers with the transaction as it stands after the first provider answered: show next_action to the customer. " +
			"unknown is not a failure: the engine finds out what happened.",
		scopes: []Scope{ScopePayments}, status: http.StatusCreated, body: reflect.TypeFor[api.Payment](),
		refused: append(bodyRefused(), http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable),
	}, s.pay)
	handle(s, operation{
		id: "cancelPayment", method: http.MethodPost, path: "/v1/payments/{id}/cancel",
		summary: "Cancel a payment that has not moved money",
		scopes:  []Scope{ScopePayments}, body: reflect.TypeFor[api.Decide](), bodyOptional: true,
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable),
	}, s.decide(core.PrefixPayment, s.Payments.Cancel))
}

func (s *server) pay(ctx context.Context, in *payInput) (*answerOutput, error) {
	if err := needKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	req, err := body.Payment()
	if err != nil {
		return nil, err
	}
	req.Caller = callerOf(ctx)
	if err := mayChoose(req.Caller, req.Provider); err != nil {
		return nil, err
	}
	if err := maySendCard(req.Caller, req); err != nil {
		return nil, err
	}
	req.IdempotencyKey, req.Fingerprint = in.IdempotencyKey, s.fingerprint(body)
	answer, err := s.Payments.Pay(ctx, req)
	return showAnswer(ctx, answer, err)
}

// maySendCard refuses raw card data of a key without the scope for it.
func maySendCard(caller core.Caller, req core.PaymentRequest) error {
	if req.Card == nil && req.Browser == nil || caller.SendCards {
		return nil
	}
	return &core.Problem{
		Code: core.ErrForbidden.Code, Detail: "body.card and body.browser need a key with the scope " + string(ScopeCard),
	}
}
