package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paymux/paymux/core"
)

// bodyDepthMax is the deepest nesting of objects: a payment has two levels.
const bodyDepthMax = 4

// Body is a JSON object as a client sent it.
type Body struct{ members map[string]any }

// ParseBody reads raw strictly: valid UTF-8, one JSON object, no name twice in an
// object, no half of a surrogate pair. It returns a core.ErrInvalidRequest that
// repeats nothing of the body.
func ParseBody(raw []byte) (Body, error) {
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return Body{}, refuse("body", "is empty: send a JSON object")
	case !utf8.Valid(raw):
		return Body{}, refuse("body", "is not valid UTF-8")
	case !json.Valid(raw):
		return Body{}, refuse("body", "is not valid JSON"+syntaxAt(raw))
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	value, problem := readValue(decoder, "body", 0)
	if problem != nil {
		return Body{}, problem
	}
	members, ok := value.(map[string]any)
	if !ok {
		return Body{}, refuse("body", "must be a JSON object")
	}
	return Body{members: members}, nil
}

// Canonical returns the body in one form for all ways to write it: names sorted,
// no white space, members that are absent in meaning (null, "", {} and []) left
// out. Two bodies that ask for the same have the same canonical form.
// Raw card data is left out: nothing that is stored may be made of it.
func (b Body) Canonical() []byte {
	members := maps.Clone(b.members)
	delete(members, "card")
	delete(members, "browser")
	value, _ := canonical(members)
	return value
}

// Empty reports whether the body asks for nothing: no member has a value.
func (b Body) Empty() bool {
	_, there := canonical(b.members)
	return !there
}

// syntaxAt says where the syntax breaks, without repeating what stands there.
func syntaxAt(raw []byte) string {
	var ignored any
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(raw, &ignored)); ok {
		return " at byte " + strconv.FormatInt(syntax.Offset, 10)
	}
	return ""
}

func readValue(decoder *json.Decoder, at string, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, refuse(at, "is not valid JSON")
	}
	if depth > bodyDepthMax {
		return nil, refuse("body", fmt.Sprintf("is nested deeper than %d levels", bodyDepthMax))
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return readObject(decoder, at, depth)
		}
		return readArray(decoder, at, depth)
	case string:
		return token, brokenText(token, at)
	}
	return token, nil
}

// brokenText refuses what a decoder makes of half a surrogate pair.
func brokenText(text, at string) error {
	if strings.ContainsRune(text, utf8.RuneError) {
		return refuse(at, "holds half of a surrogate pair or U+FFFD: send whole characters")
	}
	return nil
}

func readObject(decoder *json.Decoder, at string, depth int) (any, error) {
	members := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, refuse(at, "is not valid JSON")
		}
		name, _ := token.(string)
		place := at + "." + nameShown(name)
		if fault := brokenText(name, place); fault != nil {
			return nil, fault
		}
		if _, twice := members[name]; twice {
			return nil, refuse(place, "is there twice: send it once")
		}
		value, problem := readValue(decoder, place, depth+1)
		if problem != nil {
			return nil, problem
		}
		members[name] = value
	}
	_, err := decoder.Token()
	return members, err
}

func readArray(decoder *json.Decoder, at string, depth int) (any, error) {
	list := []any{}
	for decoder.More() {
		value, problem := readValue(decoder, at, depth+1)
		if problem != nil {
			return nil, problem
		}
		list = append(list, value)
	}
	_, err := decoder.Token()
	return list, err
}

// canonical writes value and reports whether it is there in meaning.
func canonical(value any) ([]byte, bool) {
	switch value := value.(type) {
	case map[string]any:
		return canonicalObject(value)
	case []any:
		return canonicalArray(value)
	default:
		// What came out of a JSON decoder goes back into one.
		text, _ := json.Marshal(value)
		return text, value != nil && value != ""
	}
}

func canonicalObject(members map[string]any) ([]byte, bool) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	text := []byte{'{'}
	for _, name := range names {
		value, there := canonical(members[name])
		if !there {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		quoted, _ := json.Marshal(name)
		text = append(append(append(text, quoted...), ':'), value...)
	}
	return append(text, '}'), len(text) > 1
}

func canonicalArray(list []any) ([]byte, bool) {
	text := []byte{'['}
	for i, item := range list {
		value, _ := canonical(item)
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, value...)
	}
	return append(text, ']'), len(list) > 0
}

// refuse is a core.ErrInvalidRequest about one place.
func refuse(at, message string) *core.Problem {
	return refuseAll([]core.FieldError{{Location: at, Message: message}})
}

func refuseAll(fields []core.FieldError) *core.Problem {
	detail := strconv.Itoa(len(fields)) + " fields are wrong"
	if len(fields) == 1 {
		detail = fields[0].Location + " " + fields[0].Message
	}
	return &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: detail, Fields: fields}
}
