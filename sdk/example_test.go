package sdk_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk"
)

func ExampleSchema_Parse() {
	schema := sdk.Schema{
		{Name: "site_id", Kind: sdk.FieldString, Required: true, Doc: "the site number, in quotes"},
		{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "from the dashboard"},
		{Name: "channel", Kind: sdk.FieldString, Enum: []string{"ALL", "WALLET"}, Default: "ALL"},
		{Name: "timeout", Kind: sdk.FieldDuration, Default: "20s"},
	}
	_, found := schema.Parse(map[string]any{"site_id": 445160, "timeout": "20", "chanel": "WALLET"})
	for _, d := range found {
		fmt.Println(d)
	}
	// Output:
	// site_id: wrong value: must be text; put it in quotes
	// api_key: required: from the dashboard
	// timeout: wrong value: must be a positive duration with a unit, such as 20s
	// chanel: unknown setting: known are site_id, api_key, channel, timeout
}

// webhooks is an account that gets signed notifications.
type webhooks struct{ secret sdk.Secret }

var _ sdk.NotificationHandler = (*webhooks)(nil)

func (*webhooks) Capabilities() sdk.Capabilities { return sdk.Capabilities{} }

func (w *webhooks) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	mac := hmac.New(sha256.New, []byte(w.secret.Reveal()))
	mac.Write(req.Body) // The bytes as they came, before anything is parsed.
	signature, err := hex.DecodeString(req.Header.Get("X-Acmepay-Signature"))
	if err != nil || !hmac.Equal(mac.Sum(nil), signature) {
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized}, nil
	}
	var said struct{ ID, Reference, Status string }
	if err := json.Unmarshal(req.Body, &said); err != nil {
		return sdk.Notification{Authenticity: sdk.Hint}, nil
	}
	return sdk.Notification{
		Authenticity: sdk.Genuine, Ref: said.Reference, ProviderRef: said.ID,
		DedupeKey: said.ID + " " + said.Status,
		Confirm:   true, // Nothing is believed before QueryStatus says it.
	}, nil
}

func ExampleNotificationHandler() {
	account := &webhooks{sdk.NewSecret("a-secret")}
	body := []byte(`{"id":"ap_1","reference":"3h9z8ohzv4rhlkcx7fpyzs181","status":"paid"}`)
	mac := hmac.New(sha256.New, []byte("a-secret"))
	mac.Write(body)
	for _, signature := range []string{hex.EncodeToString(mac.Sum(nil)), "00"} {
		heard, _ := account.HandleNotification(context.Background(), sdk.NotificationRequest{
			Body: body, Header: http.Header{"X-Acmepay-Signature": {signature}},
		})
		fmt.Println(heard.Authenticity, heard.Ref, heard.Status)
	}
	// Output:
	// genuine 3h9z8ohzv4rhlkcx7fpyzs181 0
	// forged  401
}

func ExampleCreateOutcome() {
	refused := &sdk.Error{Kind: sdk.KindUnavailable, Message: "connection refused", Sent: sdk.NotSent}
	lost := sdk.Errorf(sdk.KindUnavailable, "no answer in 20 s")
	fmt.Println(sdk.CreateOutcome(refused))
	fmt.Println(sdk.CreateOutcome(lost))
	// Output:
	// NOT_SENT
	// UNKNOWN
}
