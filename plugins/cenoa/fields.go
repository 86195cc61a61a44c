package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

const (
	digits = "0123456789"
	// idMax bounds an id of Cenoa's, in bytes; a longer one is none.
	idMax = 255
)

// fields is a JSON object whose fields are read one by one, because nobody knows
// whether Cenoa writes them as text or as numbers. Their names match exactly.
type fields map[string]json.RawMessage

// readObject returns the fields of a JSON object, and false for anything else,
// also for one in which a name stands twice: it can be read in two ways.
func readObject(raw []byte) (fields, bool) {
	var f fields
	return f, json.Unmarshal(raw, &f) == nil && f != nil && len(f) == names(raw)
}

// names counts the names of a JSON object.
func names(object []byte) int {
	decoder, count := json.NewDecoder(bytes.NewReader(object)), 0
	// What has been read before has no errors.
	_, _ = decoder.Token()
	for ; decoder.More(); count++ {
		var value json.RawMessage
		_, _ = decoder.Token()
		_ = decoder.Decode(&value)
	}
	return count
}

// text returns a text without blanks around it, or a number as it is written.
// It is empty where the field is absent, null or blank, and readable is false
// where the field holds something else.
func (f fields) text(name string) (text string, readable bool) {
	raw := bytes.TrimSpace(f[name])
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", true
	case raw[0] == '"':
		readable = json.Unmarshal(raw, &text) == nil
		return strings.TrimSpace(text), readable
	case isNumber(raw):
		return string(raw), true
	default:
		return "", false
	}
}

// id returns a text as it is, or the digits of a number. It is empty where the
// field is absent, null or blank, and readable is false where it cannot be an id.
func (f fields) id(name string) (id string, readable bool) {
	raw := bytes.TrimSpace(f[name])
	if isNumber(raw) {
		return string(raw), allDigits(string(raw)) && len(raw) <= idMax
	}
	text, readable := f.text(name)
	if text == "" || !readable {
		return "", readable
	}
	// Unmarshalled once before, so there is no error; blanks belong to an id.
	_ = json.Unmarshal(raw, &id)
	strange := func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
	return id, len(id) <= idMax && !strings.ContainsFunc(id, strange)
}

func isNumber(raw []byte) bool {
	return len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9')
}

func allDigits(text string) bool { return text != "" && strings.Trim(text, digits) == "" }

// isDecimal reports whether text is an amount: digits, or digits on both sides
// of a point.
func isDecimal(text string) bool {
	whole, decimals, point := strings.Cut(text, ".")
	return allDigits(whole) && (!point || allDigits(decimals))
}
