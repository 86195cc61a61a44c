package main

import (
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

func TestARefusalByNumberIsNoneWhereTheCodeSaysOtherwise(t *testing.T) {
	for _, status := range []int{403, 429} {
		for _, code := range []string{"620", "622", "603", "999"} {
			if got := live(t).initiated(answered(status, says(code))); got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("HTTP %d with code %s: want UNKNOWN, got %v", status, code, got.Outcome)
			}
		}
	}
	for _, body := range []string{says("403"), `{"message":"Forbidden"}`} {
		if got := live(t).initiated(answered(403, body)); got.Outcome != sdk.OutcomeRejected {
			t.Errorf("HTTP 403 with %s: want REJECTED, got %v", body, got.Outcome)
		}
	}
}

func TestARefusalThatTellsAPageInAListIsUnknown(t *testing.T) {
	for _, data := range []string{`[{"payment_url":"` + securePage + `"}]`, `[[{"payment_token":"tok"}]]`, `[{"token":"tok"}]`} {
		for _, status := range []int{400, 403, 429} {
			if got := live(t).initiated(answered(status, `{"code":"609","data":`+data+`}`)); got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("HTTP %d with %s: want UNKNOWN, got %v", status, data, got.Outcome)
			}
		}
	}
}

func TestHalfAnObjectIsUnknownWhateverItsNumber(t *testing.T) {
	for name, body := range map[string]string{
		"half of init's answer": paysAt("201", securePage)[:60],
		"half of send's answer": says0(`[[` + item("NEW", "") + `]]`)[:60],
		"a code twice":          `{"code":"201","code":"609"}`,
		"an object in two ways": `{"code":"609","data":{"a":1,"a":2}}`,
		"two answers":           says("609") + says("201"),
	} {
		for _, status := range []int{200, 400, 403, 417, 429} {
			if got := live(t).initiated(answered(status, body)); got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("init, %s with HTTP %d: want UNKNOWN, got %v", name, status, got.Outcome)
			}
			if got := live(t).sent(readReply(answered(status, body), sdk.Secret{}), testRef); got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("send, %s with HTTP %d: want UNKNOWN, got %v", name, status, got.Outcome)
			}
		}
	}
}

func TestAnAnswerThatCanBeReadInTwoWaysDecidesNothing(t *testing.T) {
	for name, body := range map[string]string{
		"two codes":     strings.Replace(told("00", "ACCEPTED"), "{", `{"code":"627",`, 1),
		"two words":     strings.Replace(told("00", "ACCEPTED"), `"status"`, `"status":"REFUSED","status"`, 1),
		"two amounts":   strings.Replace(told("00", "ACCEPTED"), `"status"`, `"amount":"5","amount":"100","status"`, 1),
		"two data":      strings.Replace(told("00", "ACCEPTED"), "{", `{"data":{"status":"REFUSED"},`, 1),
		"two words, no": strings.Replace(told("600", "REFUSED"), `"status"`, `"status":"ACCEPTED","status"`, 1),
	} {
		if got := live(t).checked(answered(200, body)); got.Outcome != sdk.OutcomeUnknown {
			t.Errorf("%s: want UNKNOWN, got %v", name, got.Outcome)
		}
	}
	twice := says0(`[` + item("VAL", `,"treatment_status":"VAL"`) + `]`)
	if got := live(t).traced(readReply(answered(200, twice), sdk.Secret{}), testRef); got.Outcome != sdk.OutcomeUnknown {
		t.Errorf("check/money: want UNKNOWN, got %v", got.Outcome)
	}
}

func TestAStatusThatIsNoWordIsNotAbsent(t *testing.T) {
	for _, status := range []string{`{"word":"ACCEPTED"}`, `["ACCEPTED"]`, "true", "false"} {
		for _, code := range []string{"600", "627", "662"} {
			body := `{"code":"` + code + `","data":{"amount":"100","currency":"XOF","status":` + status + `}}`
			if got := live(t).checked(answered(200, body)); got.Outcome != sdk.OutcomeUnknown || got.Alert == "" {
				t.Errorf("%s with status %s: want UNKNOWN with an alert, got %v", code, status, got.Outcome)
			}
		}
	}
	if got := live(t).checked(answered(200, `{"code":"662","data":{"status":null}}`)); got.Outcome != sdk.OutcomePending {
		t.Errorf("null is absent: want PENDING, got %v", got.Outcome)
	}
}

func TestAPaidTransferWithACodeOfFailureIsUnknown(t *testing.T) {
	for _, code := range []string{"715", `"721"`, "-1", `"00"`} {
		body := says0(`[` + strings.Replace(item("VAL", ""), `"code":0`, `"code":`+code, 1) + `]`)
		if got := live(t).traced(readReply(answered(200, body), sdk.Secret{}), testRef); got.Outcome != sdk.OutcomeUnknown || got.Alert == "" {
			t.Errorf("%s: want UNKNOWN with an alert, got %v", code, got.Outcome)
		}
	}
}

func TestNoWordOfAnAnswerShowsAPhone(t *testing.T) {
	p := live(t)
	for name, got := range map[string]string{
		"the message of init": p.initiated(answered(400, `{"code":"608","message":"PHONE 0707123456"}`)).ProviderStatus,
		"the status of check": p.checked(answered(200, told("662", "PHONE 0707123456"))).ProviderStatus,
	} {
		if got != "PHONE [number]" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	check := p.checked(answered(200, `{"code":"662","data":{"status":"PENDING","payment_method":"OM 2250707123456"}}`))
	if check.Outcome != sdk.OutcomePending || check.PaidWith != "OM [number]" {
		t.Errorf("the method of check: got %v, %q", check.Outcome, check.PaidWith)
	}
	body := says0(`[` + strings.Replace(item("NEW", ""), `"OM"`, `"0707123456"`, 1) + `]`)
	if money := p.traced(readReply(answered(200, body), sdk.Secret{}), testRef); money.PaidWith != "[number]" {
		t.Errorf("the operator of check/money: got %q", money.PaidWith)
	}
}

func TestWhatIsToldOfTheMoneyIsShortAndTellsNoSecret(t *testing.T) {
	long := strings.Repeat("9", 5000)
	check := live(t).checked(answered(200, `{"code":"00","data":{"amount":"`+long+`","currency":"`+testKey+`","status":"ACCEPTED"}}`))
	if len(check.Told.Amount) != wordMax || check.Told.Currency != "[redacted]" {
		t.Errorf("check: got %d digits of %q", len(check.Told.Amount), check.Told.Currency)
	}
	body := says0(`[{"treatment_status":"VAL","amount":"` + long + `","client_transaction_id":"` + testKey + `"}]`)
	money := live(t).traced(readReply(answered(200, body), sdk.Secret{}), testRef)
	if len(money.Told.Amount) != wordMax || money.Told.Reference != "[redacted]" {
		t.Errorf("check/money: got %d digits of %q", len(money.Told.Amount), money.Told.Reference)
	}
}
