package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
)

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
		SiteID, p.Ref, s.dated(p, s.clock.now()).Format(timeLayout), strconv.FormatInt(p.whole, 10),
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

// signed makes the delivery of a form with the kind of x-token.
func signed(to, ref string, form []field, kind TokenKind) *delivery {
	sent := &delivery{ref: ref, url: to, form: form, kind: kind}
	values := url.Values{}
	for _, f := range form {
		values.Set(f.name, f.value)
	}
	switch kind {
	case TokenNone:
	case TokenGood:
		sent.token = Sign(SecretKey, values)
	case TokenBad:
		sent.token = Sign("another-key", values)
	case TokenPosted:
		last := len(form) - 1
		sent.form = append([]field{form[last]}, form[:last]...)
		sent.token = tokenOf(SecretKey, joined(sent.form))
	}
	return sent
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
		s.deliverLater(signed(p.NotifyURL, p.Ref, s.form(p, p.Code), p.trigger.token))
	}
	if p.trigger.waitingLast {
		s.deliverLater(signed(p.NotifyURL, p.Ref, s.form(p, codePushed), p.trigger.token))
	}
}

// deliverLater queues a delivery for now, behind what is already due. A
// receiver that does not answer well gets it again.
func (s *Server) deliverLater(sent *delivery) {
	sent.repeats = true
	s.after(0, func() *delivery { return sent })
}
