package api_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

func TestPhonesBecomeE164OrAreRefused(t *testing.T) {
	t.Parallel()
	const refused = ""
	for name, test := range map[string]struct{ phone, country, want string }{
		"Ivory Coast, international":        {"+2250707123456", "", "+2250707123456"},
		"Ivory Coast, national":             {"0707123456", "CI", "+2250707123456"},
		"Ivory Coast, spaced":               {"+225 07 07 12 34 56", "SN", "+2250707123456"},
		"Ivory Coast, 00":                   {"00225 0707123456", "CI", "+2250707123456"},
		"Ivory Coast, eight digits":         {"07123456", "CI", refused},
		"Ivory Coast, eight digits, +":      {"+22507123456", "", refused},
		"Benin, national":                   {"0197123456", "BJ", "+2290197123456"},
		"Benin, international":              {"+2290197123456", "", "+2290197123456"},
		"Benin, eight digits":               {"97123456", "BJ", refused},
		"Benin, eight digits, +":            {"+22997123456", "", refused},
		"Senegal":                           {"77 123 45 67", "SN", "+221771234567"},
		"France, trunk zero":                {"06 12 34 56 78", "FR", "+33612345678"},
		"United Kingdom, (0)":               {"+44 (0)20 7946 0018", "", "+442079460018"},
		"Turkey":                            {"+90 532 123 45 67", "", "+905321234567"},
		"rewritten by the library":          {"0343 15 555 1212", "AR", refused},
		"without its area":                  {"416 1234", "BB", refused},
		"no country":                        {"0707123456", "", refused},
		"letters":                           {"+1800FLOWERS", "", refused},
		"right-to-left mark":                {"\u200f+2250707123456", "", refused},
		"Arabic digits":                     {"+٢٢٥٠٧٠٧١٢٣٤٥٦", "", refused},
		"two plus signs":                    {"++2250707123456", "", refused},
		"plus in the middle":                {"225+0707123456", "CI", refused},
		"extension":                         {"+33612345678;ext=5", "", refused},
		"only separators":                   {"- ( )", "CI", refused},
		"too long":                          {"+225" + strings.Repeat("0", 40), "", refused},
		"too short":                         {"+2251", "", refused},
		"no such country code":              {"+9991234567", "", refused},
		"a number of the region by another": {"+33 1", "FR", refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readPhone(test.phone, test.country)
			if test.want != refused {
				if err != nil || got != test.want {
					t.Errorf("phone = %q, %v, want %s", got, err, test.want)
				}
				return
			}
			problem, _ := errors.AsType[*core.Problem](err)
			if problem == nil || len(problem.Fields) != 1 || problem.Fields[0].Location != "body.customer.phone" || problem.Fields[0].Value != "" {
				t.Fatalf("error = %v, want one at body.customer.phone without a value", err)
			}
			if strings.Contains(err.Error(), test.phone) {
				t.Errorf("error = %v repeats the phone", err)
			}
		})
	}
}

// TestSamplesOfAllRegionsKeepTheirSubscriber reads the library's sample mobile
// number of every region, as dialled there and from abroad.
func TestSamplesOfAllRegionsKeepTheirSubscriber(t *testing.T) {
	t.Parallel()
	read, refused, misled, others := 0, 0, 0, 0
	for region := range phonenumbers.GetSupportedRegions() {
		number := phonenumbers.GetExampleNumberForType(region, phonenumbers.MOBILE)
		if number == nil {
			continue
		}
		want := phonenumbers.Format(number, phonenumbers.E164)
		for _, format := range []phonenumbers.PhoneNumberFormat{phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL, phonenumbers.E164} {
			written := phonenumbers.Format(number, format)
			// The library writes mobile numbers of Argentina in a way that it reads as others.
			if again, err := phonenumbers.Parse(written, region); err != nil || phonenumbers.Format(again, phonenumbers.E164) != want {
				continue
			}
			if "+"+onlyDigits(written) != want {
				misled++ // As who takes the digits as they are would call somebody else.
			}
			got, err := readPhone(written, region)
			switch {
			case err != nil:
				refused++
			case got != want:
				others++
				t.Errorf("%s: read as another subscriber: %s, want %s", region, api.MaskPhone(got), api.MaskPhone(want))
			default:
				read++
			}
		}
	}
	if read < 600 || refused > read/20 {
		t.Errorf("read %d samples and refused %d: too many are refused", read, refused)
	}
	if misled == 0 {
		t.Error("who takes the digits as they are is never misled: the samples are too easy")
	}
	t.Logf("chaos 26: %d samples of all regions read, %d refused, %d taken for another subscriber; control that takes the digits as they are: %d misled",
		read, refused, others, misled)
}

func FuzzPhone(f *testing.F) {
	f.Add("+2250707123456", "CI")
	f.Add("0197123456", "BJ")
	f.Add("011 15 2345-6789", "AR")
	f.Fuzz(func(t *testing.T, phone, country string) {
		got, err := readPhone(phone, country)
		if err != nil || got == "" {
			return
		}
		digits := onlyDigits(phone)
		if got[0] != '+' || len(got) > 18 || !strings.HasSuffix(digits, got[len(got)-4:]) {
			t.Errorf("%q in %q became %q", phone, country, got)
		}
	})
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func TestMasksShowCountryCodeAndTheEnd(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string]string{
		"":                "",
		"+2250707123456":  "+225•••••3456",
		"+2290197123456":  "+229•••••3456",
		"+12025550123":    "+1•••••0123",
		"+2907123":        "+290•••••23",
		"no phone at all": "•••••",
	} {
		if got := api.MaskPhone(phone); got != want {
			t.Errorf("MaskPhone(%q) = %q, want %q", phone, got, want)
		}
	}
}

func readPhone(phone, country string) (string, error) {
	customer, err := json.Marshal(map[string]any{
		"amount": "5000", "currency": "XOF", "country": country, "customer": map[string]string{"phone": phone},
	})
	if err != nil {
		return "", err
	}
	req, err := readPayment(string(customer))
	return req.Customer.Phone, err
}
