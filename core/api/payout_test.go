package api_test

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const everyPayoutField = `{ "reference": "salary-42", "amount": "5000", "currency": "XOF", "country": "CI", "method": "bank_transfer",
  "network": "BANK", "provider": "", "description": "November", "metadata": { "plan": "pro" },
  "recipient": { "id": "e-7", "name": "Awa", "surname": "Koné", "email": "awa@example.com", "phone": "0707123456", "country": "CI",
    "bank_account": { "iban": "de89 3704 0044 0532 0130 00", "bank_code": "CI042", "account_number": "00111-222 33/4", "holder": "Awa Koné" } } }`

func TestAPayoutIsReadWithEveryField(t *testing.T) {
	t.Parallel()
	want := core.PayoutRequest{
		Reference: "salary-42", Amount: money.Of(5000, money.XOF), Country: "CI", Method: "bank_transfer", Network: "BANK", Description: "November",
		Recipient: sdk.Customer{
			ID: "e-7", Name: "Awa", Surname: "Koné", Email: "awa@example.com", Phone: "+2250707123456", Country: "CI",
		},
		BankAccount: &sdk.BankAccount{IBAN: "DE89370400440532013000", BankCode: "CI042", AccountNumber: "00111-222 33/4", Holder: "Awa Koné"},
		Metadata:    map[string]string{"plan": "pro"},
	}
	got, err := readPayout(everyPayoutField)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(money.Amount{})); diff != "" {
		t.Errorf("payout (-want +got):\n%s", diff)
	}
}

