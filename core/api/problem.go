package api

import (
	"net/http"
	"strings"

	"github.com/paymux/paymux/core"
)

// Problem is a refusal (RFC 9457). Clients branch on Code, never on the words.
type Problem struct {
	Type        string       `json:"type" doc:"Names the kind of problem" example:"urn:paymux:problem:invalid_request"`
	Title       string       `json:"title" doc:"The kind of problem in words"`
	Status      int          `json:"status" doc:"The HTTP status"`
	Detail      string       `json:"detail" doc:"What happened, for people"`
	Code        string       `json:"code" doc:"Stable word to branch on" example:"invalid_request"`
	Errors      []FieldError `json:"errors,omitempty" nullable:"false" doc:"Every wrong field, or why each account was left out"`
	Transaction string       `json:"transaction,omitempty" doc:"The other transaction meant, with duplicate_reference"`
	NextAction  *NextAction  `json:"next_action,omitempty" doc:"What would help, with customer_unknown: where to sign up"`
}

// FieldError is one wrong field. Value is there for harmless fields only, never
// for a phone, a card or free text.
type FieldError struct {
	Location string `json:"location" example:"body.amount"`
	Message  string `json:"message"`
	Value    string `json:"value,omitempty"`
}

// CodeInternal is the code of a fault of ours. Its cause is in the log, never in the answer.
const CodeInternal = "internal"

// ProblemKind is the status and title that belong to a code.
type ProblemKind struct {
	Code   string
	Status int
	Title  string
}

// ProblemKinds returns every kind of problem, by status.
func ProblemKinds() []ProblemKind {
	return []ProblemKind{
		{"invalid_request", http.StatusBadRequest, "The request is wrong"},
		{"idempotency_key_missing", http.StatusBadRequest, "Idempotency-Key is missing"},
		{"unauthorized", http.StatusUnauthorized, "No valid key"},
		{"forbidden", http.StatusForbidden, "The key may not do this"},
		{"not_found", http.StatusNotFound, "Not found"},
		{"customer_unknown", http.StatusNotFound, "The provider does not know the customer"},
		{"method_not_allowed", http.StatusMethodNotAllowed, "Method not allowed"},
		{"timeout", http.StatusRequestTimeout, "The body did not arrive in time"},
		{"already_final", http.StatusConflict, "The transaction has ended"},
		{"decision_made", http.StatusConflict, "Decided otherwise already"},
		{"duplicate_reference", http.StatusConflict, "The reference is in use"},
		{"idempotency_in_flight", http.StatusConflict, "The first request with this key is not answered yet"},
		{"not_allowed", http.StatusConflict, "Not possible in this state"},
		{"not_supported", http.StatusConflict, "The provider cannot do this"},
		{"too_large", http.StatusRequestEntityTooLarge, "The body is too large"},
		{"unsupported_media_type", http.StatusUnsupportedMediaType, "The body must be JSON"},
		{"configuration_refused", http.StatusUnprocessableEntity, "The files cannot be used"},
		{"denied", http.StatusUnprocessableEntity, "Denied by a rule"},
		{"idempotency_key_reused", http.StatusUnprocessableEntity, "The key was used for another request"},
		{"no_route", http.StatusUnprocessableEntity, "No provider account fits"},
		{"rate_limited", http.StatusTooManyRequests, "The key sends too many requests"},
		{"too_many_open", http.StatusTooManyRequests, "Too many transactions of the merchant have not ended"},
		{CodeInternal, http.StatusInternalServerError, "A fault of the engine"},
		{"provider_unavailable", http.StatusServiceUnavailable, "No provider account is available now"},
		{"store_unavailable", http.StatusServiceUnavailable, "Nothing can be stored now"},
	}
}

// ProblemOf returns the public form of p and whether its code is one of
// ProblemKinds; a code that is not must be answered as CodeInternal.
func ProblemOf(p *core.Problem) (Problem, bool) {
	for _, kind := range ProblemKinds() {
		if kind.Code == p.Code {
			return Problem{
				Type: "urn:paymux:problem:" + kind.Code, Title: kind.Title, Status: kind.Status,
				Detail: detailOf(p, kind), Code: kind.Code, Errors: errorsOf(p), Transaction: p.Transaction,
				NextAction: actionOf(p.NextAction),
			}, true
		}
	}
	return Problem{}, false
}

func detailOf(p *core.Problem, kind ProblemKind) string {
	if p.Detail != "" {
		return masker{}.text(p.Detail)
	}
	return kind.Title
}

func errorsOf(p *core.Problem) []FieldError {
	list := make([]FieldError, 0, len(p.Fields)+len(p.Removed))
	for _, f := range p.Fields {
		list = append(list, FieldError{Location: locationOf(f.Location), Message: masker{}.text(f.Message), Value: f.Value})
	}
	for _, r := range p.Removed {
		list = append(list, FieldError{Location: "providers." + r.Account, Message: masker{}.text(r.Reason)})
	}
	return append(list, placed(p.Faults)...)
}

// locationOf says in which part of the request a field is. The engine names a
// field as Go callers know it, such as "customer.phone"; over HTTP that is in the body.
func locationOf(field string) string {
	part, _, _ := strings.Cut(field, ".")
	switch part {
	case "", "body", "query", "header", "path", "providers":
		return field
	default:
		return "body." + field
	}
}
