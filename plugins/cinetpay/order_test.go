package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/money"
)

// everything is a customer with all fields.
func everything() sdk.Customer {
	return sdk.Customer{
		ID: "cust-1", Name: "Aya", Surname: "Koné", Email: "aya@example.com", Phone: "+2250707123456",
		Address: "1 rue du Commerce", City: "Abidjan", ZIPCode: "00225", Country: "CI",
	}
}

func TestTheOrderIsTheDocumentedBody(t *testing.T) {
	body, refused := live(t).orderOf(request(func(r *sdk.PaymentRequest) { r.Customer = everything() }))
	if refused != nil {
		t.Fatal(refused.message)
	}
	got, err := httpx.Encode(body)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"apikey":"sandbox.00000000","site_id":"123456","transaction_id":"p01j8xk2m4n6q8r0s2t4v6w81","amount":100,` +
		`"currency":"XOF","description":"Basket 42","notify_url":"https://pay.example.com/notify/cinetpay?a=1&b=2",` +
		`"return_url":"https://pay.example.com/return/1","channels":"MOBILE_MONEY","lang":"fr",` +
		`"metadata":"cGF5XzAxSjhYSzJNNE42UThSMFMyVDRWNlc4WTBa","customer_name":"Aya","customer_surname":"Koné",` +
		`"customer_email":"aya@example.com","customer_phone_number":"+2250707123456","customer_address":"1 rue du Commerce",` +
		`"customer_city":"Abidjan","customer_country":"CI","customer_state":"CI","customer_zip_code":"00225"}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheSameRequestIsTheSameBytes(t *testing.T) {
	var bodies []string
	p := local(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		w.WriteHeader(http.StatusInternalServerError)
	})
	for range 3 {
		if _, err := p.CreatePayment(t.Context(), request(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{bodies[0], bodies[0], bodies[0]}, bodies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatCinetPayWouldRefuseIsNotSent(t *testing.T) {
	const bad, unfit, limit = sdk.ReasonInvalidRequest, sdk.ReasonNotSupported, sdk.ReasonLimitExceeded
	amount := func(minor int64, c money.Currency, country string) func(*sdk.PaymentRequest) {
		return func(r *sdk.PaymentRequest) { r.Amount, r.Country = money.Of(minor, c), country }
	}
	for name, c := range map[string]struct {
		change func(*sdk.PaymentRequest)
		reason sdk.Reason
		words  string
	}{
		"not a multiple of 5":            {amount(103, money.XOF, "CI"), bad, "multiple of 5"},
		"cents of a franc":               {amount(10_050, money.CDF, "CD"), bad, "whole units"},
		"cents of a dollar":              {amount(150, money.USD, "CD"), bad, "whole units"},
		"nothing":                        {amount(0, money.XOF, "CI"), limit, "limits"},
		"less than nothing":              {amount(-100, money.XOF, "CI"), limit, "limits"},
		"below the minimum":              {amount(95, money.XOF, "CI"), limit, "limits"},
		"below the minimum of Togo":      {amount(145, money.XOF, "TG"), limit, "limits"},
		"above the maximum":              {amount(1_500_005, money.XOF, "CI"), limit, "limits"},
		"above the maximum anywhere":     {amount(2_000_005, money.XOF, ""), limit, "limits"},
		"above the maximum of dollars":   {amount(300_100, money.USD, "CD"), limit, "limits"},
		"another currency":               {amount(500, money.EUR, ""), unfit, "EUR"},
		"a currency of another country":  {amount(500, money.XAF, "CI"), unfit, "XAF"},
		"Niger, where only payouts go":   {amount(500, money.XOF, "NE"), unfit, "XOF"},
		"a bank transfer":                {func(r *sdk.PaymentRequest) { r.Method = "bank_transfer" }, unfit, "mobile_money"},
		"no reference":                   {func(r *sdk.PaymentRequest) { r.Ref = "" }, bad, "reference"},
		"a reference of 26":              {func(r *sdk.PaymentRequest) { r.Ref = strings.Repeat("a", 26) }, bad, "reference"},
		"a reference with _":             {func(r *sdk.PaymentRequest) { r.Ref = "a_b" }, bad, "reference"},
		"# in the description":           {func(r *sdk.PaymentRequest) { r.Description = "Basket #42" }, bad, "description"},
		"/ in the description":           {func(r *sdk.PaymentRequest) { r.Description = "1/2" }, bad, "description"},
		"$ in the description":           {func(r *sdk.PaymentRequest) { r.Description = "5 $" }, bad, "description"},
		"_ in the description":           {func(r *sdk.PaymentRequest) { r.Description = "a_b" }, bad, "description"},
		"& in the description":           {func(r *sdk.PaymentRequest) { r.Description = "a & b" }, bad, "description"},
		"256 characters of description":  {func(r *sdk.PaymentRequest) { r.Description = strings.Repeat("é", 256) }, bad, "255"},
		"an id too long for metadata":    {func(r *sdk.PaymentRequest) { r.TransactionID = strings.Repeat("a", 192) }, bad, "metadata"},
		"no notify_url":                  {func(r *sdk.PaymentRequest) { r.NotifyURL = "" }, bad, "notify_url"},
		"a relative return_url":          {func(r *sdk.PaymentRequest) { r.ReturnURL = "/return" }, bad, "return_url"},
		"a return_url of an app":         {func(r *sdk.PaymentRequest) { r.ReturnURL = "shop://return" }, bad, "return_url"},
		"notify_url on localhost":        {func(r *sdk.PaymentRequest) { r.NotifyURL = "http://localhost:8080/n" }, bad, "localhost"},
		"return_url on LOCALHOST.":       {func(r *sdk.PaymentRequest) { r.ReturnURL = "https://LOCALHOST./r" }, bad, "localhost"},
		"notify_url below localhost":     {func(r *sdk.PaymentRequest) { r.NotifyURL = "http://shop.localhost/n" }, bad, "localhost"},
		"a card without a name":          {func(r *sdk.PaymentRequest) { r.Method = "card" }, bad, "customer.surname"},
		"a local phone":                  {phone("0707123456"), bad, "customer.phone"},
		"a phone with 00":                {phone("002250707123456"), bad, "customer.phone"},
		"a phone with blanks":            {phone("+225 0707123456"), bad, "customer.phone"},
		"an Ivorian phone with 8 digits": {phone("+22507123456"), bad, "customer.phone"},
		"a phone with 16 digits":         {phone("+1234567890123456"), bad, "customer.phone"},
		"a phone that begins with 0":     {phone("+0123456789"), bad, "customer.phone"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int32
			p := local(t, func(http.ResponseWriter, *http.Request) { sent.Add(1) })
			got, err := p.CreatePayment(t.Context(), request(c.change))
			if err != nil {
				t.Fatal(err)
			}
			if got.Outcome != sdk.OutcomeRejected || got.Reason != c.reason || !strings.Contains(got.Message, c.words) {
				t.Errorf("want REJECTED (%s) with %q, got %v (%s) %q", c.reason, c.words, got.Outcome, got.Reason, got.Message)
			}
			if sent.Load() != 0 || len(got.Exchanges) != 0 {
				t.Error("it was sent")
			}
		})
	}
}

func phone(number string) func(*sdk.PaymentRequest) {
	return func(r *sdk.PaymentRequest) {
		r.Customer = everything()
		r.Customer.Phone = number
	}
}

func TestWhatCinetPayTakesIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sdk.PaymentRequest)
		field  string
		want   any
	}{
		"the minimum":               {nil, "amount", 100.},
		"the maximum of Senegal":    {func(r *sdk.PaymentRequest) { r.Country, r.Amount = "SN", money.Of(2_000_000, money.XOF) }, "amount", 2_000_000.},
		"whole francs with cents":   {func(r *sdk.PaymentRequest) { r.Country, r.Amount = "CD", money.Of(10_500, money.CDF) }, "amount", 105.},
		"a dollar and no 5":         {func(r *sdk.PaymentRequest) { r.Country, r.Amount = "CD", money.Of(700, money.USD) }, "amount", 7.},
		"no country":                {func(r *sdk.PaymentRequest) { r.Country, r.Amount = "", money.Of(2_000_000, money.XOF) }, "currency", "XOF"},
		"255 characters":            {func(r *sdk.PaymentRequest) { r.Description = strings.Repeat("é", 255) }, "description", strings.Repeat("é", 255)},
		"no description in French":  {func(r *sdk.PaymentRequest) { r.Description = " " }, "description", "Paiement " + testRef},
		"no description in English": {func(r *sdk.PaymentRequest) { r.Description, r.Language = "", "EN" }, "description", "Payment " + testRef},
		"a card":                    {func(r *sdk.PaymentRequest) { r.Method, r.Customer = "card", everything() }, "channels", "CREDIT_CARD"},
		"a wallet":                  {func(r *sdk.PaymentRequest) { r.Method = "wallet" }, "channels", "WALLET"},
		"any method":                {func(r *sdk.PaymentRequest) { r.Method = "any" }, "channels", "ALL"},
		"no method":                 {func(r *sdk.PaymentRequest) { r.Method = "" }, "channels", "ALL"},
		"a language it lacks":       {func(r *sdk.PaymentRequest) { r.Language = "de" }, "lang", "fr"},
		"English":                   {func(r *sdk.PaymentRequest) { r.Language = "en" }, "lang", "en"},
		"a literal loopback":        {func(r *sdk.PaymentRequest) { r.NotifyURL = "http://127.0.0.1:1/n" }, "notify_url", "http://127.0.0.1:1/n"},
		"an American state":         {american, "customer_state", "NY"},
		"a country that repeats":    {func(r *sdk.PaymentRequest) { r.Customer = everything(); r.Customer.Country = "" }, "customer_state", "CI"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := bodyOf(t, c.change)[c.field]; got != c.want {
				t.Errorf("want %s %v, got %v", c.field, c.want, got)
			}
		})
	}
}

