package main

import "github.com/paymux/paymux/sdk"

// EnovePay's codes that have a name here. The rest stand in meaningOf.
const (
	codeHandled   = "100"
	codeBadToken  = "101"
	codeRateLimit = "102"
	codeDuplicate = "104"
	codeFailed    = "112"
	codePending   = "114"
	codeTries     = "115"
	codeUnproved  = "116"
)

// verdict is what an answer proves.
type verdict struct {
	outcome sdk.Outcome
	reason  sdk.Reason
	alert   string
}

// The sentences for operators.
const (
	alertCredentials = "EnovePay refused our credentials: check api_token, or client_id and client_secret_key"
	alertAddress     = "EnovePay refused our address: ask its support to let in this server's"
	alertSuspended   = "EnovePay suspended the account: ask its support"
	alertFloat       = "the float at EnovePay is too low for a payout: top it up"
	alertCode        = "EnovePay answered a code that has no rule: look at the transaction in its dashboard"
	alertWord        = "EnovePay answered a transaction status that has no rule: look at the transaction in its dashboard"
)

// meaning is what a code says where no transaction status stands beside it.
// Created is for the answer of collect and payout, where PENDING means accepted;
// told is for a status answer or a webhook.
type meaning struct {
	created verdict
	told    sdk.Outcome
}

// meaningOf is the table of EnovePay's codes. What it does not hold is UNKNOWN.
func meaningOf(code string) meaning {
	switch code {
	case codeHandled, codePending:
		return meaning{created: verdict{outcome: sdk.OutcomePending}, told: sdk.OutcomePending}
	case codeBadToken, "111":
		return rejected(sdk.ReasonAuthentication, alertCredentials)
	case codeRateLimit:
		return rejected(sdk.ReasonRateLimited, "")
	case "103":
		return rejected(sdk.ReasonInvalidRequest, "")
	case codeDuplicate:
		return meaning{} // The earlier transaction is found by our reference.
	case "105":
		return rejected(sdk.ReasonAuthentication, alertAddress)
	case "106":
		return rejected(sdk.ReasonNotSupported, "")
	case "107", "108":
		return rejected(sdk.ReasonProviderUnavailable, "")
	case "109":
		return rejected(sdk.ReasonAuthentication, alertSuspended)
	case "110":
		return meaning{}
	case codeFailed, codeUnproved:
		return ended(sdk.OutcomeDeclined)
	case "113":
		return rejected(sdk.ReasonInsufficientFloat, alertFloat)
	case codeTries:
		return ended(sdk.OutcomeDeclinedFinal)
	default:
		return meaning{created: verdict{alert: alertCode}}
	}
}

// rejected is a code that refuses a request. Of a transaction that exists it
// says nothing: it refuses the question.
func rejected(reason sdk.Reason, alert string) meaning {
	return meaning{created: verdict{sdk.OutcomeRejected, reason, alert}}
}

func ended(outcome sdk.Outcome) meaning {
	return meaning{created: verdict{outcome: outcome, reason: sdk.ReasonDeclined}, told: outcome}
}
