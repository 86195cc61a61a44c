package sdk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// longNumber is seven digits or more, together or split as people write the
// number of a phone, an account or a card. Unicode blanks are plain ones by then.
var longNumber = regexp.MustCompile(`[0-9](?:[ ./()-]{0,2}[0-9]){6,}`)

// mailAddress is what stands around an @, up to a blank or a quotation mark, a
// bracket, a comma, a colon or a semicolon.
var mailAddress = regexp.MustCompile(`[^\s"'<>()\[\],:;]+@[^\s"'<>()\[\],:;]+`)

// Clean makes a provider's text fit for a Result: without the secrets, which may
// stand there as a URL writes them, with a blank for what cannot be printed, and
// cut at limit characters. It leaves numbers alone, so it is for ids, amounts and
// codes; what is for people goes through Sentence.
func Clean(text string, limit int, secrets ...Secret) string {
	return cut(printable(redact(text, secrets)), limit)
}

// Sentence is Clean for what is for people: every number of seven digits or more,
// also one split by blanks, hyphens, dots, slashes or brackets, is [number],
// because it may be that of a phone, an account or a card, and every e-mail
// address is [address]. That is before the text is cut, so that no beginning of
// one is left.
func Sentence(text string, limit int, secrets ...Secret) string {
	text = printable(redact(text, secrets))
	text = mailAddress.ReplaceAllString(text, "[address]")
	return cut(longNumber.ReplaceAllString(text, "[number]"), limit)
}

// redact goes from the longest secret to the shortest, so that one which holds
// another one is found whole.
func redact(text string, secrets []Secret) string {
	byLength := slices.SortedFunc(slices.Values(secrets), func(a, b Secret) int {
		return cmp.Compare(len(b.Reveal()), len(a.Reveal()))
	})
	for _, secret := range byLength {
		if value := secret.Reveal(); value != "" {
			text = strings.ReplaceAll(text, url.QueryEscape(value), redacted)
			text = strings.ReplaceAll(text, value, redacted)
		}
	}
	return text
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

func cut(text string, limit int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), limit)])
}

// TextOf reads a JSON value of a provider that writes the same field as text at
// one time and as a number at another: a text without blanks around it, or a
// number as it is written, every digit of it. It is empty for everything else.
func TextOf(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '"' {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return ""
		}
		return strings.TrimSpace(text)
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw)
	}
	return ""
}
