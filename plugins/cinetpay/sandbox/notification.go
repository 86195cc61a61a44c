package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

const formType = "application/x-www-form-urlencoded"

// TokenKind chooses the x-token header of a notification.
type TokenKind string

// The kinds of x-token.
const (
	// TokenGood signs the 16 fields in formula order with the Secret Key.
	TokenGood TokenKind = "good"
	// TokenBad signs them with another key.
	TokenBad TokenKind = "bad"
	// TokenNone leaves the header out.
	TokenNone TokenKind = "none"
	// TokenPosted posts cpm_error_message first and signs in posted order, as
	// CinetPay's own kits expect it.
	TokenPosted TokenKind = "posted"
)

func (k TokenKind) known() bool {
	switch k {
	case TokenGood, TokenBad, TokenNone, TokenPosted:
		return true
	}
	return false
}

// field is one form value. Forms are lists, because their order is signed.
type field struct{ name, value string }

// FieldOrder returns the fields of a payment notification in the order in
// which the x-token formula joins them.
func FieldOrder() []string {
	return []string{
		"cpm_site_id", "cpm_trans_id", "cpm_trans_date", "cpm_amount", "cpm_currency", "signature", "payment_method",
		"cel_phone_num", "cpm_phone_prefixe", "cpm_language", "cpm_version", "cpm_payment_config", "cpm_page_action",
		"cpm_custom", "cpm_designation", "cpm_error_message",
	}
}

// Sign returns the x-token of a notification: HMAC-SHA256 of the values in
// formula order, an absent one counting as empty, in lower-case hex.
func Sign(secretKey string, values url.Values) string {
	var message strings.Builder
	for _, name := range FieldOrder() {
		message.WriteString(values.Get(name))
	}
	return tokenOf(secretKey, message.String())
}

func tokenOf(secretKey, message string) string {
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(message))
	return hex.EncodeToString(mac.Sum(nil))
}

// encode writes a form in its own order; url.Values would sort it.
func encode(form []field) string {
	pairs := make([]string, len(form))
	for i, f := range form {
		pairs[i] = url.QueryEscape(f.name) + "=" + url.QueryEscape(f.value)
	}
	return strings.Join(pairs, "&")
}

// form is the notification of a payment that ended with code. The caller holds
// the lock.
func (s *Server) form(p *payment, code string) []field {
	place, _ := marketOf(p.Currency)
	values := []string{
		SiteID, p.Ref, s.dated(p, s.stage.Now()).Format(timeLayout), strconv.FormatInt(p.whole, 10),
		p.Currency, p.PaymentToken[:64], p.PaymentMethod, place.phone, place.prefix, p.Lang, "V4", "SINGLE", "PAYMENT",
		p.Metadata, p.Description, messageOf(code),
	}
	var form []field
	for i, name := range FieldOrder() {
		if name == "cpm_custom" && p.trigger.noCustom {
			continue
		}
		form = append(form, field{name, values[i]})
	}
	return form
}

// notice is a notification: a GET that asks whether the address answers, and the
// POST of the form that tells.
type notice struct {
	ref, url, word string
	form           []field
	kind           TokenKind
	token          string
}

func (n notice) delivery() sandboxkit.Delivery {
	header := http.Header{"Content-Type": {formType}}
	if n.token != "" {
		header.Set("x-token", n.token)
	}
	return sandboxkit.Delivery{Ref: n.ref, Word: n.word, Proof: string(n.kind), Requests: []sandboxkit.Request{
		{Method: http.MethodGet, URL: n.url},
		{Method: http.MethodPost, URL: n.url, Header: header, Body: []byte(encode(n.form))},
	}}
}

// signed is the notice with the kind of x-token.
func (n notice) signed(kind TokenKind) notice {
	n.kind = kind
	values := url.Values{}
	for _, f := range n.form {
		values.Set(f.name, f.value)
	}
	switch kind {
	case TokenNone:
	case TokenGood:
		n.token = Sign(SecretKey, values)
	case TokenBad:
		n.token = Sign("another-key", values)
	case TokenPosted:
		last := len(n.form) - 1
		n.form = append([]field{n.form[last]}, n.form[:last]...)
		n.token = tokenOf(SecretKey, joined(n.form))
	}
	return n
}

// paymentNotice tells that a payment ended with code, with the kind of x-token.
// The caller holds the lock.
func (s *Server) paymentNotice(p *payment, code string, kind TokenKind) sandboxkit.Delivery {
	told := notice{ref: p.Ref, url: p.NotifyURL, word: messageOf(code), form: s.form(p, code)}
	return told.signed(kind).delivery()
}

func joined(form []field) string {
	var message strings.Builder
	for _, f := range form {
		message.WriteString(f.value)
	}
	return message.String()
}

// announce schedules the notifications of a decision. The caller holds the
// lock.
func (s *Server) announce(p *payment) {
	for range p.trigger.copies {
		s.stage.Post(0, s.paymentNotice(p, p.Code, p.trigger.token))
	}
	if p.trigger.waitingLast {
		s.stage.Post(0, s.paymentNotice(p, codePushed, p.trigger.token))
	}
}

// Notification is one request of the sandbox to a notify_url: a GET that asks
// whether it answers, or the POST that tells.
type Notification struct {
	// Ref is the merchant's id of the payment or transfer.
	Ref    string `json:"ref"`
	URL    string `json:"url"`
	Method string `json:"method"`
	// Status is the receiver's answer, 0 when none came.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
	// Attempt counts from 1; a repetition has the next number.
	Attempt int `json:"attempt"`
	// Token is the kind of x-token, empty for transfers, which are unsigned.
	Token TokenKind `json:"token,omitempty"`
	// Message is cpm_error_message or treatment_status, for reading.
	Message string `json:"message,omitempty"`
}

func notificationsOf(tries []sandboxkit.Try) []Notification {
	notifications := make([]Notification, len(tries))
	for i, try := range tries {
		notifications[i] = Notification{
			Ref: try.Ref, URL: try.URL, Method: try.Method, Status: try.Status, At: try.At, Attempt: try.Attempt,
		}
		if try.Method == http.MethodPost {
			notifications[i].Token, notifications[i].Message = TokenKind(try.Proof), try.Word
		}
	}
	return notifications
}
