package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheBodiesOfTheOrders(t *testing.T) {
	bank := disbursement(func(r *sdk.PayoutRequest) {
		r.Country, r.Amount, r.Method, r.Network = "NG", money.Of(150050, money.NGN), "bank_transfer", ""
		r.Recipient, r.BankAccount = sdk.Customer{Name: "Ada"}, &sdk.BankAccount{BankCode: "058", AccountNumber: "0123456789"}
	})
	const common = `{"reference_number":"` + testRef + `","amount":`
	for name, c := range map[string]struct {
		body any
		want string
	}{
		"collection": {
			first(live(t).collectionOf(collection(nil))),
			common + `1000,"currency":"XOF","country":"CI","network":"ORANGE","msisdn":"2250707123456",` +
				`"callback_url":"https://pay.example.com/notify","description":"Basket 42","customer_name":"Aya Koné"}`,
		},
		"payout to a wallet": {
			first(live(t).payoutOf(disbursement(nil))),
			common + `1000,"currency":"XOF","country":"CI","network":"ORANGE","msisdn":"2250707123456",` +
				`"callback_url":"https://pay.example.com/notify","recipient_name":"Aya Koné"}`,
		},
		"payout to a bank": {
			first(live(t).payoutOf(bank)),
			common + `1500.50,"currency":"NGN","country":"NG","network":"BANK",` +
				`"callback_url":"https://pay.example.com/notify","recipient_name":"Ada","bank_code":"058","account_number":"0123456789"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := httpx.Encode(c.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func first(body order, _ *refusal) order { return body }

func TestAmountsAreWrittenExactly(t *testing.T) {
	for name, c := range map[string]struct {
		country, network, phone string
		amount                  money.Amount
		want                    string
	}{
		"XOF in steps of 5":    {"SN", "WAVE", "+221770000001", money.Of(5, money.XOF), "5"},
		"XAF in steps of 5":    {"CM", "MTN", "+237670000001", money.Of(1_000_005, money.XAF), "1000005"},
		"KES without decimals": {"KE", "MPESA", "+254700000001", money.Of(10_000, money.KES), "100"},
		"NGN with both":        {"NG", "MTN", "+2348030000001", money.Of(10_001, money.NGN), "100.01"},
		"GHS with both":        {"GH", "VODAFONE", "+233200000001", money.Of(7, money.GHS), "0.07"},
		"the largest":          {"GH", "MTN", "+233200000001", money.Of(999_999_999_999_999, money.GHS), "9999999999999.99"},
	} {
		t.Run(name, func(t *testing.T) {
			body, refused := live(t).collectionOf(collection(func(r *sdk.PaymentRequest) {
				r.Country, r.Network, r.Customer.Phone, r.Amount = c.country, c.network, c.phone, c.amount
			}))
			if refused != nil || body.Amount.String() != c.want {
				t.Errorf("want %s, got %q, %v", c.want, body.Amount, refused)
			}
		})
	}
}

func TestCollectionsThatAreNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sdk.PaymentRequest)
		reason sdk.Reason
	}{
		"no country":               {func(r *sdk.PaymentRequest) { r.Country = "" }, badRequest},
		"a company's country":      {func(r *sdk.PaymentRequest) { r.Country = "UG" }, notOffered},
		"another currency":         {func(r *sdk.PaymentRequest) { r.Amount = money.Of(1000, money.XAF) }, notOffered},
		"no network":               {func(r *sdk.PaymentRequest) { r.Network = "" }, badRequest},
		"a network of elsewhere":   {func(r *sdk.PaymentRequest) { r.Network = "FREE" }, notOffered},
		"another method":           {func(r *sdk.PaymentRequest) { r.Method = "card" }, notOffered},
		"from a bank account":      {func(r *sdk.PaymentRequest) { r.Network = "BANK" }, notOffered},
		"by bank transfer":         {func(r *sdk.PaymentRequest) { r.Method = "bank_transfer" }, notOffered},
		"nothing":                  {func(r *sdk.PaymentRequest) { r.Amount = money.Zero(money.XOF) }, badRequest},
		"less than nothing":        {func(r *sdk.PaymentRequest) { r.Amount = money.Of(-1000, money.XOF) }, badRequest},
		"a franc too much":         {func(r *sdk.PaymentRequest) { r.Amount = money.Of(1001, money.XOF) }, badRequest},
		"no phone":                 {func(r *sdk.PaymentRequest) { r.Customer.Phone = "" }, badRequest},
		"a phone without plus":     {func(r *sdk.PaymentRequest) { r.Customer.Phone = "2250707123456" }, badRequest},
		"a phone of elsewhere":     {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+221770000001" }, badRequest},
		"an old Ivorian number":    {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+22507123456" }, badRequest},
		"a phone with a blank":     {func(r *sdk.PaymentRequest) { r.Customer.Phone = "+22507071 3456" }, badRequest},
		"no reference":             {func(r *sdk.PaymentRequest) { r.Ref = "" }, badRequest},
		"a long reference":         {func(r *sdk.PaymentRequest) { r.Ref = strings.Repeat("a", 37) }, badRequest},
		"a reference with a slash": {func(r *sdk.PaymentRequest) { r.Ref = "a/b" }, badRequest},
		"a callback without host":  {func(r *sdk.PaymentRequest) { r.NotifyURL = "/notify" }, badRequest},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, nil, nothingIsSent(t))
			got, err := p.CreatePayment(t.Context(), collection(c.change))
			if err != nil || got.Outcome != refused || got.Reason != c.reason || got.Message == "" || len(got.Exchanges) > 0 {
				t.Errorf("want REJECTED (%s), got %v (%s) %q, %v", c.reason, got.Outcome, got.Reason, got.Message, err)
			}
			if strings.Contains(got.Message, "07123456") {
				t.Errorf("the phone shows: %s", got.Message)
			}
		})
	}
}

func TestPayoutsThatAreNotSent(t *testing.T) {
	toBank := func(change func(*sdk.PayoutRequest)) func(*sdk.PayoutRequest) {
		return func(r *sdk.PayoutRequest) {
			r.Country, r.Amount, r.Method, r.Network = "NG", money.Of(100, money.NGN), "bank_transfer", "BANK"
			r.BankAccount = &sdk.BankAccount{BankCode: "058", AccountNumber: "0123456789"}
			change(r)
		}
	}
	for name, c := range map[string]struct {
		change func(*sdk.PayoutRequest)
		reason sdk.Reason
	}{
		"no recipient":            {func(r *sdk.PayoutRequest) { r.Recipient.Name, r.Recipient.Surname = " ", "" }, badRequest},
		"no phone":                {func(r *sdk.PayoutRequest) { r.Recipient.Phone = "" }, badRequest},
		"a bank in Ivory Coast":   {func(r *sdk.PayoutRequest) { r.Method = "bank_transfer" }, notOffered},
		"no account":              {toBank(func(r *sdk.PayoutRequest) { r.BankAccount = nil }), badRequest},
		"no bank code":            {toBank(func(r *sdk.PayoutRequest) { r.BankAccount.BankCode = "" }), badRequest},
		"no account number":       {toBank(func(r *sdk.PayoutRequest) { r.BankAccount.AccountNumber = "" }), badRequest},
		"mobile money to a bank":  {toBank(func(r *sdk.PayoutRequest) { r.Method = "mobile_money" }), badRequest},
		"a transfer to a wallet":  {toBank(func(r *sdk.PayoutRequest) { r.Network = "MTN" }), badRequest},
		"a country not served":    {func(r *sdk.PayoutRequest) { r.Country = "TZ" }, notOffered},
		"a callback without host": {func(r *sdk.PayoutRequest) { r.NotifyURL = "https://" }, badRequest},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, nil, nothingIsSent(t))
			got, err := p.CreatePayout(t.Context(), disbursement(c.change))
			if err != nil || got.Outcome != refused || got.Reason != c.reason || got.Message == "" {
				t.Errorf("want REJECTED (%s), got %v (%s) %q, %v", c.reason, got.Outcome, got.Reason, got.Message, err)
			}
		})
	}
}

func TestPhonesOfEachCountry(t *testing.T) {
	for country, c := range map[string]struct{ good, short, long string }{
		"KE": {"+254712345678", "+25471234567", "+2547123456789"},
		"NG": {"+2348031234567", "+234803123456", "+23480312345678"},
		"GH": {"+233201234567", "+23320123456", "+2332012345678"},
		"CM": {"+237671234567", "+23767123456", "+2376712345678"},
		"BJ": {"+2290161234567", "+22961234567", "+2299961234567"},
		"CI": {"+2250707123456", "+22507123456", "+22507071234567"},
		"SN": {"+221771234567", "+22177123456", "+2217712345678"},
	} {
		place, served := marketOf(country)
		if !served {
			t.Fatalf("%s is not served", country)
		}
		if number, ok := place.validPhone(c.good); !ok || "+"+number != c.good {
			t.Errorf("%s: %s is refused", country, c.good)
		}
		for _, bad := range []string{c.short, c.long, c.good[1:], "+" + c.good, ""} {
			if _, ok := place.validPhone(bad); ok {
				t.Errorf("%s: %q is taken", country, bad)
			}
		}
	}
}

func TestTextsForPeopleAreShortenedAndNamesOfRecipientsNever(t *testing.T) {
	long := strings.Repeat("é", 150)
	body, _ := live(t).collectionOf(collection(func(r *sdk.PaymentRequest) { r.Description, r.Customer.Name = long, long }))
	if d, n := len([]rune(body.Description)), len([]rune(body.CustomerName)); d != 100 || n != 100 {
		t.Errorf("want 100 characters, got %d and %d", d, n)
	}
	payout, _ := live(t).payoutOf(disbursement(func(r *sdk.PayoutRequest) { r.Recipient.Name = long }))
	if payout.RecipientName != long+" Koné" {
		t.Errorf("got %q", payout.RecipientName)
	}
}

func TestTheSameRequestMakesTheSameBytes(t *testing.T) {
	one, err := httpx.Encode(first(live(t).collectionOf(collection(nil))))
	if err != nil {
		t.Fatal(err)
	}
	two, err := httpx.Encode(first(live(t).collectionOf(collection(nil))))
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(two) {
		t.Errorf("%s\n%s", one, two)
	}
}

func TestThePromptSpeaksTheLanguage(t *testing.T) {
	for language, want := range map[string]string{"fr": "Validez", "en": "Approve", "": "Approve", "sw": "Approve"} {
		if got := promptText(language); !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q", language, got)
		}
	}
}