func american(r *sdk.PaymentRequest) {
	r.Customer = everything()
	r.Customer.Country, r.Customer.State = "US", "ny"
}

// bodyOf is the body of the request, decoded.
func bodyOf(t *testing.T, change func(*sdk.PaymentRequest)) map[string]any {
	t.Helper()
	body, refused := live(t).orderOf(request(change))
	if refused != nil {
		t.Fatal(refused.message)
	}
	encoded, err := httpx.Encode(body)
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func TestTheCustomerIsSentWholeOrByNameOrNotAtAll(t *testing.T) {
	named := []string{"customer_name", "customer_surname"}
	for name, c := range map[string]struct {
		change func(*sdk.Customer)
		want   []string
	}{
		"whole":          {func(*sdk.Customer) {}, append(named, "customer_email", "customer_phone_number", "customer_address", "customer_city", "customer_country", "customer_state", "customer_zip_code")},
		"no e-mail":      {func(c *sdk.Customer) { c.Email = "" }, named},
		"no zip code":    {func(c *sdk.Customer) { c.ZIPCode = "" }, named},
		"no phone":       {func(c *sdk.Customer) { c.Phone = "" }, named},
		"no state":       {func(c *sdk.Customer) { c.Country = "CA" }, named},
		"no surname":     {func(c *sdk.Customer) { c.Surname = "" }, nil},
		"nothing at all": {func(c *sdk.Customer) { *c = sdk.Customer{} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			body := bodyOf(t, func(r *sdk.PaymentRequest) {
				r.Customer = everything()
				c.change(&r.Customer)
			})
			got := map[string]bool{}
			for field := range body {
				if strings.HasPrefix(field, "customer_") {
					got[field] = true
				}
			}
			want := map[string]bool{}
			for _, field := range c.want {
				want[field] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
