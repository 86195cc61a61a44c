package money_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/sdk/money"
)

func TestParseReadsMajorUnits(t *testing.T) {
	tests := map[string]struct {
		text     string
		currency money.Currency
		minor    int64
		decimal  string
	}{
		"no decimals":                  {"5000", money.XOF, 5000, "5000"},
		"no decimals, zero":            {"0", money.XOF, 0, "0"},
		"no decimals, most":            {"999999999999999", money.XOF, 999999999999999, "999999999999999"},
		"two decimals, none written":   {"200", money.EUR, 20000, "200.00"},
		"two decimals, one written":    {"200.5", money.EUR, 20050, "200.50"},
		"two decimals, both written":   {"200.05", money.EUR, 20005, "200.05"},
		"two decimals, below one":      {"0.01", money.EUR, 1, "0.01"},
		"two decimals, zero":           {"0.00", money.EUR, 0, "0.00"},
		"two decimals, most":           {"9999999999999.99", money.EUR, 999999999999999, "9999999999999.99"},
		"two decimals, shops drop it":  {"1500", money.MGA, 150000, "1500.00"},
		"three decimals, none written": {"7", money.TND, 7000, "7.000"},
		"three decimals, one written":  {"7.1", money.TND, 7100, "7.100"},
		"three decimals, all written":  {"0.001", money.KWD, 1, "0.001"},
		"three decimals, most":         {"999999999999.999", money.KWD, 999999999999999, "999999999999.999"},
		"four decimals, none written":  {"3", money.CLF, 30000, "3.0000"},
		"four decimals, all written":   {"0.0001", money.UYW, 1, "0.0001"},
		"four decimals, most":          {"99999999999.9999", money.CLF, 999999999999999, "99999999999.9999"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := money.Of(test.minor, test.currency)
			for form, parse := range map[string]func(string, money.Currency) (money.Amount, error){
				"Parse": money.Parse, "ParseTold": money.ParseTold,
			} {
				got, err := parse(test.text, test.currency)
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", form, diff)
				}
			}
			if diff := cmp.Diff(test.decimal, want.Decimal()); diff != "" {
				t.Errorf("Decimal (-want +got):\n%s", diff)
			}
		})
	}
}

