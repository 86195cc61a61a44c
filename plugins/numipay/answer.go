package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

const (
	redacted = "[redacted]"
	// sentenceMax and wordMax bound what is repeated of an answer, in characters.
	sentenceMax = 200
	wordMax     = 100
)

// fields is a JSON object whose fields are read one by one, because only some of
// their names and types are documented. Names match exactly.
type fields map[string]json.RawMessage

// readObject is sdk.ReadObject, for fields.
func readObject(text []byte) (fields, bool) { return sdk.ReadObject(text) }

func (f fields) text(name string) string { return sdk.TextOf(f[name]) }

// either returns the field, or that of the alias when the field is absent. A
// field that is there and empty is not absent.
func (f fields) either(name, alias string) string {
	if _, there := f[name]; there {
		return f.text(name)
	}
	return f.text(alias)
}

// answer is what Numipay answered.
type answer struct {
	httpx.Response
	// readable says that the body is a JSON object.
	readable bool
	fields   fields
	// hidden is what no output may repeat, beyond the account's own secrets.
	hidden []sdk.Secret
}

func read(resp httpx.Response) answer {
	a := answer{Response: resp}
	a.fields, a.readable = readObject(resp.Body)
	return a
}

// empty reports whether nothing came with the status.
func (a answer) empty() bool { return len(bytes.TrimSpace(a.Body)) == 0 }

// word is the status in Numipay's spelling.
func (a answer) word() string { return a.fields.either("transaction_status", "status") }

// page is the address that somebody should go to: empty where there is none, and
// what stands in its place where that is no address.
func (a answer) page() string {
	raw := a.fields["url"]
	if len(raw) > 0 && strings.IndexByte(`{[t`, raw[0]) >= 0 {
		return string(raw)
	}
	return a.fields.text("url")
}

// theirID is Numipay's own id of the attempt: not what an answer calls another
// one, and not our reference, which Numipay's documentation calls so too.
func (a answer) theirID(attempt sdk.Attempt) string {
	id := a.transactionID()
	if a.aboutAnother(attempt) || id == attempt.Ref {
		return ""
	}
	return id
}

// transactionID is Numipay's own id, where it is one.
func (a answer) transactionID() string {
	id := a.fields.text("transaction_id")
	if len(id) > wordMax || a.showsCard(id) {
		return ""
	}
	return id
}

// result is the answer in Numipay's words, with the outcome still unknown.
func (p *provider) result(a answer, attempt sdk.Attempt) sdk.Result {
	return sdk.Result{
		ProviderRef: a.theirID(attempt), ProviderStatus: p.say(a, a.word(), wordMax), Message: p.sentence(a),
		RetryAfter: a.RetryAfter(), Exchanges: a.Exchanges,
	}
}

// sentence is what the answer says for people.
func (p *provider) sentence(a answer) string {
	if !a.readable {
		return fmt.Sprintf("Numipay answered HTTP %d without a JSON object", a.Status)
	}
	return p.say(a, a.explanation(), sentenceMax)
}

// explanation is the reason of a rejection, else the error or message with its
// fields. Only the first two names are documented.
func (a answer) explanation() string {
	for _, name := range []string{"rejected_reason", "error"} {
		if text := a.fields.text(name); text != "" {
			return text
		}
	}
	parts := []string{a.fields.text("message")}
	var faults []fields
	if json.Unmarshal(a.fields["errors"], &faults) == nil {
		for _, fault := range faults {
			parts = append(parts, fault.text("field")+" "+fault.text("message"))
		}
	}
	return strings.Trim(strings.Join(parts, "; "), "; ")
}

// say makes a text of Numipay's fit to be shown, without our secrets and what
// the call had to hide.
func (p *provider) say(a answer, text string, limit int) string {
	return sdk.Sentence(text, limit, append(a.hiddenIn(text), p.settings.apiKey, p.settings.password)...)
}

// refusedAccount reports whether Numipay refused the key.
func (a answer) refusedAccount() bool {
	return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
}

// notThere reports whether Numipay has no such call.
func (a answer) notThere() bool {
	return a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed
}