func TestAPayoutNeedsSomebodyToPay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		recipient string
		bank      bool
	}{
		"a phone alone":          {`{"phone":"+2250707123456","bank_account":{"iban":"","holder":null}}`, false},
		"a phone and no account": {`{"phone":"+2250707123456","bank_account":null}`, false},
		"an IBAN alone":          {`{"bank_account":{"iban":"GB29NWBK60161331926819"}}`, true},
		"an account alone":       {`{"bank_account":{"account_number":"000123456789"}}`, true},
		"an IBAN of Kosovo":      {`{"bank_account":{"iban":"XK051212012345678906"}}`, true},
		"an IBAN like a card":    {`{"bank_account":{"iban":"NO9386011117947"}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readPayout(mergedPayout(`"recipient":` + test.recipient))
			if err != nil || (got.BankAccount != nil) != test.bank {
				t.Errorf("bank account %+v, %v", got.BankAccount, err)
			}
		})
	}
}

func TestAWrongFieldOfAPayoutIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ field, location, says string }{
		"amount as a JSON number":     {`"amount":5000`, "body.amount", `must be a string such as "5000"`},
		"amount with decimals of XOF": {`"amount":"50.5"`, "body.amount", "XOF has none"},
		"currency absent":             {`"currency":null`, "body.currency", "is required"},
		"no recipient":                {`"recipient":null`, "body.recipient", "must have a phone or a bank_account"},
		"a recipient of a name":       {`"recipient":{"name":"Awa"}`, "body.recipient", "must have a phone or a bank_account"},
		"a recipient as text":         {`"recipient":"Awa"`, "body.recipient", "must be an object"},
		"a field of a payment":        {`"return_url":"https://shop.example/"`, "body.return_url", "is not a field"},
		"raw card data":               {`"card":{"number":"4111111111111111"}`, "body.card", "is not a field"},
		"another field of recipient":  {`"recipient":{"phone":"+2250707123456","city":"Abidjan"}`, "body.recipient.city", "is not a field"},
		"phone without a country":     {`"recipient":{"phone":"0707123456"}`, "body.recipient.phone", "lacks a country"},
		"bank account as text":        {`"recipient":{"bank_account":"x"}`, "body.recipient.bank_account", "must be an object"},
		"bank account of a holder":    {`"recipient":{"bank_account":{"holder":"Awa"}}`, "body.recipient.bank_account.account_number", "is required"},
		"bank account with a field":   {`"recipient":{"bank_account":{"iban":"GB29NWBK60161331926819","bic":"x"}}`, "body.recipient.bank_account.bic", "is not a field"},
		"IBAN with a wrong digit":     {`"recipient":{"bank_account":{"iban":"GB29NWBK60161331926818"}}`, "body.recipient.bank_account.iban", "is not an IBAN"},
		"IBAN of no country":          {`"recipient":{"bank_account":{"iban":"ZZ29NWBK60161331926819"}}`, "body.recipient.bank_account.iban", "is not an IBAN"},
		"IBAN too short":              {`"recipient":{"bank_account":{"iban":"GB29"}}`, "body.recipient.bank_account.iban", "is not an IBAN"},
		"IBAN with a line break":      {`"recipient":{"bank_account":{"iban":"GB29NWBK60161331926819\n"}}`, "body.recipient.bank_account.iban", "is not an IBAN"},
		"account of strange letters":  {`"recipient":{"bank_account":{"account_number":"12é45678"}}`, "body.recipient.bank_account.account_number", "letters and digits"},
		"account with spaces around":  {`"recipient":{"bank_account":{"account_number":" 12345678"}}`, "body.recipient.bank_account.account_number", "letters and digits"},
		"account too long":            {`"recipient":{"bank_account":{"account_number":"` + strings.Repeat("1", 35) + `"}}`, "body.recipient.bank_account.account_number", "longer than 34"},
		"a card as account":           {`"recipient":{"bank_account":{"account_number":"4111111111111111"}}`, "body.recipient.bank_account.account_number", "card number"},
		"a card as holder":            {`"recipient":{"bank_account":{"iban":"GB29NWBK60161331926819","holder":"4111 1111 1111 1111"}}`, "body.recipient.bank_account.holder", "card number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readPayout(mergedPayout(test.field))
			wantField(t, err, test.location, test.says)
		})
	}
}

func wantField(t *testing.T, err error, location, says string) {
	t.Helper()
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok || problem.Code != "invalid_request" {
		t.Fatalf("error = %v, want invalid_request", err)
	}
	if len(problem.Fields) != 1 || problem.Fields[0].Location != location || !strings.Contains(problem.Fields[0].Message, says) {
		t.Errorf("fields = %+v, want one at %s that says %q", problem.Fields, location, says)
	}
}

func TestARefundIsMeantForItsPayment(t *testing.T) {
	t.Parallel()
	eur := core.Transaction{ID: "pay_1", Amount: money.Of(5000, money.EUR), Attempts: []core.Attempt{{ID: "att_1"}}}
	xof := core.Transaction{ID: "pay_1", Amount: money.Of(5000, money.XOF)}
	full := `{"amount":"20.50","attempt":"att_1","reason":"came back","reference":"r-1","metadata":{"a":"b"},"manual":true}`
	for name, test := range map[string]struct {
		body    string
		payment core.Transaction
		want    core.RefundRequest
	}{
		"every field": {full, eur, core.RefundRequest{
			Payment: "pay_1", Attempt: "att_1", Amount: money.Of(2050, money.EUR), Reason: "came back", Reference: "r-1",
			Metadata: map[string]string{"a": "b"}, Manual: true,
		}},
		"the amount in its currency": {`{"amount":"2000"}`, xof, core.RefundRequest{Payment: "pay_1", Amount: money.Of(2000, money.XOF)}},
		"all that is left":           {`{"amount":"","attempt":null,"manual":""}`, eur, core.RefundRequest{Payment: "pay_1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readRefund(test.body, test.payment)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(money.Amount{})); diff != "" || err != nil {
				t.Errorf("refund: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestAWrongFieldOfARefundIsNamed(t *testing.T) {
	t.Parallel()
	payment := core.Transaction{ID: "pay_1", Amount: money.Of(5000, money.XOF), Attempts: []core.Attempt{{ID: "att_1"}}}
	for name, test := range map[string]struct{ body, location, says string }{
		"amount zero":              {`{"amount":"0"}`, "body.amount", "zero is not allowed"},
		"amount as a JSON number":  {`{"amount":5}`, "body.amount", "must be a string"},
		"amount of the wrong sort": {`{"amount":"20.50"}`, "body.amount", "XOF has none"},
		"amount with a sign":       {`{"amount":"-5"}`, "body.amount", "not an amount"},
		"attempt of another":       {`{"attempt":"att_2"}`, "body.attempt", "is not an attempt of this payment"},
		"manual as text":           {`{"manual":"true"}`, "body.manual", "must be true or false"},
		"a currency":               {`{"currency":"XOF"}`, "body.currency", "is not a field"},
		"a card in the reason":     {`{"reason":"4111 1111 1111 1111"}`, "body.reason", "card number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readRefund(test.body, payment)
			wantField(t, err, test.location, test.says)
		})
	}
}

func TestTheDocumentedFieldsOfPayoutsAndRefundsAreTheOnesRead(t *testing.T) {
	t.Parallel()
	payment := core.Transaction{Amount: money.Of(5000, money.XOF)}
	payout := func(field string) error { _, err := readPayout(mergedPayout(field)); return err }
	for name, part := range map[string]struct {
		of   reflect.Type
		read func(field string) error
	}{
		"payout":       {reflect.TypeFor[api.Payout](), payout},
		"recipient":    {reflect.TypeFor[api.Recipient](), func(field string) error { return payout(`"recipient":{` + field + `}`) }},
		"bank account": {reflect.TypeFor[api.RecipientBankAccount](), func(field string) error { return payout(`"recipient":{"bank_account":{` + field + `}}`) }},
		"refund":       {reflect.TypeFor[api.Refund](), func(field string) error { _, err := readRefund("{"+field+"}", payment); return err }},
	} {
		for _, field := range namesOf(part.of) {
			err := part.read(`"` + field + `":7`)
			if problem, _ := errors.AsType[*core.Problem](err); problem == nil || strings.Contains(problem.Error(), "is not a field") {
				t.Errorf("%s: %s is documented and not read: %v", name, field, err)
			}
		}
	}
}

func TestNothingSecretOfAPayoutIsRepeated(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"Canary Secret 4f1c", "4111111111111111", "DE89370400440532013001"} {
		text, _ := json.Marshal(secret)
		for _, name := range slices.Sorted(maps.Keys(membersOf(everyPayoutField))) {
			_, err := readPayout(mergedPayout(`"` + name + `":` + string(text)))
			assertSilent(t, name, secret, err)
		}
		for _, name := range append(namesOf(reflect.TypeFor[api.Recipient]()), secret) {
			_, err := readPayout(mergedPayout(`"recipient":{"` + name + `":` + string(text) + `}`))
			assertSilent(t, name, secret, err)
		}
		for _, name := range append(namesOf(reflect.TypeFor[api.RecipientBankAccount]()), secret) {
			_, err := readPayout(mergedPayout(`"recipient":{"bank_account":{"` + name + `":` + string(text) + `}}`))
			assertSilent(t, name, secret, err)
		}
		for _, name := range append(namesOf(reflect.TypeFor[api.Refund]()), secret) {
			_, err := readRefund(`{"`+name+`":`+string(text)+`}`, core.Transaction{Amount: money.Of(1, money.XOF)})
			assertSilent(t, name, secret, err)
		}
	}
}

func FuzzPayout(f *testing.F) {
	for _, seed := range []string{
		everyPayoutField, `{"amount":"5","currency":"XOF","recipient":{"phone":"+2250707123456"}}`, `{"recipient":{"bank_account":{"iban":"GB29NWBK60161331926819"}}}`,
		`{"amount":"200.50","currency":"EUR","recipient":{"bank_account":{"account_number":"1-2"}}}`, `{"recipient":[]}`, `{"recipient":{"bank_account":[]}}`,
		`{"amount":"1e3","currency":"XOF","recipient":""}`, "{\"\xff\":1}", `{"a":"\ud800"}`, `{"recipient":{"bank_account":{"iban":"\u0130"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := api.ParseBody(raw)
		if err != nil {
			assertProblem(t, err)
			return
		}
		req, err := body.Payout()
		if err != nil {
			assertProblem(t, err)
			return
		}
		sent := membersOf(string(raw))
		want, parseErr := money.ParsePositive(sent["amount"].(string), req.Amount.Currency())
		if parseErr != nil || want != req.Amount || req.Amount.Currency().String() != sent["currency"] {
			t.Errorf("amount %v %v was read as %s", sent["amount"], sent["currency"], req.Amount)
		}
		bank := req.BankAccount
		if req.Recipient.Phone == "" && (bank == nil || bank.IBAN+bank.AccountNumber == "") {
			t.Errorf("%s pays nobody", raw)
		}
		if bank != nil && (core.HasCard(bank.AccountNumber) || strings.ContainsFunc(bank.IBAN, func(r rune) bool { return r > 'Z' || r < '0' })) {
			t.Errorf("bank account %+v was let through", bank)
		}
	})
}

func readPayout(body string) (core.PayoutRequest, error) {
	parsed, err := api.ParseBody([]byte(body))
	if err != nil {
		return core.PayoutRequest{}, err
	}
	return parsed.Payout()
}

func readRefund(body string, payment core.Transaction) (core.RefundRequest, error) {
	parsed, err := api.ParseBody([]byte(body))
	if err != nil {
		return core.RefundRequest{}, err
	}
	refund, err := parsed.Refund()
	if err != nil {
		return core.RefundRequest{}, err
	}
	return refund.For(payment)
}

// mergedPayout is a good payout with one field put in or replaced.
func mergedPayout(field string) string {
	members := membersOf(`{"amount":"5000","currency":"XOF","recipient":{"phone":"+2250707123456"}}`)
	maps.Copy(members, membersOf("{"+field+"}"))
	text, _ := json.Marshal(members)
	return string(text)
}
