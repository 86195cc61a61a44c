package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// item is a transfer of testRef as CinetPay tells it, with more fields.
func item(treatment, more string) string {
	return `{"code":0,"status":"success","client_transaction_id":"` + testRef + `","amount":"500","treatment_status":"` + treatment +
		`","transaction_id":"EA1","operator":"OM"` + more + `}`
}

// oneItem is a call that is well with one item of the code.
func oneItem(code string) string {
	return says0(`[[{"code":` + code + `,"status":"REFUSED","client_transaction_id":"` + testRef + `"}]]`)
}

type sendRow struct {
	status  int
	body    string
	outcome sdk.Outcome
	reason  sdk.Reason
	alert   bool
}

func TestAnswersOfSend(t *testing.T) {
	const (
		unknown, pending, rejected    = sdk.OutcomeUnknown, sdk.OutcomePending, sdk.OutcomeRejected
		succeeded, declined           = sdk.OutcomeSucceeded, sdk.OutcomeDeclined
		auth, limited, invalidRequest = sdk.ReasonAuthentication, sdk.ReasonRateLimited, sdk.ReasonInvalidRequest
	)
	rows := map[string]sendRow{
		// Created.
		"NEW":                         {200, says0(`[[` + item("NEW", "") + `]]`), pending, "", false},
		"NEW nested once":             {200, says0(`[` + item("NEW", "") + `]`), pending, "", false},
		"NEW not nested":              {200, says0(item("NEW", "")), pending, "", false},
		"NEW with a code in text":     {200, strings.ReplaceAll(says0(`[[`+item("NEW", "")+`]]`), `"code":0`, `"code":"0"`), pending, "", false},
		"REC":                         {200, says0(`[[` + item("REC", "") + `]]`), pending, "", false},
		"NOS":                         {200, says0(`[[` + item("NOS", "") + `]]`), pending, "", false},
		"confirmed":                   {200, says0(`[[` + item("NEW", `,"sending_status":"CONFIRM"`) + `]]`), pending, "", false},
		"unconfirmed":                 {200, says0(`[[` + item("NEW", `,"sending_status":"PENDING"`) + `]]`), pending, "", true},
		"unconfirmed and VAL":         {200, says0(`[[` + item("VAL", `,"sending_status":"PENDING"`) + `]]`), pending, "", true},
		"unconfirmed and REJ":         {200, says0(`[[` + item("REJ", `,"sending_status":"PENDING"`) + `]]`), pending, "", true},
		"code 0 and no word":          {200, says0(`[[{"code":0}]]`), pending, "", false},
		"VAL":                         {200, says0(`[[` + item("VAL", "") + `]]`), succeeded, "", false},
		"VAL without amount":          {200, says0(`[[{"code":0,"treatment_status":"VAL"}]]`), pending, "", true},
		"REJ":                         {200, says0(`[[` + item("REJ", "") + `]]`), declined, sdk.ReasonDeclined, false},
		"a word nobody knows":         {200, says0(`[[` + item("DONE", "") + `]]`), unknown, "", true},
		"a sending word nobody knows": {200, says0(`[[` + item("NEW", `,"sending_status":"LATER"`) + `]]`), unknown, "", true},

		// Refused by HTTP.
		"429":                     {429, "slow down", rejected, limited, false},
		"429 in JSON":             {429, refuses("429"), rejected, limited, false},
		"code 429":                {200, refuses("429"), rejected, limited, false},
		"417":                     {417, "Expectation Failed", rejected, invalidRequest, false},
		"417 in JSON":             {417, `{"code":417,"message":"EXPECTATION_FAILED","data":[]}`, rejected, invalidRequest, false},
		"429 with a strange code": {429, refuses("805"), unknown, "", false},
		"429 with success":        {429, says0(`[]`), unknown, "", true},
		"429 with transfer":       {429, says0(`[[` + item("NEW", "") + `]]`), unknown, "", true},

		// Unclear.
		"500":                           {500, "oops", unknown, "", false},
		"500 with a refusal":            {500, refuses("602"), unknown, "", false},
		"503 with NEW":                  {503, says0(`[[` + item("NEW", "") + `]]`), unknown, "", false},
		"302 with a refusal":            {302, refuses("602"), unknown, "", false},
		"302 with 706":                  {302, refuses("706"), unknown, "", false},
		"no JSON":                       {200, "<html>", unknown, "", true},
		"nothing":                       {200, "", unknown, "", true},
		"403":                           {403, "<html>", unknown, "", true},
		"text 1010":                     {403, "error code: 1010", unknown, "", true},
		"404":                           {404, "not found", unknown, "", true},
		"well without items":            {200, says0(`[]`), unknown, "", true},
		"well with an empty item":       {200, says0(`[[{}]]`), unknown, "", true},
		"well with two items":           {200, says0(`[[` + item("NEW", "") + `,` + item("NEW", "") + `]]`), unknown, "", true},
		"two items, both refused":       {200, says0(`[[{"code":602},{"code":602}]]`), unknown, "", true},
		"refused with a transfer":       {200, `{"code":"602","data":[[{"transaction_id":"EA1"}]]}`, unknown, "", true},
		"refused with a good item":      {200, `{"code":"602","data":[[{"code":0}]]}`, unknown, "", true},
		"an item refused and NEW":       {200, says0(`[[{"code":602,"treatment_status":"NEW"}]]`), unknown, "", true},
		"refused, and its item unclear": {200, `{"code":"602","data":[[{"code":709}]]}`, unknown, "", false},
		"unclear, and its item refused": {200, `{"code":"-1","data":[[{"code":602}]]}`, unknown, "", true},
		"well with HTTP 400":            {400, says0(`[[` + item("NEW", "") + `]]`), unknown, "", true},
		"another transfer's REJ":        {200, strings.ReplaceAll(says0(`[[`+item("REJ", "")+`]]`), testRef, "other"), unknown, "", true},
		"code 00":                       {200, refuses("00"), unknown, "", true},
		"a code nobody knows":           {200, refuses("999"), unknown, "", true},
		"701, which has no rule here":   {400, refuses("701"), unknown, "", true},
		"723, which has no rule here":   {400, refuses("723"), unknown, "", true},
		"code -1 as a number":           {200, `{"code":-1,"message":"OPERATION_ERROR","data":[]}`, unknown, "", false},
	}
	for code, reason := range map[string]sdk.Reason{
		"602": sdk.ReasonInsufficientFloat,
		"719": sdk.ReasonLimitExceeded, "720": sdk.ReasonLimitExceeded, "801": sdk.ReasonLimitExceeded,
		"721": sdk.ReasonProviderUnavailable, "804": sdk.ReasonProviderUnavailable,
		"703": auth, "705": auth, "706": auth, "708": auth,
		"704": invalidRequest, "716": invalidRequest, "717": invalidRequest, "718": invalidRequest, "724": invalidRequest,
		"725": invalidRequest, "802": invalidRequest, "811": invalidRequest,
	} {
		rows[code] = sendRow{400, refuses(code), rejected, reason, reason == auth}
		rows[code+" as 200"] = sendRow{200, refuses(code), rejected, reason, reason == auth}
		rows[code+" of the item"] = sendRow{200, oneItem(code), rejected, reason, reason == auth}
	}
	for _, code := range []string{"-1", "709", "710", "715", "805"} {
		rows[code] = sendRow{400, refuses(code), unknown, "", false}
		rows[code+" of the item"] = sendRow{200, oneItem(code), unknown, "", false}
	}
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			got := live(t).sent(readReply(answered(c.status, c.body), sdk.Secret{}), testRef)
			if got.Outcome != c.outcome || got.Reason != c.reason || (got.Alert != "") != c.alert {
				t.Errorf("want %v (%s) alert %v, got %v (%s) %q", c.outcome, c.reason, c.alert, got.Outcome, got.Reason, got.Alert)
			}
			if got.Held {
				t.Error("a payout that nobody here can approve is held")
			}
		})
	}
}

