package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// told is an answer of check.
func told(code, status string) string {
	return fmt.Sprintf(`{"code":%q,"message":"M","data":{"amount":"100","currency":"XOF","status":%q,"payment_method":"OM"}}`, code, status)
}

func TestAnswersOfCheck(t *testing.T) {
	const (
		unknown, pending, succeeded = sdk.OutcomeUnknown, sdk.OutcomePending, sdk.OutcomeSucceeded
		declined, final, expired    = sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal, sdk.OutcomeExpired
		no, canceled                = sdk.ReasonDeclined, sdk.ReasonCanceledByCustomer
	)
	type row struct {
		status  int
		body    string
		outcome sdk.Outcome
		reason  sdk.Reason
		alert   bool
	}
	rows := map[string]row{
		// Says nothing about the payment.
		"403":                   {403, "<html>", unknown, "", true},
		"403 with paid":         {403, told("00", "ACCEPTED"), unknown, "", true},
		"429":                   {429, "Too many requests", unknown, "", false},
		"429 with refused":      {429, told("600", "REFUSED"), unknown, "", false},
		"500":                   {500, "Internal Server Error", unknown, "", false},
		"500 with paid":         {500, told("00", "ACCEPTED"), unknown, "", false},
		"302 with paid":         {302, told("00", "ACCEPTED"), unknown, "", false},
		"text 1010":             {400, "error code: 1010", unknown, "", true},
		"no JSON":               {200, "<html>", unknown, "", false},
		"no JSON and not found": {404, "not found", unknown, "", false},
		"nothing":               {200, "", unknown, "", false},
		"a list":                {200, "[]", unknown, "", false},
		"608":                   {200, says("608"), unknown, "", false},
		"608 with refused":      {200, told("608", "REFUSED"), unknown, "", false},
		"unknown id, HTTP 400":  {400, says("608"), unknown, "", false},
		"609":                   {400, says("609"), unknown, "", true},
		"613":                   {400, says("613"), unknown, "", true},
		"613 with refused":      {200, told("613", "REFUSED"), unknown, "", true},
		"paid with HTTP 400":    {400, told("00", "ACCEPTED"), unknown, "", true},
		"a code nobody knows":   {200, says("999"), unknown, "", true},
		"no code and no status": {200, "{}", unknown, "", true},
		"data is a text":        {200, `{"code":"999","data":"x"}`, unknown, "", true},

		// Paid, and almost paid.
		"paid":                     {200, told("00", "ACCEPTED"), succeeded, "", false},
		"paid without amount":      {200, `{"code":"00","data":{"currency":"XOF","status":"ACCEPTED"}}`, pending, "", true},
		"paid with a blank amount": {200, `{"code":"00","data":{"amount":" ","currency":"XOF","status":"ACCEPTED"}}`, pending, "", true},
		"paid without currency":    {200, `{"code":"00","data":{"amount":"100","currency":null,"status":"ACCEPTED"}}`, pending, "", true},
		"accepted with 201":        {200, told("201", "ACCEPTED"), unknown, "", true},
		"accepted with 600":        {200, told("600", "ACCEPTED"), unknown, "", true},
		"accepted without code":    {200, `{"data":{"amount":"100","currency":"XOF","status":"ACCEPTED"}}`, unknown, "", true},
		"00 with refused":          {200, told("00", "REFUSED"), unknown, "", true},
		"00 without status":        {200, `{"code":"00","message":"SUCCES","data":{"amount":"100","currency":"XOF"}}`, unknown, "", true},
		"00 without data":          {200, says("00"), unknown, "", true},
		"00 with expired":          {200, told("00", "EXPIRED"), unknown, "", true},
		"00 with canceled":         {200, told("00", "CANCELED"), unknown, "", true},
		"validated":                {200, told("00", "VALIDATED"), unknown, "", true},
		"success":                  {200, told("00", "SUCCESS"), unknown, "", true},
		"accepted in small":        {200, told("00", "accepted"), unknown, "", true},
		"another word":             {200, told("600", "REFUNDED"), unknown, "", true},
		"the text 0 is not 00":     {200, told("0", "ACCEPTED"), unknown, "", true},

		// Waiting.
		"waiting with 662": {200, told("662", "WAITING_FOR_CUSTOMER"), pending, "", false},
		"waiting with 623": {200, told("623", "WAITING_FOR_CUSTOMER"), pending, "", false},
		"waiting with 663": {200, told("663", "WAITING_FOR_CUSTOMER"), pending, "", false},
		"waiting with 00":  {200, told("00", "WAITING_FOR_CUSTOMER"), pending, "", false},
		"pending":          {200, told("201", "PENDING"), pending, "", false},
		"initiated":        {200, told("201", "INITIATED"), pending, "", false},

		// No.
		"refused with 664":        {200, told("664", "REFUSED"), final, no, false},
		"refused with 627":        {200, told("627", "REFUSED"), final, canceled, false},
		"canceled with 627":       {200, told("627", "CANCELED"), final, canceled, false},
		"cancelled with 627":      {200, told("627", "CANCELLED"), final, canceled, false},
		"canceled with 600":       {200, told("600", "CANCELED"), unknown, "", true},
		"expired":                 {200, told("627", "EXPIRED"), expired, "", false},
		"refused with 600":        {200, told("600", "REFUSED"), declined, no, false},
		"refused with 602":        {200, told("602", "REFUSED"), declined, sdk.ReasonInsufficientFunds, false},
		"refused with 604":        {200, told("604", "REFUSED"), declined, no, false},
		"refused with 812":        {200, told("812", "REFUSED"), declined, no, false},
		"refused with a new code": {200, told("999", "REFUSED"), declined, no, false},
		"refused with HTTP 400":   {400, told("600", "REFUSED"), declined, no, false},
		"refused without code":    {200, `{"data":{"status":"REFUSED"}}`, unknown, "", true},
		"refused with 660":        {200, told("660", "REFUSED"), unknown, "", true},
		"refused with 661":        {200, told("661", "REFUSED"), unknown, "", true},
		"660 without status":      {200, says("660"), unknown, "", true},
		"661 without status":      {200, says("661"), unknown, "", true},
		"627 without status":      {200, says("627"), final, canceled, false},
	}
	for _, code := range []string{"201", "607", "623", "638", "662", "663", "664"} {
		rows[code+" without status"] = row{200, says(code), pending, "", false}
	}
	for _, code := range []string{"600", "604", "606"} {
		rows[code+" without status"] = row{200, says(code), declined, no, false}
	}
	rows["602 without status"] = row{200, says("602"), declined, sdk.ReasonInsufficientFunds, false}
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			got := live(t).checked(answered(c.status, c.body))
			if got.Outcome != c.outcome || got.Reason != c.reason || (got.Alert != "") != c.alert {
				t.Errorf("want %v (%s) alert %v, got %v (%s) %q", c.outcome, c.reason, c.alert, got.Outcome, got.Reason, got.Alert)
			}
			if c.outcome != succeeded && c.outcome != pending && got.Told != (sdk.Told{}) {
				t.Errorf("money is told although nothing is paid: %+v", got.Told)
			}
		})
	}
}

