package sandbox

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

const jsonType = "application/json"

// TokenKind chooses the bearer token of a webhook.
type TokenKind string

// The kinds of token.
const (
	// TokenGood is md5 of the transaction's id and the secret.
	TokenGood TokenKind = "good"
	// TokenBad is md5 of the secret and the id: the wrong way round.
	TokenBad TokenKind = "bad"
	// TokenNone leaves the header out.
	TokenNone TokenKind = "none"
)

func (k TokenKind) known() bool {
	switch k {
	case TokenGood, TokenBad, TokenNone:
		return true
	}
	return false
}

// Token returns the bearer token of a transaction's webhooks: md5 of the id and
// the secret, the id first, in small hex. That md5 is weak is EnovePay's choice.
func Token(transactionID, clientSecretKey string) string {
	sum := md5.Sum([]byte(transactionID + clientSecretKey))
	return hex.EncodeToString(sum[:])
}

func (k TokenKind) of(id string) string {
	switch k {
	case TokenGood:
		return Token(id, ClientSecretKey)
	case TokenBad:
		return Token(ClientSecretKey, id)
	case TokenNone:
	}
	return ""
}

// field is one field of a webhook. They keep the order of the documents' samples.
type field struct {
	name  string
	value any
}

// fieldsOf is what a webhook with the word says.
func (t *transaction) fieldsOf(word string) []field {
	const text = "Transaction completed Successfully"
	switch word {
	case wordFailed:
		return []field{
			{"success", false},
			{"status_code", codeFailed},
			{"message", messageOf(codeFailed)},
			{"transaction_id", t.TransactionID},
			{"transaction_ref", t.Ref},
			{"debitor_account", "D" + t.Ref},
			{"reference_number", t.Ref},
		}
	case wordProgress:
		return t.fieldsWith(false, codePending, messageOf(codePending), word)
	}
	return t.fieldsWith(true, codeHandled, text, word)
}

func (t *transaction) fieldsWith(success bool, code int, message, word string) []field {
	all := []field{
		{"success", success},
		{"status_code", code},
		{"message", message},
		{"transaction_id", t.TransactionID},
		{"transaction_amount", t.toldAmount()},
		{"sender_name", "Johhn Nadala"},
		{"transaction_ref", t.Ref},
		{"debitor_account", "D" + t.Ref},
	}
	if !t.trigger.wordless {
		all = append(all, field{"transaction_status", word})
	}
	return append(all, field{"command_status", "ok"}, field{"reference_number", t.Ref})
}

// encode writes the fields in their order and returns the content type with them.
func (k BodyKind) encode(fields []field) (kind, body string) {
	var parts []string
	for _, f := range fields {
		parts = append(parts, k.part(f))
	}
	switch k {
	case BodyForm:
		return "application/x-www-form-urlencoded", strings.Join(parts, "&")
	case BodyJavaScript:
		return jsonType, "{\n" + strings.Join(parts, ",\n") + "\n}"
	case BodyJSON:
	}
	return jsonType, "{" + strings.Join(parts, ",") + "}"
}

func (k BodyKind) part(f field) string {
	text, isText := f.value.(string)
	switch {
	case k == BodyForm:
		return url.QueryEscape(f.name) + "=" + url.QueryEscape(fmt.Sprint(f.value))
	case k == BodyJavaScript && isText:
		return f.name + ": '" + text + "'"
	case k == BodyJavaScript:
		return fmt.Sprintf("%s: %v", f.name, f.value)
	}
	// Only texts, numbers and booleans come here.
	encoded, _ := json.Marshal(f.value)
	return `"` + f.name + `":` + string(encoded)
}

// webhook is a delivery that tells the word, in the way of the trigger.
func (s *Server) webhook(t *transaction, word string) sandboxkit.Delivery {
	return s.webhookAs(t, word, t.trigger.token, t.trigger.body)
}

func (s *Server) webhookAs(t *transaction, word string, token TokenKind, body BodyKind) sandboxkit.Delivery {
	kind, text := body.encode(t.fieldsOf(word))
	header := http.Header{"Content-Type": {kind}}
	if bearer := token.of(t.TransactionID); bearer != "" {
		header.Set("Authorization", "Bearer "+bearer)
	}
	return sandboxkit.Delivery{Ref: t.Ref, Word: word, Proof: string(token), Requests: []sandboxkit.Request{
		{Method: http.MethodPost, URL: t.CallbackURL, Header: header, Body: []byte(text)},
	}}
}

// announce schedules the webhooks of a step, where somebody takes them. The
// caller holds the lock.
func (s *Server) announce(t *transaction) {
	if t.CallbackURL == "" {
		return
	}
	word := t.Status
	if t.trigger.claim != "" {
		word = t.trigger.claim
	}
	for range t.trigger.copies {
		s.stage.Post(0, s.webhook(t, word))
	}
	if t.trigger.progressLast {
		s.stage.Post(0, s.webhook(t, wordProgress))
	}
}

// Notification is one try of a webhook.
type Notification struct {
	// Ref is the merchant's reference of the transaction.
	Ref    string `json:"ref"`
	URL    string `json:"url"`
	Method string `json:"method"`
	// Status is the receiver's answer, 0 when none came.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
	// Attempt counts from 1; a repetition has the next number.
	Attempt int       `json:"attempt"`
	Token   TokenKind `json:"token"`
	// Message is the status word that the webhook is about, for reading.
	Message string `json:"message"`
}

func notificationsOf(tries []sandboxkit.Try) []Notification {
	notifications := make([]Notification, len(tries))
	for i, try := range tries {
		notifications[i] = Notification{
			Ref: try.Ref, URL: try.URL, Method: try.Method, Status: try.Status, At: try.At, Attempt: try.Attempt,
			Token: TokenKind(try.Proof), Message: try.Word,
		}
	}
	return notifications
}