func TestTheAnswerOfSendIsReportedInCinetPaysWords(t *testing.T) {
	p := live(t)
	want := sdk.Result{
		Outcome: sdk.OutcomePending, ProviderRef: "EA190914.060809.252545", ProviderStatus: "NEW", ProviderCode: "0", Message: "OPERATION_SUCCES",
	}
	if diff := cmp.Diff(want, p.sent(readReply(answered(200, sample(t, "send-created.json")), sdk.Secret{}), testRef)); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	want = sdk.Result{
		Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonProviderUnavailable,
		ProviderStatus: "OPERATOR_NOT_AVAILABLE", ProviderCode: "721", Message: "OPERATION_SUCCES",
	}
	if diff := cmp.Diff(want, p.sent(readReply(answered(200, sample(t, "send-refused.json")), sdk.Secret{}), testRef)); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestWhoMustConfirmIsShown(t *testing.T) {
	got := live(t).sent(readReply(answered(200, says0(`[[`+item("NEW", `,"sending_status":"PENDING"`)+`]]`)), sdk.Secret{}), testRef)
	want := &sdk.NextAction{Type: sdk.ActionExternal, Message: confirmOutside}
	if diff := cmp.Diff(want, got.NextAction, cmpAmounts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.ProviderStatus != "NEW PENDING" || got.ProviderRef != "EA1" {
		t.Errorf("got the status %q of %q", got.ProviderStatus, got.ProviderRef)
	}
}
