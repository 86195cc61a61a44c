package main

import (
	"net/http"

	"github.com/paymux/paymux/sdk"
)

// told says what the answer to a question about the attempt means. It never
// says that nothing was created, and never SUCCEEDED without an amount.
func (p *provider) told(a answer, attempt sdk.Attempt) sdk.Result {
	result := p.result(a)
	v := a.toldVerdict()
	money := p.money(a)
	switch {
	case v.outcome == sdk.OutcomeUnknown:
	case a.aboutAnother(attempt) && !comparable(v, money):
		v = verdict{alert: "EnovePay told of another transaction than the one asked for: check paths.status and paths.status_by_reference"}
	case v.outcome != sdk.OutcomePending && a.aboutNobody(attempt):
		v = verdict{alert: "EnovePay answered a question by reference and named none: check paths.status_by_reference"}
	}
	result.Outcome, result.Reason, result.Alert = v.outcome, v.reason, v.alert
	if v.outcome == sdk.OutcomeUnknown {
		return result
	}
	// An id that is adopted is what all later questions go by.
	if attempt.ProviderRef != "" || a.fields.reference() == attempt.Ref {
		result.ProviderRef = p.clean(a, a.fields.transactionID(), wordMax)
	}
	if word := statementOf(a.fields).word; word == wordSuccess || word == wordRefunded {
		result.Told = money
	}
	return result
}

func (a answer) toldVerdict() verdict {
	switch {
	case a.unclear():
		return verdict{}
	case a.enveloped():
		return statementOf(a.fields).told()
	default:
		return a.toldByNumber()
	}
}

// toldByNumber never tells an outcome, only what a person must correct.
func (a answer) toldByNumber() verdict {
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return verdict{alert: alertCredentials}
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return verdict{alert: "EnovePay has no such question: correct paths.status and paths.status_by_reference"}
	default:
		return verdict{}
	}
}

// aboutAnother reports whether the answer names another transaction than the
// question did. EnovePay's id counts before the reference.
func (a answer) aboutAnother(attempt sdk.Attempt) bool {
	if id := a.fields.transactionID(); id != "" && attempt.ProviderRef != "" {
		return id != attempt.ProviderRef
	}
	reference := a.fields.reference()
	return reference != "" && reference != attempt.Ref
}

// aboutNobody reports whether the answer to a question by our reference does not
// name it. A server that knows no such question may tell of any transaction.
func (a answer) aboutNobody(attempt sdk.Attempt) bool {
	return attempt.ProviderRef == "" && a.fields.reference() == ""
}

// comparable reports whether the engine will see the difference by itself: it
// compares what was told of money that moved, and a person looks at it.
func comparable(v verdict, money sdk.Told) bool {
	return v.outcome == sdk.OutcomeSucceeded && money.Reference != ""
}
