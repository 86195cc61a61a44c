package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/paymux/paymux/sdk"
)

const (
	signatureHeader = "X-Signature"
	// bodyMax bounds a webhook, in bytes; a real one has about 200.
	bodyMax = 64 << 10
)

// HandleNotification reads a webhook. Its signature is a plain SHA-1 with the
// password at the end, and holds no time: even a genuine one can be a replay. So
// Confirm is always set, and what it says of the money only counts once status
// agrees.
func (p *provider) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return sdk.Notification{Authenticity: sdk.Ping, Status: http.StatusOK}, nil
	case http.MethodPost:
		return p.posted(req), nil
	default:
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed}, nil
	}
}

func (p *provider) posted(req sdk.NotificationRequest) sdk.Notification {
	signature, there := signatureOf(req.Header)
	switch {
	case len(req.Body) > bodyMax:
		return forged("a webhook of more than 64 KiB was refused")
	case !there:
		return forged("a webhook without one x-signature was refused")
	case !p.settings.signed(req.Body, signature):
		return forged("a webhook with a wrong x-signature was refused: check signature_password")
	}
	said, ok := readObject(req.Body)
	if !ok {
		return forged("a webhook that is no JSON object, or holds a name twice, was refused")
	}
	return p.genuine(said)
}

func forged(alert string) sdk.Notification {
	return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized, Alert: alert}
}

// genuine is a webhook that was signed with our password, and what it claims.
func (p *provider) genuine(said fields) sdk.Notification {
	word := said.either("status", "transaction_status")
	claimed := claimOf(word, said.text("rejected_reason"))
	told := toldOf(said)
	theirs := sdk.Clean(said.text("transaction_id"), wordMax)
	read := sdk.Notification{
		Authenticity: sdk.Genuine, Ref: told.Reference, ProviderRef: theirs, Confirm: true,
		Status: http.StatusOK, Alert: claimed.alert,
		Result: sdk.Result{
			Outcome: claimed.outcome, Reason: claimed.reason, ProviderRef: theirs, ProviderStatus: sdk.Clean(word, wordMax), Told: told,
		},
	}
	if theirs != "" && word != "" {
		read.DedupeKey = theirs + " " + sdk.Clean(normal(word), wordMax)
	}
	return read
}

// signatureOf returns the one signature of the headers, in whatever case its
// name came, in capitals.
func signatureOf(header http.Header) (string, bool) {
	var values []string
	for name, list := range header {
		if strings.EqualFold(name, signatureHeader) {
			values = append(values, list...)
		}
	}
	if len(values) != 1 {
		return "", false
	}
	return strings.ToUpper(strings.TrimSpace(values[0])), true
}

// signed reports whether the signature was made over the bytes as they came, or
// over the same without white space, which is what JSON.stringify writes. They
// are never decoded and written again: that would change what was signed.
func (s *settings) signed(body []byte, signature string) bool {
	if s.sealed(body, signature) {
		return true
	}
	var compact bytes.Buffer
	return json.Compact(&compact, body) == nil && s.sealed(compact.Bytes(), signature)
}

// sealed compares with the hash of the text and the password behind it. That
// this is SHA-1, and no HMAC, is Numipay's choice.
func (s *settings) sealed(text []byte, signature string) bool {
	hash := sha1.New()
	hash.Write(text)
	hash.Write([]byte(s.password.Reveal()))
	want := strings.ToUpper(hex.EncodeToString(hash.Sum(nil)))
	return subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1
}
