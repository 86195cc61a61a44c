package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func TestEachCodeInAStatusAnswer(t *testing.T) {
	for code, want := range map[string]seen{
		"100": {pending, "", false}, "101": {unknown, "", true}, "102": {}, "103": {}, "104": {}, "105": {unknown, "", true},
		"106": {}, "107": {}, "108": {}, "109": {unknown, "", true}, "110": {}, "111": {unknown, "", true},
		"112": {declined, no, false}, "113": {unknown, "", true}, "114": {pending, "", false}, "115": {final, no, false},
		"116": {declined, no, false}, "117": {unknown, "", true},
	} {
		for _, status := range []int{200, 400, 401, 404, 429, 500, 503} {
			for _, body := range []string{says(code), says(`"` + code + `"`)} {
				if diff := cmp.Diff(want, seenIn(live(t).told(answered(status, body), asked()))); diff != "" {
					t.Errorf("%s with HTTP %d (-want +got):\n%s", body, status, diff)
				}
			}
		}
	}
}

func TestEachWordInAStatusAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want seen
	}{
		"success":                      {tells("100", "Success"), seen{succeeded, "", false}},
		"success in capitals":          {tells("100", " SUCCESS "), seen{succeeded, "", false}},
		"success with 112":             {tells("112", "Success"), seen{succeeded, "", true}},
		"success without code":         {strings.Replace(tells("100", "Success"), `"status_code":100,`, "", 1), seen{succeeded, "", false}},
		"success without amount":       {strings.Replace(tells("100", "Success"), `"transaction_amount":1000,`, "", 1), seen{pending, "", true}},
		"success with a blank amount":  {strings.Replace(tells("100", "Success"), "1000", `" "`, 1), seen{pending, "", true}},
		"success with a strange type":  {strings.Replace(tells("100", "Success"), "1000", `{"a":1}`, 1), seen{pending, "", true}},
		"failed":                       {tells("100", "Failed"), seen{declined, no, false}},
		"failed with 112":              {tells("112", "failed"), seen{declined, no, false}},
		"failed with 115":              {tells("115", "Failed"), seen{final, no, false}},
		"failed with 107":              {tells("107", "Failed"), seen{declined, no, false}},
		"refunded":                     {tells("100", "Refunded"), seen{reversed, "", false}},
		"in progress":                  {tells("100", "Credit In Progress"), seen{pending, "", false}},
		"in progress, success false":   {`{"success":false,"status_code":114,"transaction_status":"Credit In Progress"}`, seen{pending, "", false}},
		"another word":                 {tells("100", "Validated"), seen{unknown, "", true}},
		"another word with 112":        {tells("112", "Reversed"), seen{unknown, "", true}},
		"success true and nothing":     {`{"success":true}`, seen{}},
		"success false and nothing":    {`{"success":false}`, seen{}},
		"half an answer":               {tells("100", "Success")[:80], seen{}},
		"a success of another id":      {`{"status_code":100,"transaction_id":"ffffffffffffffffffff","transaction_amount":1000,"transaction_status":"Success"}`, seen{unknown, "", true}},
		"a failure of another id":      {`{"status_code":112,"transaction_id":"ffffffffffffffffffff"}`, seen{unknown, "", true}},
		"a failure, reference differs": {`{"status_code":112,"reference_number":"other"}`, seen{unknown, "", true}},
		"an id that fits counts first": {`{"status_code":112,"transaction_id":"` + testID + `","reference_number":"other"}`, seen{declined, no, false}},
		"a difference the engine sees": {strings.Replace(tells("100", "Success"), testRef, "other", 1), seen{succeeded, "", false}},
		"debitor_account is no name":   {`{"status_code":112,"debitor_account":"other"}`, seen{declined, no, false}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, seenIn(live(t).told(answered(200, c.body), asked()))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStatusAnswerWithoutAnEnvelopeSaysNothing(t *testing.T) {
	alerts := map[int]bool{401: true, 403: true, 404: true, 405: true}
	for status := 100; status <= 599; status++ {
		want := seen{unknown, "", alerts[status]}
		if diff := cmp.Diff(want, seenIn(live(t).told(answered(status, "<html>"), asked()))); diff != "" {
			t.Errorf("HTTP %d (-want +got):\n%s", status, diff)
		}
	}
	if got := live(t).told(answered(302, tells("100", "Success")), asked()); got.Outcome != unknown {
		t.Errorf("a redirect that says paid: got %v", got.Outcome)
	}
}

func TestMoneyIsReportedAsTold(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want sdk.Told
	}{
		"the sample":         {sample(t, "status-success.json"), sdk.Told{Amount: "1000", Currency: "XOF", Reference: testRef}},
		"no currency":        {strings.Replace(tells("100", "Success"), `"currency":"XOF",`, "", 1), sdk.Told{Amount: "1000", Reference: testRef}},
		"a text, decimals":   {strings.Replace(tells("100", "Success"), "1000", `"995.00"`, 1), sdk.Told{Amount: "995.00", Currency: "XOF", Reference: testRef}},
		"only the older ref": {strings.Replace(tells("100", "Success"), "reference_number", "transaction_ref", 1), sdk.Told{Amount: "1000", Currency: "XOF", Reference: testRef}},
		"refunded":           {tells("100", "Refunded"), sdk.Told{Amount: "1000", Currency: "XOF", Reference: testRef}},
		"failed":             {tells("100", "Failed"), sdk.Told{}},
		"waiting":            {tells("114", "Credit In Progress"), sdk.Told{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := live(t).told(answered(200, c.body), asked())
			if diff := cmp.Diff(c.want, got.Told); diff != "" || got.ProviderRef != testID {
				t.Errorf("provider ref %q (-want +got):\n%s", got.ProviderRef, diff)
			}
		})
	}
}
