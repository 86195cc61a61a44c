package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	// ReadableMax is the most bytes of what Readable returns.
	ReadableMax = 8 << 10
	// readableItems and readableText bound a list and a text in it.
	readableItems = 20
	readableText  = 256
	readableDepth = 16
)

// Readable returns the body of a request or an answer as people may read it in a
// log: as JSON, without what its names say is secret or personal, without e-mail
// addresses and queries of URLs, and with the last four digits of every long
// number. What is neither JSON nor a form, or too long, is told by its size alone.
// Readable of what Readable returned is the same, as JSON.
//
// It knows names, and so cannot know a secret in a member called "x": the values of
// an account's secret settings are hidden besides, by who knows them.
func Readable(contentType string, body []byte) string {
	if len(body) == 0 {
		return ""
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "unknown"
	}
	value, ok := parsedBody(kind, body)
	if !ok {
		return sizeOf(body, kind)
	}
	// What is made of maps, lists, texts and numbers can be written.
	written, err := json.Marshal(readable(value, readableDepth))
	if err != nil || len(written) > ReadableMax {
		return sizeOf(body, kind)
	}
	return string(written)
}

// sizeOf is all that is told of some bodies. It is a text in JSON, so that it can be read again.
func sizeOf(body []byte, kind string) string {
	return fmt.Sprintf("%q", fmt.Sprintf("(%d bytes, %s)", len(body), ReadableText(kind)))
}

func parsedBody(kind string, body []byte) (any, bool) {
	if kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		return formOf(form), err == nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return value, err == io.EOF
}

func formOf(form url.Values) map[string]any {
	value := make(map[string]any, len(form))
	for name, texts := range form {
		value[name] = texts[0]
		if len(texts) > 1 {
			value[name] = listOf(texts)
		}
	}
	return value
}

func listOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}

func readable(value any, depth int) any {
	if depth == 0 {
		return "(deep)"
	}
	switch v := value.(type) {
	case map[string]any:
		shown := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			shown[ReadableText(name)] = readableMember(name, v[name], depth)
		}
		return shown
	case []any:
		shown := make([]any, 0, min(len(v), readableItems))
		for i, item := range v {
			if left := len(v) - i; i == readableItems-1 && left > 1 {
				return append(shown, fmt.Sprintf("(%d more)", left))
			}
			shown = append(shown, readable(item, depth-1))
		}
		return shown
	case string:
		return readableString(v, depth)
	case json.Number:
		if text := ReadableText(v.String()); text != v.String() {
			return text
		}
		return v
	default:
		return v // True, false or null.
	}
}

func readableMember(name string, value any, depth int) any {
	switch {
	case value == nil || value == "" || value == redacted:
		return value
	case sensitive(name):
		return redacted
	case aboutMoney(name) && plainNumber.MatchString(fmt.Sprint(value)):
		return value
	default:
		return readable(value, depth-1)
	}
}

// readableString reads a text that is JSON itself, such as a list in a member of a
// form, as JSON: its names say what is secret there too. Of a long text it tells
// only how long it is: the beginning of a secret is a secret too.
func readableString(text string, depth int) string {
	if within, ok := readableWithin(text, depth); ok {
		return within
	}
	if len(text) > readableText {
		return fmt.Sprintf("(%d bytes of text)", len(text))
	}
	return ReadableText(text)
}

// readableWithin is for a text that is a whole object or list in JSON, and for no other.
func readableWithin(text string, depth int) (string, bool) {
	if trimmed := strings.TrimSpace(text); trimmed == "" || !strings.ContainsRune("{[", rune(trimmed[0])) {
		return "", false
	}
	value, ok := parsedBody("application/json", []byte(text))
	if !ok {
		return "", false
	}
	// What is made of maps, lists, texts and numbers can be written.
	written, err := json.Marshal(readable(value, depth-1))
	return string(written), err == nil
}

var (
	// A date is no phone, whatever a phone looks like.
	dateOrNumber = regexp.MustCompile(`\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b|\+?\d(?:[ .\-()]{0,2}\d){7,}`)
	dateShape    = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	address      = regexp.MustCompile(`[^\s@"<>,;:=]+@[^\s@"<>,;:=]+\.[^\s@"<>,;:=]+`)
	query        = regexp.MustCompile(`(https?://[^\s?#"]*)[?#][^\s"]*`)
	jsonWebToken = regexp.MustCompile(`\beyJ[\w-]+\.[\w-]+\.[\w-]*`)
	plainNumber  = regexp.MustCompile(`^[0-9]{1,12}(?:\.[0-9]{1,3})?$`)
)

// ReadableText returns text without e-mail addresses, tokens and the queries of
// URLs, and with the last four digits of every number that is long enough for a
// phone or a card.
func ReadableText(text string) string {
	text = query.ReplaceAllString(text, "$1?"+redacted)
	text = address.ReplaceAllString(text, "(e-mail)")
	text = jsonWebToken.ReplaceAllString(text, redacted)
	return dateOrNumber.ReplaceAllStringFunc(text, func(found string) string {
		if dateShape.MatchString(found) {
			return found
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, found)
		return "•••••" + digits[len(digits)-4:]
	})
}

// sensitiveWords are words of a member's name, sensitiveParts parts of it in lower
// case without separators, that say that its value is secret or personal.
var (
	sensitiveWords = wordSet(`auth card cookie credential credentials cvn dob exp expiry holder key mail mobile msisdn name
		names otp pan password pin pwd secret session sig sign signature ssn street surname tel token track`)
	sensitiveParts = strings.Fields(`accountn address apikey authoriz birth cardh cardn cardexp customern cvc cvv email expmonth
		expyear firstname fullname iban lastname passphrase passport passwd password phone pincode privatekey recipientn
		secret securitycode signature surname telephone token`)
	moneyWords = wordSet("amount balance fee fees max min paid price received total")
)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

func sensitive(name string) bool {
	words := wordsIn(name)
	joined := strings.Join(words, "")
	return slices.ContainsFunc(words, func(word string) bool { return sensitiveWords[word] }) ||
		slices.ContainsFunc(sensitiveParts, func(part string) bool { return strings.Contains(joined, part) })
}

func aboutMoney(name string) bool {
	return slices.ContainsFunc(wordsIn(name), func(word string) bool { return moneyWords[word] })
}

// wordsIn returns the words of a name such as "accessToken", "access_token" or "Access-Token", in lower case.
func wordsIn(name string) []string {
	var apart strings.Builder
	before := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			apart.WriteByte(' ')
		}
		apart.WriteRune(unicode.ToLower(r))
		before = r
	}
	return strings.FieldsFunc(apart.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
