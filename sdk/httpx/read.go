package httpx

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// Read returns the JSON object of an answer with a status of 2xx. It takes what
// Ask and Move return, and hands their error on. Any other status is the
// Response's Fault; an answer that is no single JSON object, or has a name twice,
// is an *sdk.Error of KindUnknown with ErrUnreadable as its cause. None of these
// says NotSent, but where Move has proved it.
func Read[T any](answer Response, err error) (T, error) {
	var said T
	if err != nil {
		return said, err
	}
	if !answer.OK() {
		return said, answer.Fault()
	}
	if err := decode(answer.Body, &said); err != nil {
		var none T
		return none, answer.fault(sdk.KindUnknown, err)
	}
	return said, nil
}

// Fault is what a status means that is not the one hoped for, as an *sdk.Error
// with the status as its code. A 404 is KindUnknown: a wrong path is answered
// with it too, so that it proves nothing about a payment.
func (r Response) Fault() *sdk.Error {
	return r.fault(kindOf(r.Status), errors.New("status "+strconv.Itoa(r.Status)))
}

// Rejected is the Result of a creating call whose answer says, as the provider
// documents, that nothing was created. It is for no other call.
func (r Response) Rejected(reason sdk.Reason) sdk.Result {
	return sdk.Result{
		Outcome: sdk.OutcomeRejected, Reason: reason, ProviderCode: strconv.Itoa(r.Status),
		RetryAfter: r.RetryAfter(), Exchanges: r.Exchanges,
	}
}

func (r Response) fault(kind sdk.ErrorKind, err error) *sdk.Error {
	message := err.Error()
	if n := len(r.Exchanges); n > 0 {
		message = r.Exchanges[n-1].Method + " " + r.Exchanges[n-1].URL + ": " + message
	}
	return &sdk.Error{
		Kind: kind, ProviderCode: strconv.Itoa(r.Status), Message: message,
		RetryAfter: r.RetryAfter(), Err: err, Exchanges: r.Exchanges,
	}
}

func kindOf(status int) sdk.ErrorKind {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return sdk.KindInvalid
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return sdk.KindAuthentication
	case status == http.StatusTooManyRequests:
		return sdk.KindRateLimited
	case status >= http.StatusInternalServerError:
		return sdk.KindUnavailable
	default:
		return sdk.KindUnknown
	}
}

// decode reads one JSON object. The errors repeat nothing of it.
func decode(body []byte, into any) error {
	object, ok := sdk.ReadObject(body)
	if !ok {
		return fmt.Errorf("%w: it is not one JSON object with every name once", ErrUnreadable)
	}
	// encoding/json takes "Status" for "status" too, and the last one wins.
	seen := map[string]bool{}
	for name := range object {
		folded := strings.ToLower(name)
		if seen[folded] {
			return fmt.Errorf("%w: two names differ in capitals alone", ErrUnreadable)
		}
		seen[folded] = true
	}
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("%w: a field has another type than documented", ErrUnreadable)
	}
	return nil
}
