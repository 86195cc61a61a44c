package main

import (
	"slices"

	"github.com/paymux/paymux/sdk"
)

// The words of a transfer's treatment_status, and of its sending_status.
const (
	transferNew         = "NEW"
	transferReceived    = "REC"
	transferSent        = "NOS" // Sent to the operator, not final.
	transferPaid        = "VAL"
	transferRejected    = "REJ"
	transferConfirmed   = "CONFIRM"
	transferUnconfirmed = "PENDING"
)

const confirmOutside = "Confirm the transfer in CinetPay's e-mail, or have CinetPay allow the server's IP address."

// progress is what CinetPay says of one transfer.
type progress struct {
	code, treatment, sending, valid string
	reference, amount               string
}

func progressOf(item fields) progress {
	return progress{
		code: item.text("code"), treatment: item.text("treatment_status"), sending: item.text("sending_status"),
		valid: item.text("transfer_valid"), reference: item.text("client_transaction_id"), amount: item.text("amount"),
	}
}

// progressed fills the result with what the item says of the transfer ref.
func (p *provider) progressed(item fields, result sdk.Result, ref string, token sdk.Secret) sdk.Result {
	told := progressOf(item)
	v := told.verdict(ref)
	result.Outcome, result.Reason, result.Alert = v.outcome, v.reason, v.alert
	result.ProviderStatus = p.say(told.treatment, wordMax, token)
	if v.outcome == sdk.OutcomeUnknown {
		return result
	}
	result.ProviderRef = p.clean(item.text("transaction_id"), textMax, token)
	result.PaidWith = p.say(item.text("operator"), wordMax, token)
	if told.sending == transferUnconfirmed {
		result.ProviderStatus += " " + transferUnconfirmed
		result.NextAction = &sdk.NextAction{Type: sdk.ActionExternal, Message: confirmOutside}
	}
	if v.outcome == sdk.OutcomeSucceeded {
		result.Told = sdk.Told{Amount: p.clean(told.amount, wordMax, token), Reference: p.clean(told.reference, wordMax, token)}
	}
	return result
}

// verdict says what the words mean for the transfer ref. A paid transfer of
// another reference is reported as it was told, because the engine compares;
// any other word about it says nothing about ours.
func (t progress) verdict(ref string) verdict {
	switch {
	case t.reference != "" && t.reference != ref && (t.treatment != transferPaid || t.sending == transferUnconfirmed):
		return verdict{alert: "CinetPay answered with another transfer than ours: look at it in the back office"}
	case t.sending == transferUnconfirmed:
		return verdict{
			outcome: sdk.OutcomePending,
			alert:   "a transfer waits for the merchant's confirmation by e-mail: confirm it, or have CinetPay allow the server's IP address",
		}
	case t.sending != "" && t.sending != transferConfirmed:
		return strangeTransfer()
	}
	return t.treated()
}

func (t progress) treated() verdict {
	switch t.treatment {
	case transferNew, transferReceived, transferSent:
		return verdict{outcome: sdk.OutcomePending}
	case transferPaid:
		return t.paid()
	case transferRejected:
		return verdict{outcome: sdk.OutcomeDeclined, reason: sdk.ReasonDeclined}
	case "":
		// Send has said that it was created, and nothing more.
		if t.code == codeDone {
			return verdict{outcome: sdk.OutcomePending}
		}
	}
	return strangeTransfer()
}

func (t progress) paid() verdict {
	switch {
	case t.valid == "N", t.code != "" && t.code != codeDone:
		return strangeTransfer()
	case t.amount == "":
		return verdict{outcome: sdk.OutcomePending, alert: "CinetPay said paid out without an amount: look at the transfer in the back office"}
	default:
		return verdict{outcome: sdk.OutcomeSucceeded}
	}
}

// strangeTransfer is a transfer whose words do not go together or are not known.
func strangeTransfer() verdict {
	return verdict{alert: "CinetPay's words for a transfer have no rule together: look at it in the back office"}
}

// traced says what check/money's answer means. It never says that nothing was
// created: 723, not found, may only be early.
func (p *provider) traced(r reply, ref string) sdk.Result {
	result := p.remittanceResult(r)
	if !r.done() {
		result.Alert = r.unreadAlert()
		return result
	}
	switch item := ours(r.items, ref); len(item) {
	case 0:
		result.Alert = strangeTransfer().alert
		return result
	case 1:
		return p.progressed(item[0], result, ref, r.token)
	default:
		result.Alert = "CinetPay has more than one transfer under one client_transaction_id: look at them in the back office"
		return result
	}
}

// ours are the items with our reference, or all where none tells it.
func ours(items []fields, ref string) []fields {
	named := slices.DeleteFunc(slices.Clone(items), func(item fields) bool {
		return item.text("client_transaction_id") != ref
	})
	if len(named) > 0 {
		return named
	}
	return items
}

// unreadAlert is what a person should know of a question that was not answered.
func (r reply) unreadAlert() string {
	if r.unclear() {
		return ""
	}
	if r.mentionsTransfer() {
		return strangeTransfer().alert
	}
	switch r.code() {
	case "701", "702", "703", "705", "706", "707", "708":
		return transferDenied + "; the transfer stays as it is"
	case "", codeNotFound, codeBusy, "-1", "709", "710", "715":
		if r.refusedAtTheDoor() {
			return transferDenied + "; the transfer stays as it is"
		}
		return ""
	default:
		return "CinetPay answered a question about a transfer with a code that has no rule"
	}
}
