package httpx

import (
	"bytes"
	"encoding/json"

	"github.com/paymux/paymux/sdk"
)

// Encode writes the JSON of a request's body: the fields of a struct in their
// order, and & < > as they are, so that a provider's firewall sees the URLs in it.
// A value that has no JSON form is an sdk.ErrInvalid that was not sent.
func Encode(value any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, &sdk.Error{Kind: sdk.KindInvalid, Message: "cannot encode the request", Sent: sdk.NotSent, Err: err}
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n")), nil
}
