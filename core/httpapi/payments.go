package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"reflect"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type payInput struct {
	IdempotencyKey string `header:"Idempotency-Key" required:"true" maxLength:"255" doc:"A random key of this order's. The same key again gets the same answer, never a second payment"`
	RawBody        []byte `contentType:"application/json"`
}

type payOutput struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true where the answer was given before"`
	Body     api.Transaction
}

type cancelInput struct {
	ID      string `path:"id"`
	RawBody []byte `contentType:"application/json"`
}

type transactionOutput struct{ Body api.Transaction }

func (s *server) addPayments() {
	handle(s, operation{
		id: "createPayment", method: http.MethodPost, path: "/v1/payments",
		summary: "Create a payment and route it",
		text: "Answers with the transaction as it stands after the first provider answered: show next_action to the customer. " +
			"unknown is not a failure: the engine finds out what happened.",
		scopes: []Scope{ScopePayments}, status: http.StatusCreated, body: reflect.TypeFor[api.Payment](),
		refused: []int{
			http.StatusConflict, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}, s.pay)
	handle(s, operation{
		id: "cancelPayment", method: http.MethodPost, path: "/v1/payments/{id}/cancel",
		summary: "Cancel a payment that has not moved money",
		scopes:  []Scope{ScopePayments}, body: reflect.TypeFor[api.Cancel](), bodyOptional: true,
		refused: []int{
			http.StatusNotFound, http.StatusConflict, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusServiceUnavailable,
		},
	}, s.cancel)
}

func (s *server) pay(ctx context.Context, in *payInput) (*payOutput, error) {
	if in.IdempotencyKey == "" {
		return nil, &core.Problem{
			Code:   core.ErrIdempotencyKeyMissing.Code,
			Detail: "send the header Idempotency-Key: a random key, kept for repeats of this payment",
		}
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
	if req.Provider != "" && !req.Caller.ChooseProvider {
		return nil, &core.Problem{
			Code: core.ErrForbidden.Code, Detail: "body.provider needs a key with the scope " + string(ScopeChooseProvider),
		}
	}
	req.IdempotencyKey, req.Fingerprint = in.IdempotencyKey, s.fingerprint(body)
	answer, err := s.Payments.Pay(ctx, req)
	if err != nil {
		return nil, err
	}
	out := &payOutput{Body: api.TransactionOf(answer.Transaction)}
	if answer.Replayed {
		out.Replayed = "true"
	}
	return out, nil
}

// fingerprint tells a repeat of a request from another one under the same key. It
// is keyed, so that what is stored cannot be searched for a phone.
func (s *server) fingerprint(body api.Body) []byte {
	mac := hmac.New(sha256.New, s.FingerprintKey)
	mac.Write(body.Canonical())
	return mac.Sum(nil)
}

func (s *server) cancel(ctx context.Context, in *cancelInput) (*transactionOutput, error) {
	if !validID(in.ID) || !strings.HasPrefix(in.ID, core.PrefixPayment) {
		return nil, errUnknownTransaction()
	}
	var asked api.Cancel
	if len(in.RawBody) > 0 {
		body, err := api.ParseBody(in.RawBody)
		if err != nil {
			return nil, err
		}
		if asked, err = body.Cancel(); err != nil {
			return nil, err
		}
	}
	tx, err := s.Payments.Cancel(ctx, callerOf(ctx), in.ID, asked.Reason)
	return show(ctx, tx, err)
}

// show answers with a transaction, never with another merchant's.
func show(ctx context.Context, tx core.Transaction, err error) (*transactionOutput, error) {
	if err != nil {
		return nil, nameMissing(err)
	}
	if !owns(callerOf(ctx), tx) {
		return nil, errUnknownTransaction()
	}
	return &transactionOutput{Body: api.TransactionOf(tx)}, nil
}

func owns(caller core.Caller, tx core.Transaction) bool {
	return caller.Operator || tx.Merchant == caller.Merchant
}