func TestCheckAnswersInOtherForms(t *testing.T) {
	paid := sdk.Told{Amount: "100", Currency: "XOF"}
	for name, c := range map[string]struct {
		body string
		want sdk.Told
	}{
		"amount as a number":      {`{"code":"00","data":{"amount":100,"currency":"XOF","status":"ACCEPTED"}}`, paid},
		"amount with decimals":    {`{"code":"00","data":{"amount":"100.00","currency":"XOF","status":"ACCEPTED"}}`, sdk.Told{Amount: "100.00", Currency: "XOF"}},
		"another amount, as told": {`{"code":"00","data":{"amount":"95","currency":"XAF","status":"ACCEPTED"}}`, sdk.Told{Amount: "95", Currency: "XAF"}},
		"code as a number":        {`{"code":0,"data":{"amount":"100","currency":"XOF","status":"ACCEPTED"}}`, paid},
		"metadata as an object":   {`{"code":"00","data":{"amount":"100","currency":"XOF","status":"ACCEPTED","metadata":{"a":[1]}}}`, paid},
		"metadata as a text":      {`{"code":"00","data":{"amount":"100","currency":"XOF","status":"ACCEPTED","metadata":"x"}}`, paid},
		"a blank date":            {`{"code":"00","data":{"amount":"100","currency":"XOF","status":"ACCEPTED","payment_date":" "}}`, paid},
		"a bare date":             {`{"code":"00","data":{"amount":"100","currency":"XOF","status":"ACCEPTED","fund_availability_date":"2022-09-17"}}`, paid},
		"names with cpm_":         {`{"code":"00","data":{"cpm_amount":"100","cpm_currency":"XOF","cpm_trans_status":"ACCEPTED"}}`, paid},
		"other names in capitals": {`{"code":"00","DATA":{"status":"REFUSED"},"data":{"amount":"100","currency":"XOF","status":"ACCEPTED","STATUS":"REFUSED"}}`, paid},
	} {
		t.Run(name, func(t *testing.T) {
			got := live(t).checked(answered(200, c.body))
			if got.Outcome != sdk.OutcomeSucceeded {
				t.Fatalf("want SUCCEEDED, got %v %q", got.Outcome, got.Alert)
			}
			if diff := cmp.Diff(c.want, got.Told); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAliasCountsOnlyWhereThePlainNameIsAbsent(t *testing.T) {
	body := `{"code":"00","data":{"amount":"100","currency":"XOF","status":"","cpm_trans_status":"ACCEPTED"}}`
	if got := live(t).checked(answered(200, body)); got.Outcome != sdk.OutcomeUnknown {
		t.Errorf("want UNKNOWN, got %v", got.Outcome)
	}
	body = `{"code":"00","data":{"amount":null,"cpm_amount":"100","currency":"XOF","status":"ACCEPTED"}}`
	if got := live(t).checked(answered(200, body)); got.Outcome != sdk.OutcomePending {
		t.Errorf("want PENDING, got %v", got.Outcome)
	}
}

func TestTheDocumentedCheckAnswers(t *testing.T) {
	p := live(t)
	want := sdk.Result{
		Outcome: sdk.OutcomeSucceeded, ProviderStatus: "ACCEPTED", ProviderCode: "00", Message: "SUCCES",
		Told: sdk.Told{Amount: "100", Currency: "XOF"}, PaidWith: "OM",
	}
	if diff := cmp.Diff(want, p.checked(answered(200, sample(t, "check-paid.json")))); diff != "" {
		t.Errorf("paid (-want +got):\n%s", diff)
	}
	want = sdk.Result{
		Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonCanceledByCustomer,
		ProviderStatus: "REFUSED", ProviderCode: "627", Message: "TRANSACTION_CANCEL", PaidWith: "MOMO",
	}
	if diff := cmp.Diff(want, p.checked(answered(200, sample(t, "check-failed.json")))); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
}
