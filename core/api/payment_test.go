package api_test

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const everyField = `{ "reference": "order-42", "amount": "5000", "currency": "XOF", "country": "CI",
  "method": "mobile_money", "network": "ORANGE", "provider": "", "description": "Basket 42",
  "customer": { "id": "c-7", "name": "Awa", "surname": "Koné", "email": "awa@example.com", "phone": "+2250707123456",
                "address": "", "city": "", "state": "", "zip_code": "", "country": "CI" },
  "return_url": "https://shop.example/return", "expires_in": "30m", "language": "fr", "metadata": { "plan": "pro" } }`

func TestAPaymentIsReadWithEveryField(t *testing.T) {
	t.Parallel()
	want := core.PaymentRequest{
		Reference: "order-42", Amount: money.Of(5000, money.XOF), Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Description: "Basket 42", ReturnURL: "https://shop.example/return", ExpiresIn: 30 * time.Minute, Language: "fr",
		Customer: sdk.Customer{
			ID: "c-7", Name: "Awa", Surname: "Koné", Email: "awa@example.com", Phone: "+2250707123456", Country: "CI",
		},
		Metadata: map[string]string{"plan": "pro"},
	}
	got, err := readPayment(everyField)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(money.Amount{})); diff != "" {
		t.Errorf("payment (-want +got):\n%s", diff)
	}
}

