package main

import (
	"net/http"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// The words of a payment's status.
const (
	statusAccepted  = "ACCEPTED"
	statusRefused   = "REFUSED"
	statusWaiting   = "WAITING_FOR_CUSTOMER"
	statusPending   = "PENDING"
	statusInitiated = "INITIATED"
	statusExpired   = "EXPIRED"
)

// verdict is what an answer of check proves.
type verdict struct {
	outcome sdk.Outcome
	reason  sdk.Reason
	alert   string
}

// evidence is what a verdict is made of.
type evidence struct {
	code, status     string
	amount, currency string
}

// checked says what check's answer means. It never says that nothing was
// created, and never SUCCEEDED without code 00, ACCEPTED, amount and currency.
func (p *provider) checked(resp httpx.Response) sdk.Result {
	a := read(resp)
	e := a.evidence()
	result := p.result(a, e.status)
	v := a.verdict(e)
	result.Outcome, result.Reason, result.Alert = v.outcome, v.reason, v.alert
	if v.outcome == sdk.OutcomeUnknown {
		return result
	}
	result.PaidWith = p.say(a.data.text("payment_method"), wordMax)
	if e.paid() {
		result.Told = sdk.Told{Amount: p.clean(e.amount, wordMax), Currency: p.clean(e.currency, wordMax)}
	}
	return result
}

func (a answer) evidence() evidence {
	return evidence{
		code:     a.code(),
		status:   a.data.either("status", "cpm_trans_status"),
		amount:   a.data.either("amount", "cpm_amount"),
		currency: a.data.either("currency", "cpm_currency"),
	}
}

// paid reports whether both words say so.
func (e evidence) paid() bool { return e.code == codePaid && e.status == statusAccepted }

// verdict reads the evidence, unless the answer says nothing about the payment.
func (a answer) verdict(e evidence) verdict {
	switch {
	case a.refusedAtTheDoor(), e.code == "609", e.code == "613":
		return verdict{alert: "CinetPay refused the account when asked about a payment: check api_key and site_id, the payment stays as it is"}
	case a.Status == http.StatusTooManyRequests, a.Status < 200, a.Status >= 300 && a.Status <= 399, a.Status >= 500:
		return verdict{}
	case !a.readable, e.code == "608":
		return verdict{}
	case !a.OK() && e.paid():
		return verdict{alert: "CinetPay said paid with an HTTP status of failure: look at the payment in the back office"}
	case a.data.odd("status"):
		return contradiction()
	case e.status == "":
		return e.withoutStatus()
	default:
		return e.verdict()
	}
}

// verdict reads status and code together.
func (e evidence) verdict() verdict {
	switch e.status {
	case statusAccepted:
		return e.accepted()
	case statusWaiting, statusPending, statusInitiated:
		return verdict{outcome: sdk.OutcomePending}
	case statusRefused:
		return e.refused()
	case "CANCELED", "CANCELLED":
		if e.code == codeCanceled {
			return canceledByCustomer()
		}
	case statusExpired:
		if e.code != codePaid {
			return verdict{outcome: sdk.OutcomeExpired}
		}
	}
	return contradiction()
}

func (e evidence) accepted() verdict {
	switch {
	case e.code != codePaid:
		return contradiction()
	case e.amount == "" || e.currency == "":
		return verdict{outcome: sdk.OutcomePending, alert: "CinetPay said paid without amount and currency: look at the payment in the back office"}
	default:
		return verdict{outcome: sdk.OutcomeSucceeded}
	}
}

func (e evidence) refused() verdict {
	switch e.code {
	// Paid, none, and the two refund codes, which no documented call answers.
	case codePaid, "", "660", "661":
		return contradiction()
	case codeCanceled:
		return canceledByCustomer()
	case codeDisputed:
		return verdict{outcome: sdk.OutcomeDeclinedFinal, reason: sdk.ReasonDeclined}
	default:
		return declined(e.code)
	}
}

// withoutStatus reads the code alone, as in answers of older years.
func (e evidence) withoutStatus() verdict {
	switch e.code {
	case codeCanceled:
		return canceledByCustomer()
	case codeCreated, "607", "623", "638", "662", "663", codeDisputed:
		return verdict{outcome: sdk.OutcomePending}
	case "600", "602", "604", "606":
		return declined(e.code)
	default:
		return contradiction()
	}
}

func declined(code string) verdict {
	v := verdict{outcome: sdk.OutcomeDeclined, reason: sdk.ReasonDeclined}
	if code == "602" {
		v.reason = sdk.ReasonInsufficientFunds
	}
	return v
}

// canceledByCustomer ends the payment as failed: canceled would mean that we
// had asked for it.
func canceledByCustomer() verdict {
	return verdict{outcome: sdk.OutcomeDeclinedFinal, reason: sdk.ReasonCanceledByCustomer}
}

// contradiction is an answer whose words do not go together or are not known.
func contradiction() verdict {
	return verdict{alert: "CinetPay's code and status of a payment have no rule together: look at it in the back office"}
}
