package main

import (
	"net/http"
	"net/url"

	"github.com/paymux/paymux/sdk"
)

// addressMax bounds a page's address, in bytes.
const addressMax = 2048

// created says what the answer to hosted, direct or payout means. An end is not
// believed from it: only status tells one.
func (p *provider) created(a answer, attempt sdk.Attempt) sdk.Result {
	result := p.result(a, attempt)
	if !a.OK() {
		return a.refused(result)
	}
	page, word := a.page(), a.word()
	switch {
	case !a.readable || page == "" && word == "":
		return result
	case a.aboutAnother(attempt):
		result.Alert = "Numipay answered a create call with another tracking_id than ours: look at it in the portal"
		return result
	case page != "" && (!p.safePage(page) || a.showsCard(page)):
		result.Alert = "Numipay created a transaction whose url is not an absolute https address: nobody was sent there"
		return result
	case word == "":
		word = wordPending
	}
	said := claimOf(word, "")
	if said.outcome == sdk.OutcomeUnknown {
		result.Alert = said.alert
		return result
	}
	result.Outcome = sdk.OutcomePending
	if said.outcome != sdk.OutcomePending {
		return result
	}
	return p.waiting(result, page, attempt)
}

// chargedWith says what the answer to a card means. It alone may decline at
// once: Numipay documents that a rejected card comes with an error.
func (p *provider) chargedWith(a answer, attempt sdk.Attempt) sdk.Result {
	result := p.created(a, attempt)
	said := claimOf(a.word(), a.explanation())
	rejected := said.outcome == sdk.OutcomeDeclined || said.outcome == sdk.OutcomeDeclinedFinal
	// What created calls PENDING was read well, and is about ours.
	if result.Outcome == sdk.OutcomePending && rejected && a.page() == "" {
		result.Outcome, result.Reason = said.outcome, said.reason
	}
	return result
}

// waiting is a transaction that is not over. A payout is held until Numipay took
// our decision; anything else with a page waits for the customer.
func (p *provider) waiting(result sdk.Result, page string, attempt sdk.Attempt) sdk.Result {
	result.Outcome = sdk.OutcomePending
	if page != "" {
		result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: page}
	}
	switch {
	case attempt.Kind == sdk.KindPayout && p.settings.approval:
		result.Held = !decisionTaken(attempt)
	case page != "":
		result.Outcome = sdk.OutcomeRequiresAction
	}
	return result
}

// safePage reports whether somebody may be sent to the address: absolute and
// encrypted, except in tests on this machine.
func (p *provider) safePage(page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.Hostname() == "" || u.User != nil || len(page) > addressMax {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && p.settings.root.Loopback
}

// refused is an answer of a create call that is not 2xx. Numipay documents that
// a 4xx is safe to repeat once it is fixed; what else may have been created is
// UNKNOWN: only status can tell.
func (a answer) refused(result sdk.Result) sdk.Result {
	reason := refusalReason(a.Status)
	if reason == sdk.ReasonNone {
		return result
	}
	if a.transactionID() != "" || a.page() != "" || a.word() != "" && a.readable && claimOf(a.word(), "").outcome != sdk.OutcomeUnknown {
		result.Alert = "Numipay refused a transaction and told of it in the same answer: look at it in the portal"
		return result
	}
	result.ProviderRef = ""
	result.Outcome, result.Reason = sdk.OutcomeRejected, reason
	switch reason {
	case sdk.ReasonAuthentication:
		result.Alert = alertAccount
	case sdk.ReasonProviderUnavailable:
		result.Alert = alertPath
	default:
	}
	return result
}

const (
	alertAccount = "Numipay refused the account: check api_key"
	alertPath    = "Numipay has no such call: correct the setting paths, whose defaults are assumed"
)

// refusalReason is why nothing was created, or ReasonNone where that is not sure.
func refusalReason(status int) sdk.Reason {
	switch {
	case status < 400 || status > 499:
		return sdk.ReasonNone
	case status == http.StatusRequestTimeout, status == http.StatusConflict:
		return sdk.ReasonNone
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return sdk.ReasonInvalidRequest
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return sdk.ReasonAuthentication
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return sdk.ReasonProviderUnavailable
	case status == http.StatusTooManyRequests:
		return sdk.ReasonRateLimited
	default:
		return sdk.ReasonNotSupported
	}
}
