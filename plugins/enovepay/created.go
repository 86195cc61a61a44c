package main

import (
	"net/http"

	"github.com/paymux/paymux/sdk"
)

// created says what the answer of collect or payout means. A transaction that
// may exist is UNKNOWN: only a question by our reference can tell. So is an answer
// that names another reference: it is none to our call.
func (p *provider) created(a answer, name operation, ref string) sdk.Result {
	result := p.result(a)
	v := a.createdVerdict(name)
	if told := a.fields.reference(); told != "" && told != ref {
		v = verdict{alert: "EnovePay answered a request with another reference than ours: a question will tell"}
	}
	result.Outcome, result.Reason, result.Alert = v.outcome, v.reason, v.alert
	if v.outcome != sdk.OutcomeUnknown && v.outcome != sdk.OutcomeRejected {
		result.ProviderRef = p.clean(a, a.fields.transactionID(), wordMax)
	}
	return result
}

func (a answer) createdVerdict(name operation) verdict {
	if a.unclear() {
		return verdict{}
	}
	v := a.createdByNumber(name)
	if a.enveloped() {
		v = statementOf(a.fields).created(name)
	}
	if v.outcome == sdk.OutcomeRejected && a.namesTransaction() {
		return verdict{alert: "EnovePay refused a request and named a transaction in the same answer: a question will tell"}
	}
	return v
}

// createdByNumber reads the HTTP number, which counts only without an envelope.
func (a answer) createdByNumber(name operation) verdict {
	const contract = "EnovePay's server did not take the assumed contract: correct paths."
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return verdict{sdk.OutcomeRejected, sdk.ReasonAuthentication, alertCredentials}
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return verdict{sdk.OutcomeRejected, sdk.ReasonProviderUnavailable, contract + string(name)}
	case http.StatusTooManyRequests:
		return verdict{sdk.OutcomeRejected, sdk.ReasonRateLimited, "EnovePay limits our calls"}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return verdict{sdk.OutcomeRejected, sdk.ReasonInvalidRequest, "EnovePay did not understand a request, whose form is assumed: ask its support"}
	default:
		return verdict{}
	}
}
