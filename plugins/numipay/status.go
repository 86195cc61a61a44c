package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/paymux/paymux/sdk"
)

// QueryStatus asks what became of the attempt with our reference. It answers
// SUCCEEDED only where status says so and a verified webhook or the list tells
// the money, which status does not.
func (p *provider) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	resp, err := p.ask(ctx, p.settings.statusURL(attempt.Ref))
	if err != nil {
		return sdk.Result{}, err
	}
	a := read(resp)
	result := p.result(a, attempt)
	if result.ProviderRef == "" && attempt.Evidence != nil {
		result.ProviderRef = attempt.Evidence.ProviderRef
	}
	switch {
	case a.Status == http.StatusNotFound:
		return p.listedOnly(ctx, attempt, result), nil
	case !a.OK() || !a.readable:
		result.Alert = a.unasked()
		return result, nil
	case a.aboutAnother(attempt):
		result.Alert = "Numipay told of another transaction than the one asked for: check paths.status"
		return result, nil
	}
	return p.standing(ctx, attempt, a, result), nil
}

// standing reads the word of status.
func (p *provider) standing(ctx context.Context, attempt sdk.Attempt, a answer, result sdk.Result) sdk.Result {
	said := claimOf(a.word(), a.fields.text("rejected_reason"))
	switch said.outcome {
	case sdk.OutcomeSucceeded:
		return p.paid(ctx, attempt, result)
	case sdk.OutcomePending:
		page := a.fields.text("url")
		if !p.safePage(page) {
			page = ""
		}
		return p.waiting(result, page, attempt)
	default:
		result.Outcome, result.Reason, result.Alert = said.outcome, said.reason, said.alert
		return result
	}
}

// paid is a transaction that status calls successful. What was paid is in the
// webhook that said the same, or in the list; a webhook from before the end only
// counts where the list does not know the transaction.
func (p *provider) paid(ctx context.Context, attempt sdk.Attempt, result sdk.Result) sdk.Result {
	heard := heardOf(attempt)
	if heard.outcome == sdk.OutcomeSucceeded && tellsMoney(heard.told) {
		return succeeded(result, heard.told)
	}
	looked := p.find(ctx, attempt)
	result.Exchanges = slices.Concat(result.Exchanges, looked.exchanges)
	result.Outcome = sdk.OutcomePending
	if looked.twice {
		result.Alert = "Numipay lists two transactions with one tracking_id and calls it successful: look at both in the portal"
		return result
	}
	if !looked.there {
		if tellsMoney(heard.told) {
			return succeeded(result, heard.told)
		}
		result.Alert = "Numipay calls a transaction successful, and neither a webhook nor its list tells the amount: asking again"
		return result
	}
	result.ProviderRef = firstOf(result.ProviderRef, sdk.Clean(looked.entry.text("transaction_id"), wordMax))
	told := toldOf(looked.entry.fields)
	if normal(looked.entry.word()) != wordSuccessful || !tellsMoney(told) {
		return result
	}
	return succeeded(result, told)
}

func succeeded(result sdk.Result, told sdk.Told) sdk.Result {
	result.Outcome, result.Told = sdk.OutcomeSucceeded, told
	return result
}

// listedOnly is a transaction that status does not know. The list may show that
// it is there, but no end of it.
func (p *provider) listedOnly(ctx context.Context, attempt sdk.Attempt, result sdk.Result) sdk.Result {
	looked := p.find(ctx, attempt)
	result.Exchanges = slices.Concat(result.Exchanges, looked.exchanges)
	if !looked.there {
		return result
	}
	result.ProviderRef = firstOf(result.ProviderRef, sdk.Clean(looked.entry.text("transaction_id"), wordMax))
	result.ProviderStatus = sdk.Clean(looked.entry.word(), wordMax)
	switch said := claimOf(looked.entry.word(), ""); said.outcome {
	case sdk.OutcomeUnknown:
		result.Alert = said.alert
	case sdk.OutcomePending:
		return p.waiting(result, "", attempt)
	default:
		result.Outcome = sdk.OutcomePending
	}
	return result
}

// heard is what the latest verified webhook of an attempt said.
type heard struct {
	outcome sdk.Outcome
	told    sdk.Told
}

func heardOf(attempt sdk.Attempt) heard {
	if attempt.Evidence == nil {
		return heard{}
	}
	return heard{attempt.Evidence.Outcome, attempt.Evidence.Told}
}

// aboutAnother reports whether the answer names another reference than ours.
func (a answer) aboutAnother(attempt sdk.Attempt) bool {
	told := a.fields.text("tracking_id")
	return told != "" && told != attempt.Ref
}

// unasked is what a person must correct before status answers.
func (a answer) unasked() string {
	switch {
	case a.refusedAccount():
		return alertAccount
	case a.Status == http.StatusMethodNotAllowed:
		return alertPath
	default:
		return ""
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
