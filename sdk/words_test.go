package sdk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func TestASentenceShowsNoNumberThatCouldBeSomebodys(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a phone":                     {"to +2250707123456 now", "to +[number] now"},
		"split by blanks":             {"to 07 07 12 34 56.", "to [number]."},
		"split by hyphens":            {"to 0555-111-22-33", "to [number]"},
		"split by dots":               {"to 07.07.12.34.56", "to [number]"},
		"as people write it":          {"to +90 (555) 111 22 33", "to +[number]"},
		"with slashes":                {"to 030/12 34 56", "to [number]"},
		"a card":                      {"card 4000 0000 0000 0002 refused", "card [number] refused"},
		"split by a blank of no key":  {"to 0707\u00a0123456", "to [number]"},
		"split by a line feed":        {"to 0707\n123456", "to [number]"},
		"two of them":                 {"0707123456, 0707123457", "[number], [number]"},
		"seven digits":                {"1234567", "[number]"},
		"six digits":                  {"error 123456 of 100", "error 123456 of 100"},
		"numbers of their own":        {"codes 600, 602, 604", "codes 600, 602, 604"},
		"none":                        {"Do not honor", "Do not honor"},
		"what could be its beginning": {strings.Repeat("x", 195) + "+2250707123456", strings.Repeat("x", 195) + "+[num"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, sdk.Sentence(c.text, 200)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestASentenceShowsNoAddress(t *testing.T) {
	for text, want := range map[string]string{
		"aya@example.com is taken":            "[address] is taken",
		"email: \"aya.k+1@mail.example.com\"": "email: \"[address]\"",
		"Aya <aya@example.com>, bob@b.org":    "Aya <[address]>, [address]",
		"email:koné@exemple.fr;2":             "email:[address];2",
		"0707123456@sms.example.com":          "[address]",
		"2 @ 5 EUR":                           "2 @ 5 EUR",
		"key@host":                            "[redacted]@host",
	} {
		if diff := cmp.Diff(want, sdk.Sentence(text, 200, sdk.NewSecret("key"))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestCleanLeavesNumbersAlone(t *testing.T) {
	if got := sdk.Clean("tx 0707 123456", 100); got != "tx 0707 123456" {
		t.Errorf("got %q", got)
	}
}

func TestATextTellsNoSecret(t *testing.T) {
	short, long, odd := sdk.NewSecret("key"), sdk.NewSecret("keyring"), sdk.NewSecret("a b&c")
	for name, c := range map[string]struct{ text, want string }{
		"one":                      {"bad key!", "bad [redacted]!"},
		"one in another":           {"bad keyring", "bad [redacted]"},
		"as a URL writes it":       {"GET /?p=a+b%26c", "GET /?p=[redacted]"},
		"as it is":                 {"a b&c", "[redacted]"},
		"again and again":          {"key,key", "[redacted],[redacted"},
		"none":                     {"fine", "fine"},
		"cut, but never in halves": {strings.Repeat("x", 16) + "keyring", strings.Repeat("x", 16) + "[red"},
	} {
		t.Run(name, func(t *testing.T) {
			secrets := []sdk.Secret{{}, short, long, odd}
			want := []string{c.want, c.want}
			got := []string{sdk.Clean(c.text, 20, secrets...), sdk.Sentence(c.text, 20, secrets...)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestATextIsPrintableAndShort(t *testing.T) {
	for text, want := range map[string]string{
		"a\x00b\nc\u202ed":  "a b c d",
		"Réabonnement café": "Réabonneme",
		"":                  "",
	} {
		if got := sdk.Clean(text, 10); got != want {
			t.Errorf("%q: want %q, got %q", text, want, got)
		}
	}
}

func TestTextOfReadsTextsAndNumbers(t *testing.T) {
	for raw, want := range map[string]string{
		`"00"`: "00", `0`: "0", ` 12.50 `: "12.50", `-3`: "-3", `" x "`: "x", `12345678901234567890`: "12345678901234567890",
		``: "", `null`: "", `true`: "", `{}`: "", `["a"]`: "", `"broken`: "",
	} {
		if got := sdk.TextOf(json.RawMessage(raw)); got != want {
			t.Errorf("%s: want %q, got %q", raw, want, got)
		}
	}
}
