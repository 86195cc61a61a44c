package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheBodiesOfATransfer(t *testing.T) {
	gate := newGate(t)
	if _, err := gate.account.CreatePayout(t.Context(), payout(nil)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/v1/auth/login? apikey=sandbox.00000000&password=sandbox-password",
		`/v1/transfer/contact?lang=fr&token=token-1 ` +
			`data=[{"prefix":"225","phone":"0700000001","name":"Koffi","surname":"Ama","email":"ama@example.com"}]`,
		`/v1/transfer/money/send/contact?lang=fr&token=token-1 ` +
			`data=[{"prefix":"225","phone":"0700000001","amount":500,"notify_url":"https://pay.example.com/notify/cinetpay?a=1&b=2",` +
			`"client_transaction_id":"` + testRef + `"}]`,
	}
	if diff := cmp.Diff(want, gate.plain(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheBodiesAreAFunctionOfTheRequest(t *testing.T) {
	var first []string
	for range 3 {
		gate := newGate(t)
		if _, err := gate.account.CreatePayout(t.Context(), payout(nil)); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = gate.calls
		}
		if diff := cmp.Diff(first, gate.calls); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	}
}

func TestPhonesGoLocalToEveryDestination(t *testing.T) {
	for phone, want := range map[string]struct {
		country, prefix, local string
		amount                 money.Amount
	}{
		"+2250700000001": {"CI", "225", "0700000001", money.Of(200, money.XOF)},
		"+221770000001":  {"SN", "221", "770000001", money.Of(200, money.XOF)},
		"+22890000001":   {"TG", "228", "90000001", money.Of(150, money.XOF)},
		"+2290190000001": {"BJ", "229", "0190000001", money.Of(500, money.XOF)},
		"+22370000001":   {"ML", "223", "70000001", money.Of(500, money.XOF)},
		"+22670000001":   {"BF", "226", "70000001", money.Of(500, money.XOF)},
		"+22790000001":   {"NE", "227", "90000001", money.Of(500, money.XOF)},
		"+237670000001":  {"CM", "237", "670000001", money.Of(500, money.XAF)},
		"+224620000001":  {"GN", "224", "620000001", money.Of(1_000, money.GNF)},
		"+243890000001":  {"CD", "243", "890000001", money.Of(100_000, money.CDF)},
	} {
		for _, country := range []string{want.country, ""} {
			got, refused := paying(t, "", nil).remittanceOf(payout(func(r *sdk.PayoutRequest) {
				r.Country, r.Recipient.Phone, r.Amount = country, phone, want.amount
			}))
			if refused != nil {
				t.Errorf("%s: %s", want.country, refused.message)
				continue
			}
			if got.contact.Prefix != want.prefix || got.transfer.Prefix != want.prefix ||
				got.contact.Phone != want.local || got.transfer.Phone != want.local {
				t.Errorf("%s: got %s %s", want.country, got.transfer.Prefix, got.transfer.Phone)
			}
		}
	}
}

func TestAPayoutThatCinetPayWouldNotTakeIsNotSent(t *testing.T) {
	const invalidRequest, unsupported = sdk.ReasonInvalidRequest, sdk.ReasonNotSupported
	phone := func(number string) func(*sdk.PayoutRequest) {
		return func(r *sdk.PayoutRequest) { r.Country, r.Recipient.Phone = "", number }
	}
	amount := func(a money.Amount) func(*sdk.PayoutRequest) {
		return func(r *sdk.PayoutRequest) { r.Amount = a }
	}
	for name, c := range map[string]struct {
		change func(*sdk.PayoutRequest)
		want   sdk.Reason
	}{
		"no phone":                 {phone(""), invalidRequest},
		"a local phone":            {phone("0700000001"), invalidRequest},
		"00 for plus":              {phone("002250700000001"), invalidRequest},
		"no plus":                  {phone("2250700000001"), invalidRequest},
		"a blank in it":            {phone("+225 0700000001"), invalidRequest},
		"a digit too many":         {phone("+22507000000011"), invalidRequest},
		"the prefix twice":         {phone("+221221770000001"), invalidRequest},
		"the prefix after 00":      {phone("+22100770001"), invalidRequest},
		"too short":                {phone("+2217700001"), invalidRequest},
		"another continent":        {phone("+4915112345678"), invalidRequest},
		"another country":          {func(r *sdk.PayoutRequest) { r.Recipient.Phone = "+221770000001" }, invalidRequest},
		"zeros after the prefix":   {phone("+2250012345678"), invalidRequest},
		"another currency":         {amount(money.Of(500, money.XAF)), unsupported},
		"dollars":                  {amount(money.Of(50_000, money.USD)), unsupported},
		"too little":               {amount(money.Of(195, money.XOF)), sdk.ReasonLimitExceeded},
		"nothing":                  {amount(money.Of(0, money.XOF)), sdk.ReasonLimitExceeded},
		"no multiple of 5":         {amount(money.Of(501, money.XOF)), invalidRequest},
		"no name":                  {func(r *sdk.PayoutRequest) { r.Recipient.Name = " " }, invalidRequest},
		"no surname":               {func(r *sdk.PayoutRequest) { r.Recipient.Surname = "" }, invalidRequest},
		"no email":                 {func(r *sdk.PayoutRequest) { r.Recipient.Email = "" }, invalidRequest},
		"no reference":             {func(r *sdk.PayoutRequest) { r.Ref = "" }, invalidRequest},
		"a reference with a slash": {func(r *sdk.PayoutRequest) { r.Ref = "a/b" }, invalidRequest},
		"no address for news":      {func(r *sdk.PayoutRequest) { r.NotifyURL = "" }, invalidRequest},
		"localhost":                {func(r *sdk.PayoutRequest) { r.NotifyURL = "http://localhost/n" }, invalidRequest},
		"a bank transfer":          {func(r *sdk.PayoutRequest) { r.Method = "bank_transfer" }, unsupported},
		"a bank's network":         {func(r *sdk.PayoutRequest) { r.Method, r.Network = "", "BANK" }, unsupported},
		"a bank account":           {func(r *sdk.PayoutRequest) { r.BankAccount = &sdk.BankAccount{IBAN: "x"} }, unsupported},
	} {
		t.Run(name, func(t *testing.T) {
			gate := newGate(t)
			got, err := gate.account.CreatePayout(t.Context(), payout(c.change))
			if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != c.want || got.Message == "" {
				t.Errorf("want REJECTED (%s), got %v (%s) %q, %v", c.want, got.Outcome, got.Reason, got.Message, err)
			}
			if len(gate.calls) != 0 {
				t.Errorf("it called %v", gate.calls)
			}
			if number := payout(c.change).Recipient.Phone; number != "" && strings.Contains(got.Message, number) {
				t.Errorf("the message shows the phone: %s", got.Message)
			}
		})
	}
}

func TestAnAmountOfCongoIsInWholeUnits(t *testing.T) {
	_, refused := paying(t, "", nil).remittanceOf(payout(func(r *sdk.PayoutRequest) {
		r.Country, r.Recipient.Phone, r.Amount = "CD", "+243890000001", money.Of(100_050, money.CDF)
	}))
	if refused == nil || refused.reason != sdk.ReasonInvalidRequest {
		t.Errorf("got %+v", refused)
	}
}

func TestSettingsNarrowTheDestinations(t *testing.T) {
	p := paying(t, "", map[string]any{"country": "CI"})
	_, refused := p.remittanceOf(payout(func(r *sdk.PayoutRequest) { r.Country, r.Recipient.Phone = "", "+221770000001" }))
	if refused == nil || refused.reason != sdk.ReasonNotSupported {
		t.Errorf("got %+v", refused)
	}
}

// plain are the calls with the forms decoded.
func (g *gate) plain(t *testing.T) []string {
	t.Helper()
	calls := slices.Clone(g.calls)
	for i, call := range calls {
		head, body, _ := strings.Cut(call, " ")
		if data, encoded := strings.CutPrefix(body, "data="); encoded {
			decoded, err := url.QueryUnescape(data)
			if err != nil {
				t.Fatal(err)
			}
			calls[i] = fmt.Sprintf("%s data=%s", head, decoded)
		}
	}
	return calls
}
