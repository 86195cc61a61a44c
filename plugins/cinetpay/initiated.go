package main

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// The codes that init and check give a meaning of their own.
const (
	codePaid     = "00"
	codeCreated  = "201"
	codeBusy     = "429"
	codeReused   = "620"
	codeCanceled = "627"
	codeDisputed = "664"
)

// addressMax bounds the page's address, in bytes.
const addressMax = 2048

// initiated says what init's answer means. A payment that may have been created
// is UNKNOWN: only check can tell.
func (p *provider) initiated(resp httpx.Response) sdk.Result {
	a := read(resp)
	result := p.result(a, a.fields.text("message"))
	switch {
	case a.created():
		return p.begun(a, result)
	case a.mentionsPayment():
		result.Alert = "CinetPay refused a payment and told its page in the same answer: look at it in the back office"
		return result
	case a.half, a.Status < 200 || a.Status >= 300 && a.Status <= 399 || a.Status >= 500:
		return result
	}
	return p.refused(a, result)
}

// created reports whether the code says so. "00" is only in an older guide.
func (a answer) created() bool { return a.code() == codeCreated || a.code() == codePaid }

// mentionsPayment reports whether the answer belongs to a payment that exists,
// also where its data came in a list.
func (a answer) mentionsPayment() bool {
	return slices.ContainsFunc(itemsIn(a.fields["data"], nestingMax), func(item fields) bool {
		return item.text("payment_url") != "" || item.either("payment_token", "token") != ""
	})
}

// begun is a payment that was created. Without an address that can be opened
// nobody can pay it, but it exists.
func (p *provider) begun(a answer, result sdk.Result) sdk.Result {
	page := a.data.text("payment_url")
	if !a.OK() || !p.safePage(page) {
		result.Alert = "CinetPay created a payment without a usable payment_url: nobody has its link, so it may be canceled"
		return result
	}
	result.Outcome = sdk.OutcomeRequiresAction
	result.ProviderRef = p.clean(a.data.either("payment_token", "token"), textMax)
	result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: page}
	return result
}

// safePage reports whether a customer may be sent to the address: absolute and
// encrypted, except in tests on this machine.
func (p *provider) safePage(page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.Hostname() == "" || u.User != nil || len(page) > addressMax {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && p.settings.root.Loopback
}

// refused is an answer that says that nothing was created, if it is one.
func (p *provider) refused(a answer, result sdk.Result) sdk.Result {
	reason := a.refusalReason()
	if reason == sdk.ReasonNone {
		if a.readable && a.code() != codeReused {
			result.Alert = "CinetPay answered init with a code that has no rule: whether a payment exists, only check can tell"
		}
		return result
	}
	result.Outcome, result.Reason = sdk.OutcomeRejected, reason
	if reason == sdk.ReasonAuthentication {
		result.Alert = "CinetPay refused the account: check api_key, site_id, the contract, and whether the server's address is let in"
	}
	return result
}

// refusalReason is why nothing was created, or ReasonNone where that is not sure:
// the HTTP number refuses only where no code beside it says something else.
func (a answer) refusalReason() sdk.Reason {
	reason := a.codeReason()
	if code := a.code(); reason == sdk.ReasonNone && code != "" && code != strconv.Itoa(a.Status) {
		return sdk.ReasonNone
	}
	switch {
	case a.Status == http.StatusTooManyRequests:
		return sdk.ReasonRateLimited
	case a.refusedAtTheDoor():
		return sdk.ReasonAuthentication
	default:
		return reason
	}
}

// codeReason is refusalReason for the code alone.
func (a answer) codeReason() sdk.Reason {
	switch a.code() {
	case "608", "611":
		return sdk.ReasonInvalidRequest
	case "612":
		return sdk.ReasonNotSupported
	case "641", "642":
		return sdk.ReasonLimitExceeded
	case "609", "613", "625":
		return sdk.ReasonAuthentication
	case "624":
		return a.withoutData(sdk.ReasonAuthentication)
	case codeBusy:
		return sdk.ReasonRateLimited
	default:
		return sdk.ReasonNone
	}
}

// withoutData is the reason, unless the answer carries data: 624 is CinetPay's
// word for errors of all kinds, and only without data it refuses.
func (a answer) withoutData(reason sdk.Reason) sdk.Reason {
	switch string(a.fields["data"]) {
	case "", "null", "[]", "{}", `""`:
		return reason
	default:
		return sdk.ReasonNone
	}
}