func TestAbsentNullAndEmptyMeanTheSame(t *testing.T) {
	t.Parallel()
	bare := `{"amount":"5000","currency":"XOF"}`
	for name, body := range map[string]string{
		"null": `{"amount":"5000","currency":"XOF","reference":null,"method":null,"customer":null,"metadata":null,"card":null,"expires_in":null}`,
		"empty": `{"amount":"5000","currency":"XOF","reference":"","method":"","customer":{"id":"","phone":null},"metadata":{"a":""},
			"browser":{},"card":"","return_url":"","language":"","provider":""}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := readPayment(bare)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readPayment(body)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Metadata) == 0 {
				got.Metadata = nil
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(money.Amount{})); diff != "" {
				t.Errorf("payment (-want +got):\n%s", diff)
			}
			if got.Method != "any" {
				t.Errorf("method = %q, want any", got.Method)
			}
			if diff := cmp.Diff(canonical(t, bare), canonical(t, body)); diff != "" {
				t.Errorf("canonical form (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	const card = "4111 1111 1111 1111"
	long := strings.Repeat("x", 501)
	for name, test := range map[string]struct{ field, location, says string }{
		"amount as a JSON number":      {`"amount":5000`, "body.amount", `must be a string such as "5000"`},
		"amount absent":                {`"amount":null`, "body.amount", "is required"},
		"amount zero":                  {`"amount":"0"`, "body.amount", "zero is not allowed"},
		"amount with an exponent":      {`"amount":"1e3"`, "body.amount", "not an amount"},
		"amount with a sign":           {`"amount":"-5"`, "body.amount", "not an amount"},
		"amount with a space":          {`"amount":"5 000"`, "body.amount", "write it like"},
		"currency with a space":        {`"currency":"XOF "`, "body.currency", "three capital letters"},
		"amount with too many digits":  {`"amount":"1234567890123456"`, "body.amount", "too many digits"},
		"amount with decimals of XOF":  {`"amount":"50.5"`, "body.amount", "XOF has none"},
		"amount as an object":          {`"amount":{}`, "body.amount", "must be a string"},
		"currency unknown":             {`"currency":"XFO"`, "body.currency", "did you mean XOF?"},
		"currency absent":              {`"currency":""`, "body.currency", "is required"},
		"country in small letters":     {`"country":"ci"`, "body.country", "did you mean CI?"},
		"country unknown":              {`"country":"ZZ"`, "body.country", "ISO 3166-1"},
		"country of two codes":         {`"country":"I C"`, "body.country", "ISO 3166-1"},
		"method unknown":               {`"method":"cash"`, "body.method", "must be one of mobile_money"},
		"network in small letters":     {`"network":"orange"`, "body.network", "must be one of ORANGE"},
		"provider with a slash":        {`"provider":"a/b"`, "body.provider", "account"},
		"reference too long":           {`"reference":"` + long[:256] + `"`, "body.reference", "longer than 255"},
		"reference with a line break":  {`"reference":"a\nb"`, "body.reference", "cannot be printed"},
		"reference right to left mark": {`"reference":"a\u202eb"`, "body.reference", "cannot be printed"},
		"reference with a card":        {`"reference":"` + card + `"`, "body.reference", "card number"},
		"description with a card":      {`"description":"pay 4111-1111-1111-1111 now"`, "body.description", "card number"},
		"expires_in below a minute":    {`"expires_in":"59s"`, "body.expires_in", "from 1m to 30d"},
		"expires_in above 30 days":     {`"expires_in":"31d"`, "body.expires_in", "from 1m to 30d"},
		"expires_in without a unit":    {`"expires_in":"30"`, "body.expires_in", "from 1m to 30d"},
		"expires_in in part seconds":   {`"expires_in":"90.5s"`, "body.expires_in", "whole seconds"},
		"language in three letters":    {`"language":"fra"`, "body.language", "ISO 639-1"},
		"return_url by http":           {`"return_url":"http://shop.example/"`, "body.return_url", "https://"},
		"return_url without a host":    {`"return_url":"https:///x"`, "body.return_url", "whole URL"},
		"return_url of a script":       {`"return_url":"javascript:alert(1)"`, "body.return_url", "whole URL"},
		"return_url with a password":   {`"return_url":"https://a:b@shop.example/"`, "body.return_url", "password"},
		"e-mail with a name":           {`"customer":{"email":"Awa <awa@example.com>"}`, "body.customer.email", "e-mail"},
		"e-mail without a domain":      {`"customer":{"email":"awa"}`, "body.customer.email", "e-mail"},
		"customer as text":             {`"customer":"Awa"`, "body.customer", "must be an object"},
		"customer with another field":  {`"customer":{"age":"7"}`, "body.customer.age", "is not a field"},
		"phone as a number":            {`"customer":{"phone":707123456}`, "body.customer.phone", "must be a string"},
		"metadata with a number":       {`"metadata":{"a":1}`, "body.metadata.a", "must be a string"},
		"metadata with a list":         {`"metadata":["a"]`, "body.metadata", "must be an object"},
		"metadata with a long value":   {`"metadata":{"a":"` + long + `"}`, "body.metadata.a", "longer than 500"},
		"metadata with a long name":    {`"metadata":{"` + long[:41] + `":"a"}`, "body.metadata.?", "longer than 40"},
		"metadata with an empty name":  {`"metadata":{"":"a"}`, "body.metadata.?", "is empty"},
		"metadata with a card":         {`"metadata":{"a":"` + card + `"}`, "body.metadata.a", "card number"},
		"metadata named as a card":     {`"metadata":{"4111111111111111":"a"}`, "body.metadata.?", "card number"},
		"metadata with many entries":   {`"metadata":{` + manyEntries(51) + `}`, "body.metadata", "more than 50"},
		"a card without a code":        {`"card":{"number":"4111111111111111","exp_month":1,"exp_year":2030}`, "body.card.cvv", "3 or 4 digits"},
		"a card number mistyped":       {`"card":{"number":"4111111111111112","exp_month":1,"exp_year":2030,"cvv":"123"}`, "body.card.number", "check digit"},
		"a month that is none":         {`"card":{"number":"4111111111111111","exp_month":13,"exp_year":2030,"cvv":"123"}`, "body.card.exp_month", "from 1 to 12"},
		"a card with more to it":       {`"card":{"number":"4111111111111111","exp_month":1,"exp_year":2030,"cvv":"123","pin":"1"}`, "body.card.pin", "is not a field"},
		"a browser too wide":           {`"browser":{"screen_width":0}`, "body.browser.screen_width", "from 1 to"},
		"an unknown field":             {`"amout":"5"`, "body.amout", "is not a field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readPayment(merged(test.field))
			problem, ok := errors.AsType[*core.Problem](err)
			if !ok || problem.Code != "invalid_request" {
				t.Fatalf("error = %v, want invalid_request", err)
			}
			if len(problem.Fields) != 1 || problem.Fields[0].Location != test.location || !strings.Contains(problem.Fields[0].Message, test.says) {
				t.Errorf("fields = %+v, want one at %s that says %q", problem.Fields, test.location, test.says)
			}
		})
	}
}

func TestLimitsAreMetExactly(t *testing.T) {
	t.Parallel()
	for name, field := range map[string]string{
		"reference of 255":         `"reference":"` + strings.Repeat("é", 255) + `"`,
		"metadata of 50":           `"metadata":{` + manyEntries(50) + `}`,
		"metadata name of 40":      `"metadata":{"` + strings.Repeat("k", 40) + `":"a"}`,
		"metadata value of 500":    `"metadata":{"a":"` + strings.Repeat("v", 500) + `"}`,
		"expires_in of a minute":   `"expires_in":"1m"`,
		"expires_in of 30 days":    `"expires_in":"30d"`,
		"expires_in of 720 hours":  `"expires_in":"720h"`,
		"amount of 15 digits":      `"amount":"123456789012345"`,
		"return_url on loopback":   `"return_url":"http://127.0.0.1:9000/x?a=b"`,
		"return_url on localhost":  `"return_url":"http://localhost/x"`,
		"return_url on loopback 6": `"return_url":"http://[::1]:80/"`,
		"a UUID as reference":      `"reference":"4111a111-1111-4111-8111-111111111111"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readPayment(merged(field)); err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

func TestAllWrongFieldsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := readPayment(`{"amount":7,"currency":"EURO","country":"xx","method":"cash","customer":{"phone":"abc","email":"x"},"extra":1}`)
	problem, _ := errors.AsType[*core.Problem](err)
	if problem == nil {
		t.Fatalf("error = %v, want a problem", err)
	}
	var got []string
	for _, f := range problem.Fields {
		got = append(got, f.Location)
	}
	want := []string{
		"body.amount", "body.country", "body.currency", "body.customer.email", "body.customer.phone", "body.extra", "body.method",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}

func TestNothingSecretIsRepeated(t *testing.T) {
	t.Parallel()
	const canary = "Canary Secret 4f1c"
	strict, _ := json.Marshal(canary)
	for _, name := range slices.Sorted(maps.Keys(membersOf(everyField))) {
		_, err := readPayment(merged(`"` + name + `":` + string(strict)))
		assertSilent(t, name, canary, err)
		_, err = readPayment(merged(`"` + canary + `":"x"`))
		assertSilent(t, "a name", canary, err)
	}
	_, err := api.ParseBody([]byte(`{"` + canary + `":1,"` + canary + `":2}`))
	assertSilent(t, "twice", canary, err)
}

func assertSilent(t *testing.T, field, secret string, err error) {
	t.Helper()
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok {
		return
	}
	public, _ := api.ProblemOf(problem)
	text, _ := json.Marshal(public)
	if strings.Contains(string(text)+err.Error(), secret) {
		t.Errorf("%s: %s repeats what was sent", field, text)
	}
}

func TestTheDocumentedFieldsAreTheOnesRead(t *testing.T) {
	t.Parallel()
	for _, name := range namesOf(reflect.TypeFor[api.Payment]()) {
		_, err := readPayment(merged(`"` + name + `":true`))
		problem, _ := errors.AsType[*core.Problem](err)
		if problem == nil || strings.Contains(problem.Error(), "is not a field") {
			t.Errorf("%s is documented and not read: %v", name, err)
		}
	}
	for _, name := range namesOf(reflect.TypeFor[api.PaymentCustomer]()) {
		_, err := readPayment(merged(`"customer":{"` + name + `":true}`))
		problem, _ := errors.AsType[*core.Problem](err)
		if problem == nil || strings.Contains(problem.Error(), "is not a field") {
			t.Errorf("customer.%s is documented and not read: %v", name, err)
		}
	}
}

func FuzzPayment(f *testing.F) {
	for _, seed := range []string{
		everyField, `{"amount":"5000","currency":"XOF"}`, `{"amount":"200.50","currency":"EUR"}`, `{"amount":5000}`, `{`, `[]`, `""`,
		`{"amount":"1e3","currency":"XOF"}`, `{"amount":"9223372036854775808","currency":"XOF"}`, `{"a":{"a":{"a":{"a":{"a":1}}}}}`,
		`{"amount":"5","currency":"XOF","customer":{"phone":"0197123456","country":"BJ"}}`, "{\"\xff\":1}", `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := api.ParseBody(raw)
		if err != nil {
			assertProblem(t, err)
			return
		}
		req, err := body.Payment()
		if err != nil {
			assertProblem(t, err)
			return
		}
		sent := membersOf(string(raw))
		want, parseErr := money.ParsePositive(sent["amount"].(string), req.Amount.Currency())
		if parseErr != nil || want != req.Amount || req.Amount.Currency().String() != sent["currency"] {
			t.Errorf("amount %v %v was read as %s", sent["amount"], sent["currency"], req.Amount)
		}
		again, err := api.ParseBody(body.Canonical())
		if err != nil || string(again.Canonical()) != string(body.Canonical()) {
			t.Errorf("the canonical form %s is not its own canonical form: %v", body.Canonical(), err)
		}
	})
}

func assertProblem(t *testing.T, err error) {
	t.Helper()
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok || problem.Code != "invalid_request" || len(problem.Fields) == 0 {
		t.Errorf("error = %#v, want invalid_request with fields", err)
	}
}

func readPayment(body string) (core.PaymentRequest, error) {
	parsed, err := api.ParseBody([]byte(body))
	if err != nil {
		return core.PaymentRequest{}, err
	}
	return parsed.Payment()
}

func canonical(t *testing.T, body string) string {
	t.Helper()
	parsed, err := api.ParseBody([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return string(parsed.Canonical())
}

// merged is a good payment with one field put in or replaced.
func merged(field string) string {
	members := membersOf(`{"amount":"5000","currency":"XOF"}`)
	maps.Copy(members, membersOf("{"+field+"}"))
	text, _ := json.Marshal(members)
	return string(text)
}

func membersOf(body string) map[string]any {
	members := map[string]any{}
	_ = json.Unmarshal([]byte(body), &members)
	return members
}

func manyEntries(n int) string {
	entries := make([]string, 0, n)
	for i := range n {
		entries = append(entries, `"k`+string(rune('a'+i/26))+string(rune('a'+i%26))+`":"v"`)
	}
	return strings.Join(entries, ",")
}

func namesOf(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
