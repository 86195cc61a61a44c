package sandbox

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// SignatureKind chooses the x-signature header of a webhook.
type SignatureKind string

// The kinds of x-signature.
const (
	SignatureGood SignatureKind = "good"
	// SignatureBad is made with another password.
	SignatureBad SignatureKind = "bad"
	// SignatureNone leaves the header out.
	SignatureNone SignatureKind = "none"
)

func (k SignatureKind) known() bool {
	return k == SignatureGood || k == SignatureBad || k == SignatureNone
}

// Sign returns the x-signature of a body as JSON.stringify writes it: SHA-1 of
// the body with the password behind it, in upper-case hex.
func Sign(password string, body []byte) string {
	hash := sha1.New()
	hash.Write(body)
	hash.Write([]byte(password))
	return strings.ToUpper(hex.EncodeToString(hash.Sum(nil)))
}

// told is a transaction as webhooks and the list tell it, in this order.
type told struct {
	TransactionID   string `json:"transaction_id"`
	UserID          string `json:"user_id"`
	TrackingID      string `json:"tracking_id"`
	Status          string `json:"status"`
	Currency        string `json:"currency"`
	Amount          string `json:"amount"`
	TransactionType string `json:"transaction_type"`
}

// tell is the transaction with a status word. The caller holds the lock.
func (t *transaction) tell(word string) told {
	kind := "deposit"
	if t.Kind == KindPayout {
		kind = "withdrawal"
	}
	return told{
		TransactionID: t.TransactionID, UserID: t.UserID, TrackingID: t.Ref, Status: word,
		Currency: t.toldCurrency(), Amount: t.toldAmount(), TransactionType: kind,
	}
}

// stringified writes JSON as JSON.stringify would: nothing escaped that need not
// be, no white space, no final line feed.
func stringified(value any) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		// Only this package's own structs come here.
		panic(fmt.Sprintf("sandbox: encode a webhook: %v", err))
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n"))
}

// webhook makes the delivery that tells the word. The caller holds the lock.
func (t *transaction) webhook(word string, kind SignatureKind) sandboxkit.Delivery {
	body := stringified(t.tell(word))
	header := http.Header{"Content-Type": {"application/json"}}
	switch kind {
	case SignatureGood:
		header.Set("x-signature", Sign(SignaturePassword, body))
	case SignatureBad:
		header.Set("x-signature", Sign("another-password", body))
	case SignatureNone:
	}
	if t.trigger.pretty {
		var indented bytes.Buffer
		// The body is JSON, which always has an indented form.
		_ = json.Indent(&indented, body, "", "  ")
		body = indented.Bytes()
	}
	return sandboxkit.Delivery{Ref: t.Ref, Word: word, Proof: string(kind), Requests: []sandboxkit.Request{
		{Method: http.MethodPost, URL: t.WebhookURL, Header: header, Body: body},
	}}
}

// announce schedules the webhooks of a change. The caller holds the lock.
func (s *Server) announce(t *transaction, delay time.Duration) {
	if t.trigger.silent {
		return
	}
	words := []string{t.Status}
	if t.trigger.reordered && t.Paid {
		words = []string{t.Status, t.Status, wordPending}
	}
	for _, word := range words {
		s.stage.Post(delay, t.webhook(word, t.trigger.signature()))
	}
}

// Notification is one webhook as it was tried.
type Notification struct {
	// Ref is the tracking_id of the transaction.
	Ref string `json:"ref"`
	URL string `json:"url"`
	// Word is the status that it told.
	Word string `json:"word"`
	// Status is the receiver's answer, 0 when none came.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
	// Attempt counts from 1; a repetition has the next number.
	Attempt   int           `json:"attempt"`
	Signature SignatureKind `json:"signature"`
}

func notificationsOf(tries []sandboxkit.Try) []Notification {
	notifications := make([]Notification, len(tries))
	for i, try := range tries {
		notifications[i] = Notification{
			Ref: try.Ref, URL: try.URL, Word: try.Word, Status: try.Status, At: try.At, Attempt: try.Attempt,
			Signature: SignatureKind(try.Proof),
		}
	}
	return notifications
}