// refusals holds a text that neither Parse nor ParseTold takes, for every reason there is.
var refusals = map[string]struct {
	text     string
	currency money.Currency
	kind     error
	message  string
}{
	"empty":                      {"", money.EUR, money.ErrSyntax, `"" is not an amount: nothing is there, write it like 1500 or 200.50`},
	"plus sign":                  {"+5", money.EUR, money.ErrSyntax, `"+5" is not an amount: '+' is not allowed, write it like 1500 or 200.50`},
	"minus sign":                 {"-5", money.EUR, money.ErrSyntax, `"-5" is not an amount: '-' is not allowed, write it like 1500 or 200.50`},
	"exponent":                   {"1e3", money.EUR, money.ErrSyntax, `"1e3" is not an amount: 'e' is not allowed, write it like 1500 or 200.50`},
	"hexadecimal":                {"0x1F", money.EUR, money.ErrSyntax, `"0x1F" is not an amount: 'x' is not allowed, write it like 1500 or 200.50`},
	"not a number":               {"NaN", money.EUR, money.ErrSyntax, `"NaN" is not an amount: 'N' is not allowed, write it like 1500 or 200.50`},
	"space inside":               {"1 500", money.EUR, money.ErrSyntax, `"1 500" is not an amount: ' ' is not allowed, write it like 1500 or 200.50`},
	"narrow no-break space":      {"1\u202f500", money.EUR, money.ErrSyntax, `"1\u202f500" is not an amount: '\u202f' is not allowed, write it like 1500 or 200.50`},
	"comma as separator":         {"1,500", money.EUR, money.ErrSyntax, `"1,500" is not an amount: ',' is not allowed, write it like 1500 or 200.50`},
	"comma as point":             {"200,50", money.EUR, money.ErrSyntax, `"200,50" is not an amount: ',' is not allowed, write it like 1500 or 200.50`},
	"underscore as separator":    {"1_500", money.EUR, money.ErrSyntax, `"1_500" is not an amount: '_' is not allowed, write it like 1500 or 200.50`},
	"two points":                 {"1.500.00", money.EUR, money.ErrSyntax, `"1.500.00" is not an amount: '.' is not allowed, write it like 1500 or 200.50`},
	"a point alone":              {".", money.EUR, money.ErrSyntax, `"." is not an amount: a digit before the point is missing, write it like 1500 or 200.50`},
	"nothing before the point":   {".5", money.EUR, money.ErrSyntax, `".5" is not an amount: a digit before the point is missing, write it like 1500 or 200.50`},
	"nothing after the point":    {"5.", money.EUR, money.ErrSyntax, `"5." is not an amount: a digit after the point is missing, write it like 1500 or 200.50`},
	"a point and no decimals":    {"5000.", money.XOF, money.ErrSyntax, `"5000." is not an amount: a digit after the point is missing, write it like 1500 or 200.50`},
	"superfluous zero":           {"007", money.EUR, money.ErrSyntax, `"007" is not an amount: it begins with a superfluous 0, write it like 1500 or 200.50`},
	"superfluous zero, decimals": {"00.50", money.EUR, money.ErrSyntax, `"00.50" is not an amount: it begins with a superfluous 0, write it like 1500 or 200.50`},
	"digits of another script":   {"١٢٣", money.EUR, money.ErrSyntax, `"\u0661\u0662\u0663" is not an amount: '\u0661' is not allowed, write it like 1500 or 200.50`},
	"full-width digits":          {"５", money.EUR, money.ErrSyntax, `"\uff15" is not an amount: '\uff15' is not allowed, write it like 1500 or 200.50`},
	"bytes that are not text":    {"5\xff", money.EUR, money.ErrSyntax, `"5\xff" is not an amount: '\ufffd' is not allowed, write it like 1500 or 200.50`},
	"a zero byte":                {"5\x00", money.EUR, money.ErrSyntax, `"5\x00" is not an amount: '\x00' is not allowed, write it like 1500 or 200.50`},
	"with its code":              {"5000 XOF", money.XOF, money.ErrSyntax, `"5000 XOF" is not an amount: ' ' is not allowed, write it like 1500 or 200.50`},
	"a phone number":             {"+2250707123456", money.XOF, money.ErrSyntax, `text with 13 digits is not an amount: '+' is not allowed, write it like 1500 or 200.50`},
	"a long word":                {strings.Repeat("x", 1000), money.XOF, money.ErrSyntax, `"` + strings.Repeat("x", 37) + `..." is not an amount: 'x' is not allowed, write it like 1500 or 200.50`},
	"decimals where none are":    {"5000.5", money.XOF, money.ErrDecimals, `"5000.5" has too many decimals: XOF has none, leave the point out`},
	"a third decimal":            {"1.005", money.EUR, money.ErrDecimals, `"1.005" has too many decimals: EUR has 2, round it`},
	"a fourth decimal":           {"1.0005", money.TND, money.ErrDecimals, `"1.0005" has too many decimals: TND has 3, round it`},
	"a fifth decimal":            {"1.00005", money.CLF, money.ErrDecimals, `"1.00005" has too many decimals: CLF has 4, round it`},
	"one beyond, no decimals":    {"1000000000000000", money.XOF, money.ErrDigits, `text with 16 digits has too many digits: give at most 15 before the point for XOF`},
	"one beyond, two decimals":   {"10000000000000", money.EUR, money.ErrDigits, `text with 14 digits has too many digits: give at most 13 before the point for EUR`},
	"one beyond, three decimals": {"1000000000000", money.KWD, money.ErrDigits, `text with 13 digits has too many digits: give at most 12 before the point for KWD`},
	"one beyond, four decimals":  {"100000000000", money.CLF, money.ErrDigits, `text with 12 digits has too many digits: give at most 11 before the point for CLF`},
	"far beyond int64":           {strings.Repeat("9", 400), money.XOF, money.ErrDigits, `text with 400 digits has too many digits: give at most 15 before the point for XOF`},
	"no currency":                {"5", 0, money.ErrCurrency, `the empty currency is not a currency: name the currency of the amount`},
	"a number of no currency":    {"5", 1, money.ErrCurrency, `number 1 is not a currency: give a numeric code of ISO 4217`},
	"a number beyond the table":  {"5", 1000, money.ErrCurrency, `number 1000 is not a currency: give a numeric code of ISO 4217`},
}

