package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// edgeText is what the firewall answers to clients that it does not like.
const edgeText = "error code: 1010"

const (
	edgeCode = "1010"
	// sentenceMax and wordMax bound what is repeated of an answer, in characters.
	sentenceMax = 200
	wordMax     = 100
)

// fields is a JSON object whose fields are read one by one, because CinetPay
// writes the same field as text, number or null. Their names match exactly.
type fields map[string]json.RawMessage

func (f fields) text(name string) string { return sdk.TextOf(f[name]) }

// odd reports whether the field is there as an object, a list or a boolean: what
// it says cannot be read, and it is not absent.
func (f fields) odd(name string) bool {
	raw := bytes.TrimSpace(f[name])
	return len(raw) > 0 && bytes.IndexByte([]byte("{[tf"), raw[0]) >= 0
}

// either returns the field, or that of the alias when the field is absent. A
// field that is there and empty is not absent.
func (f fields) either(name, alias string) string {
	if _, there := f[name]; there {
		return f.text(name)
	}
	return f.text(alias)
}

// object returns an object field; nil for any other shape.
func (f fields) object(name string) fields {
	var object fields
	if json.Unmarshal(f[name], &object) != nil {
		return nil
	}
	return object
}

// answer is what a call answered.
type answer struct {
	httpx.Response
	// readable says that the body is a JSON object that can be read in one way, and
	// half that it begins as one and is none.
	readable, half bool
	fields         fields
	data           fields
	// token is the login token that the call was made with, empty where it
	// needs none. No text of the answer may repeat it.
	token sdk.Secret
}

func read(resp httpx.Response) answer {
	a := answer{Response: resp}
	a.fields, a.readable = sdk.ReadObject(resp.Body)
	a.half = !a.readable && sdk.HalfObject(resp.Body)
	a.data = a.fields.object("data")
	return a
}

// code is CinetPay's code. "00" written as a number is 0.
func (a answer) code() string {
	if raw := bytes.TrimSpace(a.fields["code"]); len(raw) == 1 && raw[0] == '0' {
		return codePaid
	}
	return a.fields.text("code")
}

// edge reports whether the firewall refused, which it says in plain text.
func (a answer) edge() bool {
	return !a.readable && bytes.Contains(a.Body, []byte(edgeText))
}

// refusedAtTheDoor reports whether the request was refused before CinetPay read it.
func (a answer) refusedAtTheDoor() bool {
	return a.Status == http.StatusForbidden || a.edge() && a.Status >= 400 && a.Status <= 499
}

// result is the answer in CinetPay's words, with the outcome still unknown.
func (p *provider) result(a answer, status string) sdk.Result {
	code := a.fields.text("code")
	if a.edge() {
		code = edgeCode
	}
	return sdk.Result{
		ProviderCode: p.clean(code, wordMax, a.token), ProviderStatus: p.say(status, wordMax, a.token),
		Message: p.sentence(a), RetryAfter: a.RetryAfter(), Exchanges: a.Exchanges,
	}
}

// sentence is what the answer says for people, without numbers that could be
// somebody's.
func (p *provider) sentence(a answer) string {
	if !a.readable {
		return fmt.Sprintf("CinetPay answered HTTP %d without JSON", a.Status)
	}
	text := a.fields.text("message")
	if description := a.fields.text("description"); description != "" {
		text += ": " + description
	}
	return p.say(text, sentenceMax, a.token)
}

// clean makes an id or a word of CinetPay's fit to be shown, without the
// settings' secrets and the given ones.
func (p *provider) clean(text string, limit int, more ...sdk.Secret) string {
	return sdk.Clean(text, limit, append(p.settings.secrets(), more...)...)
}

// say is clean for what may hold a number that is somebody's.
func (p *provider) say(text string, limit int, more ...sdk.Secret) string {
	return sdk.Sentence(text, limit, append(p.settings.secrets(), more...)...)
}
