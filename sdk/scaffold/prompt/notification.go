package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/paymux/paymux/sdk"
)

// HandleNotification verifies and reads a notification. It calls nobody: the
// engine asks QueryStatus before it believes anything.
func (a account) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	mac := hmac.New(sha256.New, []byte(a.settings.Secret("webhook_secret").Reveal()))
	mac.Write(req.Body) // The bytes as they came, before anything is parsed.
	signature, err := hex.DecodeString(req.Header.Get("X-Acme-Signature"))
	if err != nil || !hmac.Equal(mac.Sum(nil), signature) {
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized}, nil
	}
	var said struct{ ID, Reference, Status string }
	if json.Unmarshal(req.Body, &said) != nil {
		return sdk.Notification{Authenticity: sdk.Hint}, nil
	}
	return sdk.Notification{
		Authenticity: sdk.Genuine, Confirm: true, Ref: said.Reference, ProviderRef: said.ID,
		DedupeKey: said.ID + " " + said.Status, // The same announcement again has the same key.
		Result:    sdk.Result{ProviderStatus: said.Status},
	}, nil
}
