package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

var cmpAmounts = cmp.Comparer(func(a, b money.Amount) bool { return a == b })

func TestAnswersOfCheckMoney(t *testing.T) {
	const (
		unknown, pending, succeeded, declined = sdk.OutcomeUnknown, sdk.OutcomePending, sdk.OutcomeSucceeded, sdk.OutcomeDeclined
		confirmed                             = `,"sending_status":"CONFIRM","transfer_valid":"Y"`
	)
	rows := map[string]sendRow{
		"NEW":                    {200, says0(`[` + item("NEW", confirmed) + `]`), pending, "", false},
		"NEW nested twice":       {200, says0(`[[` + item("NEW", confirmed) + `]]`), pending, "", false},
		"REC":                    {200, says0(`[` + item("REC", confirmed) + `]`), pending, "", false},
		"NOS":                    {200, says0(`[` + item("NOS", confirmed) + `]`), pending, "", false},
		"VAL":                    {200, says0(`[` + item("VAL", confirmed) + `]`), succeeded, "", false},
		"VAL without more words": {200, says0(`[` + item("VAL", "") + `]`), succeeded, "", false},
		"VAL that is not valid":  {200, says0(`[` + item("VAL", `,"transfer_valid":"N"`) + `]`), unknown, "", true},
		"VAL without amount":     {200, says0(`[{"treatment_status":"VAL","amount":" "}]`), pending, "", true},
		"REJ":                    {200, says0(`[` + item("REJ", confirmed) + `]`), declined, sdk.ReasonDeclined, false},
		"unconfirmed":            {200, says0(`[` + item("NEW", `,"sending_status":"PENDING","transfer_valid":"N"`) + `]`), pending, "", true},
		"no word":                {200, says0(`[{"transaction_id":"EA1"}]`), unknown, "", true},
		"a word nobody knows":    {200, says0(`[` + item("val", confirmed) + `]`), unknown, "", true},
		"ours among others": {
			200, says0(`[` + strings.ReplaceAll(item("REJ", ""), testRef, "other") + `,` + item("NEW", "") + `]`), pending, "", false,
		},
		"two of ours":              {200, says0(`[` + item("REJ", "") + `,` + item("VAL", "") + `]`), unknown, "", true},
		"two that name nobody":     {200, says0(`[{"treatment_status":"VAL","amount":"500"},{"treatment_status":"NEW"}]`), unknown, "", true},
		"another's REJ":            {200, strings.ReplaceAll(says0(`[`+item("REJ", "")+`]`), testRef, "other"), unknown, "", true},
		"another's NEW":            {200, strings.ReplaceAll(says0(`[`+item("NEW", "")+`]`), testRef, "other"), unknown, "", true},
		"another's, unconfirmed":   {200, strings.ReplaceAll(says0(`[`+item("VAL", `,"sending_status":"PENDING"`)+`]`), testRef, "other"), unknown, "", true},
		"no transfer":              {200, says0(`[]`), unknown, "", true},
		"723":                      {400, refuses("723"), unknown, "", false},
		"723 as 200":               {200, refuses("723"), unknown, "", false},
		"-1":                       {200, refuses("-1"), unknown, "", false},
		"709":                      {200, refuses("709"), unknown, "", false},
		"602, which refuses sends": {400, refuses("602"), unknown, "", true},
		"701":                      {400, refuses("701"), unknown, "", true},
		"703":                      {400, refuses("703"), unknown, "", true},
		"706":                      {400, refuses("706"), unknown, "", true},
		"708":                      {400, refuses("708"), unknown, "", true},
		"403":                      {403, "<html>", unknown, "", true},
		"text 1010":                {403, "error code: 1010", unknown, "", true},
		"417":                      {417, "Expectation Failed", unknown, "", false},
		"429":                      {429, "slow down", unknown, "", false},
		"429 with REJ":             {429, says0(`[` + item("REJ", "") + `]`), unknown, "", true},
		"500":                      {500, "oops", unknown, "", false},
		"500 with VAL":             {500, says0(`[` + item("VAL", "") + `]`), unknown, "", false},
		"302 with VAL":             {302, says0(`[` + item("VAL", "") + `]`), unknown, "", false},
		"400 with VAL":             {400, says0(`[` + item("VAL", "") + `]`), unknown, "", true},
		"a code with VAL":          {200, `{"code":"715","data":[` + item("VAL", "") + `]}`, unknown, "", true},
		"no JSON":                  {200, "<html>", unknown, "", false},
		"nothing":                  {200, "", unknown, "", false},
	}
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			got := live(t).traced(readReply(answered(c.status, c.body), sdk.Secret{}), testRef)
			if got.Outcome != c.outcome || got.Reason != c.reason || (got.Alert != "") != c.alert {
				t.Errorf("want %v (%s) alert %v, got %v (%s) %q", c.outcome, c.reason, c.alert, got.Outcome, got.Reason, got.Alert)
			}
			if c.outcome != succeeded && got.Told != (sdk.Told{}) || got.Held {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAPaidTransferIsReportedAsItWasTold(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want sdk.Told
	}{
		"as documented":  {sample(t, "money-paid.json"), sdk.Told{Amount: "500", Reference: testRef}},
		"another amount": {says0(`[{"treatment_status":"VAL","amount":495}]`), sdk.Told{Amount: "495"}},
		"with decimals":  {says0(`[{"treatment_status":"VAL","amount":"500.00"}]`), sdk.Told{Amount: "500.00"}},
		"another id":     {says0(`[{"treatment_status":"VAL","amount":"500","client_transaction_id":"x"}]`), sdk.Told{Amount: "500", Reference: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := live(t).traced(readReply(answered(200, c.body), sdk.Secret{}), testRef)
			if got.Outcome != sdk.OutcomeSucceeded {
				t.Fatalf("want SUCCEEDED, got %v %q", got.Outcome, got.Alert)
			}
			if diff := cmp.Diff(c.want, got.Told); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheReceiverIsShownNowhere(t *testing.T) {
	body := strings.ReplaceAll(sample(t, "money-paid.json"), `"comment": ""`, `"comment": "0700000001 Koffi Ama"`)
	want := sdk.Result{
		Outcome: sdk.OutcomeSucceeded, ProviderRef: "EA190914.060809.252545", ProviderStatus: "VAL", ProviderCode: "0",
		Message: "OPERATION_SUCCES", PaidWith: "OM", Told: sdk.Told{Amount: "500", Reference: testRef},
	}
	if diff := cmp.Diff(want, live(t).traced(readReply(answered(200, body), sdk.Secret{}), testRef)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAQuestionGoesByTheKindOfTheAttempt(t *testing.T) {
	g := newGate(t)
	if _, err := g.account.QueryStatus(t.Context(), payout(nil).Attempt); err != nil {
		t.Fatal(err)
	}
	if got, err := g.account.QueryStatus(t.Context(), request(nil).Attempt); err != nil || got.Outcome != sdk.OutcomeUnknown {
		t.Errorf("got %v, %v", got.Outcome, err)
	}
	if want := moneyPath + "?client_transaction_id=" + testRef + "&lang=fr&token=token-1 "; g.calls[1] != want {
		t.Errorf("want %s, got %s", want, g.calls[1])
	}
	if len(g.calls) != 3 || g.called("/v2/payment/check") != 1 {
		t.Errorf("got the calls %v", g.calls)
	}
}
