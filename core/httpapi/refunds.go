package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type refundInput struct {
	ID             string `path:"id"`
	IdempotencyKey string `header:"Idempotency-Key" required:"true" maxLength:"255" doc:"A random key of this refund's. The same key again gets the same answer, never a second refund"`
	RawBody        []byte `contentType:"application/json"`
}

func (s *server) addRefunds() {
	handle(s, operation{
		id: "createRefund", method: http.MethodPost, path: "/v1/payments/{id}/refunds",
		summary: "Give a payment back, whole or in part",
		text: "The money goes back through the account that took it and through no other. Where that account has no refunds, " +
			"give it back in the provider's portal and record it with manual.",
		scopes: []Scope{ScopeRefunds}, status: http.StatusCreated, body: reflect.TypeFor[api.Refund](), bodyOptional: true,
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable),
	}, s.refund)
}

func (s *server) refund(ctx context.Context, in *refundInput) (*answerOutput, error) {
	if err := needKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	body, err := optionalBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, err := body.Refund()
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	if asked.Manual && !caller.Operator {
		return nil, &core.Problem{
			Code: core.ErrForbidden.Code, Detail: "body.manual needs a key with the scope " + string(ScopeOperator),
		}
	}
	payment, err := s.readPayment(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	req, err := asked.For(payment)
	if err != nil {
		return nil, err
	}
	req.Caller, req.IdempotencyKey, req.Fingerprint = caller, in.IdempotencyKey, s.fingerprint(body)
	answer, err := s.Refunds.Refund(ctx, req)
	return showAnswer(ctx, answer, err)
}

// readPayment returns the caller's payment with id, or a not_found.
func (s *server) readPayment(ctx context.Context, id string) (core.Transaction, error) {
	if !strings.HasPrefix(id, core.PrefixPayment) {
		return core.Transaction{}, errUnknownTransaction()
	}
	return s.readTransaction(ctx, id)
}
