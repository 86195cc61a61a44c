package httpapi_test

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk/money"
)

// amounts are what a merchant may write for an amount, as JSON, and what it is in
// the smallest unit; refused is zero.
var amounts = map[string]struct {
	amount, currency string
	minor            int64
}{
	"whole, no decimals":          {`"5000"`, "XOF", 5000},
	"two decimals":                {`"50.05"`, "EUR", 5005},
	"one decimal of two":          {`"50.5"`, "EUR", 5050},
	"three decimals":              {`"1.234"`, "KWD", 1234},
	"the smallest":                {`"0.01"`, "EUR", 1},
	"a float cannot hold it":      {`"0.29"`, "EUR", 29},
	"fifteen digits":              {`"9999999999999.99"`, "EUR", 999999999999999},
	"fifteen digits, no decimals": {`"999999999999999"`, "XOF", 999999999999999},
	"sixteen digits":              {`"9999999999999999"`, "XOF", 0},
	"2^63 - 1":                    {`"9223372036854775807"`, "XOF", 0},
	"2^63":                        {`"9223372036854775808"`, "XOF", 0},
	"2^64":                        {`"18446744073709551616"`, "XOF", 0},
	"overflows with decimals":     {`"92233720368547758.08"`, "EUR", 0},
	"a hundred digits":            {`"` + strings.Repeat("9", 100) + `"`, "XOF", 0},
	"zero":                        {`"0"`, "XOF", 0},
	"zero with decimals":          {`"0.00"`, "EUR", 0},
	"negative":                    {`"-5000"`, "XOF", 0},
	"negative zero":               {`"-0"`, "XOF", 0},
	"a sign":                      {`"+5000"`, "XOF", 0},
	"XOF with decimals":           {`"5000.50"`, "XOF", 0},
	"XOF with zeros behind":       {`"5000.00"`, "XOF", 0},
	"a decimal too many":          {`"50.055"`, "EUR", 0},
	"a zero too many":             {`"50.050"`, "EUR", 0},
	"an exponent":                 {`"1e3"`, "XOF", 0},
	"an exponent, capital":        {`"1E3"`, "XOF", 0},
	"hexadecimal":                 {`"0x10"`, "XOF", 0},
	"a JSON number":               {`5000`, "XOF", 0},
	"a JSON float":                {`50.05`, "EUR", 0},
	"a JSON exponent":             {`1e3`, "XOF", 0},
	"a JSON 2^63":                 {`9223372036854775808`, "XOF", 0},
	"a comma":                     {`"50,05"`, "EUR", 0},
	"thousands":                   {`"5,000"`, "XOF", 0},
	"a space":                     {`" 5000"`, "XOF", 0},
	"a leading zero":              {`"05000"`, "XOF", 0},
	"no digit before the point":   {`".5"`, "EUR", 0},
	"no digit behind the point":   {`"5."`, "EUR", 0},
	"Arabic digits":               {`"٥٠٠٠"`, "XOF", 0},
	"not a number":                {`"NaN"`, "EUR", 0},
	"infinite":                    {`"Inf"`, "EUR", 0},
	"nothing":                     {`""`, "XOF", 0},
	"true":                        {`true`, "XOF", 0},
	"a list":                      {`["5000"]`, "XOF", 0},
	"an unknown currency":         {`"5000"`, "XYZ", 0},
	"a withdrawn currency":        {`"5000"`, "FRF", 0},
	"a currency in small letters": {`"5000"`, "xof", 0},
	"a currency of nobody":        {`"5000"`, "XXX", 0},
	"no currency":                 {`"5000"`, "", 0},
}

// An amount is taken exactly or refused. The control is a reader that goes through
// a float, which the table must catch.
func TestAnAmountIsTakenExactlyOrRefused(t *testing.T) {
	t.Parallel()
	exact, refused, misread := 0, 0, 0
	for name, test := range amounts {
		b := newBench(t)
		w := b.do(request{
			method: "POST", path: "/v1/payments", body: `{"amount":` + test.amount + `,"currency":"` + test.currency + `"}`,
			header: map[string]string{"Idempotency-Key": "k"},
		})
		if byFloat(test.amount, test.currency) != test.minor {
			misread++
		}
		if test.minor == 0 {
			if w.Code != http.StatusBadRequest || b.engine.Executed() != 0 {
				t.Errorf("%s: %d %s, want 400 and no payment", name, w.Code, w.Body)
				continue
			}
			refused++
			continue
		}
		currency, err := money.ParseCurrency(test.currency)
		if err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusCreated {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
			continue
		}
		tx := decode[api.Transaction](t, w)
		if read, err := money.Parse(tx.Amount, currency); err != nil || read != money.Of(test.minor, currency) {
			t.Errorf("%s: it is %s %s, want %d in the smallest unit", name, tx.Amount, tx.Currency, test.minor)
			continue
		}
		exact++
	}
	if misread == 0 {
		t.Error("a reader that goes through a float makes no mistake: the table is too easy")
	}
	t.Logf("chaos 25: of %d amounts %d were taken exactly and %d refused, %d failures; control that goes through a float: %d misread",
		len(amounts), exact, refused, len(amounts)-exact-refused, misread)
}

// byFloat reads an amount as a careless program does, zero for what it refuses.
func byFloat(amount, currency string) int64 {
	value, err := strconv.ParseFloat(strings.Trim(amount, `"`), 64)
	decimals := map[string]float64{"EUR": 100, "KWD": 1000, "XOF": 1}[currency]
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return 0
	}
	return int64(value * decimals)
}
