package main

import (
	"context"
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/paymux/paymux/sdk"
)

const (
	// refDigits is the length of our references, of [a-z0-9].
	refDigits = 25
	// idDigits is the length of EnovePay's ids, of small hex digits.
	idDigits = 20
)

// HandleNotification reads a webhook. Its token is made of the transaction's id
// alone: it protects neither the word nor the amount, and is the same in every
// webhook of that transaction. So even a genuine one is believed to say only
// that something changed, and Confirm is always set.
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
	if !p.settings.letsIn(req.PeerIP) {
		return forged("a webhook from an address outside of allowed_ips was refused: ask EnovePay's support for theirs")
	}
	token, there := bearerOf(req.Header)
	if !there {
		return forged("a webhook without a bearer token was refused")
	}
	said := readBody(req.Body)
	id := said.transactionID()
	switch {
	case id == "":
		return p.hinted(req.Body, token)
	case !p.settings.signed(id, token):
		return forged("a webhook with a wrong token was refused: check client_secret_key")
	default:
		return p.genuine(said)
	}
}

// genuine is a webhook whose token was made with our secret, and what it claims.
func (p *provider) genuine(said fields) sdk.Notification {
	s := statementOf(said)
	claim := s.told()
	read := taken(sdk.Genuine, said.transactionID())
	read.Ref = ourReference(said)
	if s.word != "" {
		read.Alert = claim.alert
	}
	read.DedupeKey = s.dedupeKey(read.ProviderRef)
	whole := answer{fields: said}
	read.Result = sdk.Result{
		Outcome: claim.outcome, Reason: claim.reason, ProviderRef: read.ProviderRef,
		ProviderCode:   p.clean(whole, said.text("status_code"), wordMax),
		ProviderStatus: p.say(whole, said.text("transaction_status"), wordMax),
		Told:           p.money(whole),
	}
	return read
}

// dedupeKey names the announcement by transaction and outcome. Code 100 without
// a word announces nothing certain, and neither does an unknown word: the engine
// then tells such webhooks apart by their bodies.
func (s statement) dedupeKey(id string) string {
	outcome := s.told().outcome
	if s.word == wordSuccess {
		outcome = sdk.OutcomeSucceeded
	}
	if outcome == sdk.OutcomeUnknown || s.word == "" && s.code == codeHandled {
		return ""
	}
	return id + " " + outcome.String()
}

// ourReference is our reference where a field holds one. Else the engine finds
// the attempt by EnovePay's id.
func ourReference(said fields) string {
	for _, name := range []string{"reference_number", "transaction_ref"} {
		if text := said.text(name); len(text) == refDigits && strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyz") == "" {
			return text
		}
	}
	return ""
}

// hinted looks in a body that cannot be read for an id that the token was made
// for: the documents' own samples are no JSON.
func (p *provider) hinted(body []byte, token []byte) sdk.Notification {
	for _, id := range hexRuns(string(body)) {
		if p.settings.signed(id, token) {
			return taken(sdk.Hint, id)
		}
	}
	refused := forged("a webhook that cannot be read was refused: its body is neither JSON nor a form")
	refused.Status = http.StatusBadRequest
	return refused
}

// hexRuns are the runs of exactly 20 hex digits in a text.
func hexRuns(text string) []string {
	runs := strings.FieldsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	var ids []string
	for _, run := range runs {
		if len(run) == idDigits && strings.Trim(run, "0123456789abcdef") == "" {
			ids = append(ids, run)
		}
	}
	return ids
}

func taken(trust sdk.Authenticity, id string) sdk.Notification {
	return sdk.Notification{
		Authenticity: trust, ProviderRef: id, Confirm: true,
		Status: http.StatusOK, ContentType: "application/json", Body: []byte(`{"success":true}`),
	}
}

func forged(alert string) sdk.Notification {
	return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized, Alert: alert}
}

// readBody reads a JSON object, else a form; nil where the body is neither. A name
// that stands twice makes it neither.
func readBody(body []byte) fields {
	if object, whole := sdk.ReadObject(body); whole || sdk.HalfObject(body) {
		return object
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	form := make(fields, len(values))
	for name, told := range values {
		if len(told) > 1 {
			return nil
		}
		// A text always has a JSON form.
		form[name], _ = json.Marshal(values.Get(name))
	}
	return form
}

// letsIn reports whether a webhook may come from the address.
func (s settings) letsIn(peer string) bool {
	if len(s.allowed) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(peer)
	if err != nil {
		return false
	}
	for _, one := range s.allowed {
		if one.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// bearerOf returns the one bearer token of the headers, in hex in any case, as bytes.
func bearerOf(header http.Header) ([]byte, bool) {
	var values []string
	for name, list := range header {
		if strings.EqualFold(name, "Authorization") {
			values = append(values, list...)
		}
	}
	if len(values) != 1 {
		return nil, false
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	sum, err := hex.DecodeString(strings.TrimSpace(token))
	return sum, strings.EqualFold(scheme, "Bearer") && err == nil && len(sum) == md5.Size
}

// signed reports whether the token was made for the id with our secret: md5 of
// the id and the secret, the id first. That md5 is weak is EnovePay's choice.
func (s settings) signed(id string, token []byte) bool {
	sum := md5.Sum([]byte(id + s.clientSecret.Reveal()))
	return subtle.ConstantTimeCompare(sum[:], token) == 1
}
