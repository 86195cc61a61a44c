package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

const (
	// sentenceMax and wordMax bound what is repeated of an answer, in characters.
	sentenceMax = 200
	wordMax     = 100
)

// fields is a JSON object or a form whose fields are read one by one, because
// nothing says which of them are texts and which numbers.
type fields map[string]json.RawMessage

func (f fields) text(name string) string { return sdk.TextOf(f[name]) }

// odd reports whether the field is there as an object, a list or a boolean: what
// it says cannot be read, and it is not absent.
func (f fields) odd(name string) bool {
	raw := bytes.TrimSpace(f[name])
	return len(raw) > 0 && bytes.IndexByte([]byte("{[tf"), raw[0]) >= 0
}

// reference is the field that echoes our reference, as far as one is told.
// debitor_account is none: in the documents' sample of a failure it differs.
func (f fields) reference() string {
	if reference := f.text("reference_number"); reference != "" {
		return reference
	}
	return f.text("transaction_ref")
}

func (f fields) transactionID() string { return f.text("transaction_id") }

// answer is what EnovePay answered.
type answer struct {
	httpx.Response
	// fields is nil where the body is no JSON object that can be read in one way.
	fields fields
	// bearer is the token of the call, which no output may repeat.
	bearer sdk.Secret
}

func read(resp httpx.Response, bearer sdk.Secret) answer {
	a := answer{Response: resp, bearer: bearer}
	a.fields, _ = sdk.ReadObject(resp.Body)
	return a
}

func (a answer) code() string { return statementOf(a.fields).code }

// enveloped reports whether the answer says anything by itself, so that the
// HTTP number does not matter.
func (a answer) enveloped() bool {
	s := statementOf(a.fields)
	return s.code != "" || s.word != ""
}

// redirected reports whether something on the way answered, and not EnovePay.
func (a answer) redirected() bool { return a.Status < 200 || a.Status >= 300 && a.Status <= 399 }

// unclear reports whether the answer proves nothing, whatever it says: it is a
// redirect, half an object, holds a code that is none, or a status without a code
// beside an HTTP number of failure.
func (a answer) unclear() bool {
	bare := a.code() == "" && statementOf(a.fields).word != "" && !a.OK()
	return a.redirected() || a.fields == nil && sdk.HalfObject(a.Body) || a.fields.odd("status_code") || bare
}

// tokenRefused reports whether the token was refused and nothing was done.
func (a answer) tokenRefused() bool {
	return a.code() == codeBadToken && !a.redirected() && !a.namesTransaction()
}

// namesTransaction reports whether the answer belongs to a transaction that
// exists: it holds an id or a status.
func (a answer) namesTransaction() bool {
	said := a.fields
	return said.transactionID() != "" || said.odd("transaction_id") || statementOf(said).word != ""
}

// result is the answer in EnovePay's words, with the outcome still unknown.
func (p *provider) result(a answer) sdk.Result {
	return sdk.Result{
		ProviderCode:   p.clean(a, a.fields.text("status_code"), wordMax),
		ProviderStatus: p.say(a, a.fields.text("transaction_status"), wordMax),
		Message:        p.sentence(a), RetryAfter: p.patience.after(a), Exchanges: a.Exchanges,
	}
}

// money is what the answer says of the money.
func (p *provider) money(a answer) sdk.Told {
	return sdk.Told{
		Amount:    p.clean(a, statementOf(a.fields).amount, wordMax),
		Currency:  p.clean(a, a.fields.text("currency"), wordMax),
		Reference: p.clean(a, a.fields.reference(), wordMax),
	}
}

// sentence is what the answer says for people, without numbers that could be somebody's.
func (p *provider) sentence(a answer) string {
	if !a.enveloped() {
		return fmt.Sprintf("EnovePay answered HTTP %d without an envelope", a.Status)
	}
	return p.say(a, a.fields.text("message"), sentenceMax)
}

// clean makes an id or a word of EnovePay's fit to be shown.
func (p *provider) clean(a answer, text string, limit int) string {
	return sdk.Clean(text, limit, p.secrets(a)...)
}

// say is clean for what may hold a number that is somebody's.
func (p *provider) say(a answer, text string, limit int) string {
	return sdk.Sentence(text, limit, p.secrets(a)...)
}

// secrets are those that no text of the answer may repeat.
func (p *provider) secrets(a answer) []sdk.Secret {
	return []sdk.Secret{p.settings.apiToken, p.settings.clientSecret, a.bearer}
}
