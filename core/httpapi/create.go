package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

// answerOutput is the answer to what creates a transaction.
type answerOutput struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true where the answer was given before"`
	Body     api.Transaction
}

// transactionOutput is the answer to what changes or reads one.
type transactionOutput struct{ Body api.Transaction }

// bodyRefused are the statuses that a body may be refused with besides 400.
func bodyRefused() []int {
	return []int{http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}
}

// needKey refuses a request that moves money and could not be told from its repeat.
func needKey(idempotencyKey string) error {
	if idempotencyKey != "" {
		return nil
	}
	return &core.Problem{
		Code:   core.ErrIdempotencyKeyMissing.Code,
		Detail: "send the header Idempotency-Key: a random key, kept for repeats of this request",
	}
}

// mayChoose refuses the field provider where the key may not choose.
func mayChoose(caller core.Caller, provider string) error {
	if provider == "" || caller.ChooseProvider {
		return nil
	}
	return &core.Problem{
		Code: core.ErrForbidden.Code, Detail: "body.provider needs a key with the scope " + string(ScopeChooseProvider),
	}
}

// fingerprint tells a repeat of a request from another one under the same key. It
// is keyed, so that what is stored cannot be searched for a phone.
func (s *server) fingerprint(body api.Body) []byte {
	mac := hmac.New(sha256.New, s.FingerprintKey)
	mac.Write(body.Canonical())
	return mac.Sum(nil)
}

// optionalBody reads a body that may be left out.
func optionalBody(raw []byte) (api.Body, error) {
	if len(raw) == 0 {
		return api.Body{}, nil
	}
	return api.ParseBody(raw)
}

// showAnswer answers with a created transaction, never with another merchant's.
func showAnswer(ctx context.Context, answer core.Answer, err error) (*answerOutput, error) {
	shown, err := show(ctx, answer.Transaction, err)
	if err != nil {
		return nil, err
	}
	out := &answerOutput{Body: shown.Body}
	if answer.Replayed {
		out.Replayed = "true"
	}
	return out, nil
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
