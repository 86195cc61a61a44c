package main

import "github.com/paymux/paymux/sdk"

// The codes of the transfer API that mean more than a reason.
const (
	codeForm         = "417" // HTTP status of a phone with plus, 00 or prefix.
	codeNotFound     = "723"
	codeKnownContact = "726"
	codeReusedID     = "805"
)

const transferDenied = "CinetPay refused the account at its transfer API: check transfer_base_url, api_key, transfer_password, " +
	"and whether transfers are in the contract"

// sent says what send's answer means. A transfer that may have been created is
// UNKNOWN: check/money tells, and until then nothing is sent under another id.
func (p *provider) sent(r reply, ref string) sdk.Result {
	result := p.remittanceResult(r)
	if r.unclear() {
		return result
	}
	if r.created() {
		return p.progressed(r.items[0], result, ref, r.token)
	}
	reason := r.refusalReason()
	if reason == sdk.ReasonNone || r.mentionsTransfer() {
		result.Alert = r.doubt()
		return result
	}
	result.Outcome, result.Reason = sdk.OutcomeRejected, reason
	if reason == sdk.ReasonAuthentication {
		result.Alert = transferDenied
	}
	return result
}

// created reports whether the call and its one item are well.
func (r reply) created() bool {
	if !r.done() || len(r.items) != 1 {
		return false
	}
	item := r.items[0]
	code := item.text("code")
	return code == codeDone || code == "" && item.text("treatment_status") != ""
}

// refusalReason is why nothing was created, or ReasonNone where that is not
// sure: every code of the answer must say so.
func (r reply) refusalReason() sdk.Reason {
	reason := sdk.ReasonNone
	for _, code := range r.codes() {
		if reason = sendRefusal(code); reason == sdk.ReasonNone {
			return sdk.ReasonNone
		}
	}
	if len(r.items) > 1 {
		return sdk.ReasonNone
	}
	return reason
}

// doubt is the alert of an answer that has no rule. Codes that are documented
// as unclear need none: a question settles them.
func (r reply) doubt() string {
	codes := r.codes()
	if r.refusedAtTheDoor() {
		return transferDenied + "; whether the transfer exists, only a check can tell"
	}
	if len(codes) > 0 && !r.mentionsTransfer() {
		switch codes[len(codes)-1] {
		case "-1", "709", "710", "715", codeReusedID:
			return ""
		}
	}
	return "CinetPay answered a transfer with something that has no rule: whether it exists, only a check can tell"
}

// sendRefusal is the reason of a code with which send says that it created
// nothing, and ReasonNone for every other code.
func sendRefusal(code string) sdk.Reason {
	switch code {
	case "602":
		return sdk.ReasonInsufficientFloat
	case "719", "720", "801":
		return sdk.ReasonLimitExceeded
	case "721", "804":
		return sdk.ReasonProviderUnavailable
	case codeBusy:
		return sdk.ReasonRateLimited
	case "703", "705", "706", "708":
		return sdk.ReasonAuthentication
	case "704", "716", "717", "718", "724", "725", "802", "811", codeForm:
		return sdk.ReasonInvalidRequest
	default:
		return sdk.ReasonNone
	}
}
