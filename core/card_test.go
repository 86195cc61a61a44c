package core_test

import (
	"testing"

	"github.com/paymux/paymux/core"
)

func TestCardNumbersAreFound(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"Visa":             "4111111111111111",
		"Visa, 13 digits":  "4222222222222",
		"Mastercard":       "5555555555554444",
		"Mastercard 2":     "2223003122003222",
		"American Express": "378282246310005",
		"in groups":        "3782 822463 10005",
		"with hyphens":     "4111-1111-1111-1111",
		"Diners Club":      "30569309025904",
		"Discover":         "6011111111111117",
		"JCB":              "3530111333300000",
		"UnionPay":         "6200000000000005",
		"Verve":            "5060990580000217499",
		"in a sentence":    "card:4111111111111111, thank you",
		"behind a number":  "order 12 4111 1111 1111 1111",
		"after another":    "1234567890123 5555555555554444",
	} {
		if !core.HasCard(text) {
			t.Errorf("%s is not found", name)
		}
	}
}

func TestWhatIsNoCardPasses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                  "",
		"wrong check digit":        "4111111111111112",
		"no issuer":                "9111111111111119",
		"another length":           "411111111111111",
		"part of a longer number":  "00004111111111111111",
		"UUID":                     "41111111-1111-4111-8111-111111111111",
		"digits far apart":         "4111  1111  1111  1111",
		"time stamp":               "20261121104137",
		"ULID":                     "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG",
		"amounts with a separator": "4111, 1111, 1111, 1111",
	} {
		if core.HasCard(text) {
			t.Errorf("%s is taken for a card", name)
		}
	}
}

func FuzzHasCard(f *testing.F) {
	f.Add("4111 1111 1111 1111")
	f.Add("1-2-3.4 5")
	f.Fuzz(func(_ *testing.T, text string) { core.HasCard(text) })
}