func TestParseRefuses(t *testing.T) {
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			for form, parse := range map[string]func(string, money.Currency) (money.Amount, error){
				"Parse": money.Parse, "ParsePositive": money.ParsePositive, "ParseTold": money.ParseTold,
			} {
				got, err := parse(test.text, test.currency)
				if !errors.Is(err, test.kind) {
					t.Fatalf("%s = %v, %v, want %v", form, got, err, test.kind)
				}
				if got != (money.Amount{}) {
					t.Errorf("%s = %v beside its error, want the zero value", form, got)
				}
				if diff := cmp.Diff(test.message, err.Error()); diff != "" {
					t.Errorf("%s message (-want +got):\n%s", form, diff)
				}
			}
		})
	}
}

func TestEveryRefusalWrapsOneKind(t *testing.T) {
	kinds := []error{
		money.ErrCurrency, money.ErrSyntax, money.ErrDecimals, money.ErrZero, money.ErrDigits,
		money.ErrOverflow, money.ErrMismatch,
	}
	for name, test := range refusals {
		_, err := money.Parse(test.text, test.currency)
		wrapped := 0
		for _, kind := range kinds {
			if errors.Is(err, kind) {
				wrapped++
			}
		}
		if wrapped != 1 {
			t.Errorf("%s: %v wraps %d kinds, want 1", name, err, wrapped)
		}
	}
}

func TestParsePositiveRefusesZeroInEveryForm(t *testing.T) {
	tests := map[string]struct {
		text     string
		currency money.Currency
	}{
		"no decimals":          {"0", money.XOF},
		"decimals left out":    {"0", money.EUR},
		"decimals written":     {"0.00", money.EUR},
		"three decimals":       {"0.000", money.KWD},
		"some of the decimals": {"0.0", money.CLF},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := money.ParsePositive(test.text, test.currency); !errors.Is(err, money.ErrZero) {
				t.Errorf("ParsePositive = %v, %v, want ErrZero", got, err)
			}
			if got, err := money.Parse(test.text, test.currency); err != nil || !got.IsZero() {
				t.Errorf("Parse = %v, %v, want zero", got, err)
			}
		})
	}
	t.Run("the smallest amount is above zero", func(t *testing.T) {
		got, err := money.ParsePositive("0.01", money.EUR)
		if err != nil || got != money.Of(1, money.EUR) {
			t.Errorf("ParsePositive = %v, %v", got, err)
		}
	})
}

func TestParseToldForgivesZerosAndSpace(t *testing.T) {
	tests := map[string]struct {
		text     string
		currency money.Currency
		minor    int64
	}{
		"zeros where no decimals are": {"100.00", money.XOF, 100},
		"one zero":                    {"100.0", money.XOF, 100},
		"a third zero":                {"10.000", money.EUR, 1000},
		"a cent and zeros":            {"10.0100000", money.EUR, 1001},
		"very many zeros":             {"1." + strings.Repeat("0", 300), money.XOF, 1},
		"space around":                {" \t100\r\n", money.XOF, 100},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := money.ParseTold(test.text, test.currency)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(money.Of(test.minor, test.currency), got); diff != "" {
				t.Errorf("ParseTold (-want +got):\n%s", diff)
			}
			if strict, err := money.Parse(test.text, test.currency); err == nil {
				t.Errorf("Parse = %v, want a refusal of what only a provider may say", strict)
			}
		})
	}
}

