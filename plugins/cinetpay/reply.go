package main

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// codeDone is what the transfer API answers when all is well.
const codeDone = "0"

// nestingMax bounds how deep data is nested: a list, a list of lists.
const nestingMax = 3

// reply is what a call of the transfer API answered.
type reply struct {
	answer
	items []fields
}

func readReply(resp httpx.Response, token sdk.Secret) reply {
	a := read(resp)
	a.token = token
	return reply{a, itemsIn(a.fields["data"], nestingMax)}
}

// itemsIn returns the objects in data, which is one or a list, nested once or twice.
func itemsIn(raw json.RawMessage, depth int) []fields {
	raw = bytes.TrimSpace(raw)
	if depth == 0 || len(raw) == 0 {
		return nil
	}
	if raw[0] == '{' {
		var item fields
		if json.Unmarshal(raw, &item) != nil || len(item) == 0 {
			return nil
		}
		return []fields{item}
	}
	var inner []json.RawMessage
	if json.Unmarshal(raw, &inner) != nil {
		return nil
	}
	var items []fields
	for _, one := range inner {
		items = append(items, itemsIn(one, depth-1)...)
	}
	return items
}

// code is the code of the call. It is a number or a text.
func (r reply) code() string { return r.fields.text("code") }

// done reports whether the call as a whole was well.
func (r reply) done() bool { return r.OK() && r.code() == codeDone }

// unclear reports whether the answer proves nothing, whatever it says.
func (r reply) unclear() bool {
	return r.half || r.Status < 200 || r.Status >= 300 && r.Status <= 399 || r.Status >= 500
}

// tokenRefused reports whether the login token was refused and nothing was done.
func (r reply) tokenRefused() bool {
	return !r.unclear() && (r.code() == "705" || r.code() == "706") && !r.mentionsTransfer()
}

// mentionsTransfer reports whether the answer belongs to a transfer that exists.
func (r reply) mentionsTransfer() bool {
	for _, item := range r.items {
		if item.text("transaction_id") != "" || item.text("treatment_status") != "" || item.text("code") == codeDone {
			return true
		}
	}
	return false
}

// codes are all that the answer says against the call or its item. A call that
// is well as a whole says nothing against it.
func (r reply) codes() []string {
	var codes []string
	switch r.Status {
	case http.StatusTooManyRequests:
		codes = append(codes, codeBusy)
	case http.StatusExpectationFailed:
		codes = append(codes, codeForm)
	}
	if code := r.code(); code != "" && !r.done() {
		codes = append(codes, code)
	}
	for _, item := range r.items {
		if code := item.text("code"); code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// remittanceResult is a reply in CinetPay's words, with the outcome still unknown.
func (p *provider) remittanceResult(r reply) sdk.Result {
	status := r.fields.text("message")
	var item fields
	if len(r.items) == 1 {
		item = r.items[0]
	}
	for _, name := range []string{"status", "treatment_status"} {
		if word := item.text(name); word != "" {
			status = word
		}
	}
	result := p.result(r.answer, status)
	if code := item.text("code"); code != "" {
		result.ProviderCode = p.clean(code, wordMax, r.token)
	}
	return result
}