func TestParseToldForgivesNothingElse(t *testing.T) {
	tests := map[string]struct {
		text     string
		currency money.Currency
		want     error
	}{
		"a fraction that is not zero":      {"100.01", money.XOF, money.ErrDecimals},
		"a fraction behind zeros":          {"100.0001", money.XOF, money.ErrDecimals},
		"a third decimal that is not zero": {"10.005", money.EUR, money.ErrDecimals},
		"zeros before the number":          {"000100", money.XOF, money.ErrSyntax},
		"space only":                       {" \n", money.XOF, money.ErrSyntax},
		"no-break space around":            {"\u00a0100", money.XOF, money.ErrSyntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := money.ParseTold(test.text, test.currency); !errors.Is(err, test.want) {
				t.Errorf("ParseTold = %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	tests := map[string]struct {
		text string
		want error
	}{
		"no currency":           {"5000", money.ErrSyntax},
		"a space and nothing":   {"5000 ", money.ErrCurrency},
		"two spaces":            {"5000  XOF", money.ErrSyntax},
		"space at the end":      {"5000 XOF ", money.ErrSyntax},
		"space before":          {" 5000 XOF", money.ErrSyntax},
		"a tab":                 {"5000\tXOF", money.ErrSyntax},
		"the code first":        {"XOF 5000", money.ErrCurrency},
		"an unknown code":       {"5000 XFO", money.ErrCurrency},
		"decimals beyond":       {"5000.5 XOF", money.ErrDecimals},
		"below zero":            {"-5000 XOF", money.ErrSyntax},
		"empty":                 {"", money.ErrSyntax},
		"only a code":           {" XOF", money.ErrSyntax},
		"digits beyond":         {"1000000000000000 XOF", money.ErrDigits},
		"a card number is kept": {"4111111111111111", money.ErrSyntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := money.ParseMoney(test.text)
			if !errors.Is(err, test.want) {
				t.Fatalf("ParseMoney = %v, %v, want %v", got, err, test.want)
			}
			if strings.Contains(err.Error(), "4111111") {
				t.Errorf("the error repeats a card number: %v", err)
			}
		})
	}
}

// anyCurrency draws a currency, and written an amount that Parse can give.
var (
	anyCurrency = rapid.SampledFrom(money.Currencies())
	written     = rapid.Custom(func(t *rapid.T) money.Amount {
		minor := rapid.Int64Range(0, 999_999_999_999_999).Draw(t, "minor")
		return money.Of(minor, anyCurrency.Draw(t, "currency"))
	})
)

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := written.Draw(t, "amount")
		got, err := money.Parse(want.Decimal(), want.Currency())
		if err != nil || got != want {
			t.Fatalf("Parse(%q) = %v, %v, want %v", want.Decimal(), got, err, want)
		}
		told, err := money.ParseTold(" "+want.Decimal(), want.Currency())
		if err != nil || told != want {
			t.Fatalf("ParseTold(%q) = %v, %v, want %v", want.Decimal(), told, err, want)
		}
		both, err := money.ParseMoney(want.String())
		if err != nil || both != want {
			t.Fatalf("ParseMoney(%q) = %v, %v, want %v", want, both, err, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, test := range refusals {
		f.Add(test.text, uint16(test.currency))
	}
	for _, text := range []string{"0", "5000", "200.5", "0.01", "999999999999999", "100.00", " 7 "} {
		f.Add(text, uint16(money.XOF))
		f.Add(text, uint16(money.EUR))
	}
	f.Fuzz(func(t *testing.T, text string, number uint16) {
		c := money.Currency(number)
		a, err := money.Parse(text, c)
		if err != nil {
			if a != (money.Amount{}) {
				t.Fatalf("Parse = %v beside its error %v", a, err)
			}
			return
		}
		if a.Minor() < 0 || a.Minor() > 999_999_999_999_999 || a.Currency() != c || !c.Valid() {
			t.Fatalf("Parse(%q, %v) = %d of %v", text, c, a.Minor(), a.Currency())
		}
		again, err := money.Parse(a.Decimal(), c)
		if err != nil || again != a {
			t.Fatalf("Parse(%q) = %v, %v, want %v", a.Decimal(), again, err, a)
		}
		// Decimal writes what was read and, at most, the decimals that were left out.
		if rest, ok := strings.CutPrefix(a.Decimal(), text); !ok || strings.Trim(rest, ".0") != "" {
			t.Fatalf("Parse(%q) is written as %q", text, a.Decimal())
		}
		told, err := money.ParseTold(text, c)
		if err != nil || told != a {
			t.Fatalf("ParseTold(%q) = %v, %v, want %v as Parse", text, told, err, a)
		}
	})
}
