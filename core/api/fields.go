package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/paymux/paymux/core"
)

// fields reads the members of one object and collects what is wrong with them.
type fields struct {
	at      string
	members map[string]any
	known   map[string]bool
	wrong   *[]core.FieldError
}

func fieldsOf(b Body) *fields {
	return &fields{at: "body", members: b.members, known: map[string]bool{}, wrong: &[]core.FieldError{}}
}

// problem returns every wrong field as one core.ErrInvalidRequest, or nil.
func (f *fields) problem() error {
	if len(*f.wrong) == 0 {
		return nil
	}
	slices.SortStableFunc(*f.wrong, func(a, b core.FieldError) int {
		return strings.Compare(a.Location, b.Location)
	})
	return refuseAll(*f.wrong)
}

func (f *fields) refuse(name, message string) {
	*f.wrong = append(*f.wrong, core.FieldError{Location: f.at + "." + nameShown(name), Message: message})
}

// refuseWord refuses a field whose value may be repeated where that is harmless.
func (f *fields) refuseWord(name, value, message string) {
	*f.wrong = append(*f.wrong, core.FieldError{
		Location: f.at + "." + nameShown(name), Message: message, Value: harmless(value),
	})
}

func (f *fields) take(name string) any {
	f.known[name] = true
	return f.members[name]
}

// word returns a string member as it is, "" where it is absent, null or no string.
func (f *fields) word(name string) string {
	switch value := f.take(name).(type) {
	case nil:
		return ""
	case string:
		return value
	case json.Number:
		f.refuse(name, "must be a string, write it in quotes")
	default:
		f.refuse(name, "must be a string")
	}
	return ""
}

// text returns free text of at most most characters that can be stored anywhere:
// printable and without a card number.
func (f *fields) text(name string, most int) string {
	value := f.word(name)
	if fault := textFault(value, most); fault != "" {
		f.refuse(name, fault)
		return ""
	}
	return value
}

// choice returns one of words, or fallback where it is absent.
func (f *fields) choice(name, fallback string, words []string) string {
	value := f.word(name)
	if value == "" {
		return fallback
	}
	if !slices.Contains(words, value) {
		f.refuseWord(name, value, "must be one of "+strings.Join(words, ", "))
		return fallback
	}
	return value
}

// flag returns true or false, false where it is absent.
func (f *fields) flag(name string) bool {
	value := f.take(name)
	on, ok := value.(bool)
	if !ok && value != nil && value != "" {
		f.refuse(name, "must be true or false")
	}
	return on
}

// object returns the members of a nested object, none where it is absent or "".
func (f *fields) object(name string) *fields {
	nested := &fields{at: f.at + "." + name, known: map[string]bool{}, wrong: f.wrong}
	switch value := f.take(name).(type) {
	case map[string]any:
		nested.members = value
	case nil:
	default:
		if value != "" {
			f.refuse(name, "must be an object")
		}
	}
	return nested
}

// rest refuses every member that nobody asked for.
func (f *fields) rest() {
	for name := range f.members {
		if !f.known[name] {
			f.refuse(name, "is not a field of this request")
		}
	}
}

// textFault says what is wrong with a text, or "".
func textFault(value string, most int) string {
	switch {
	case utf8.RuneCountInString(value) > most:
		return fmt.Sprintf("is longer than %d characters", most)
	case !printable(value):
		return "holds a character that cannot be printed"
	case core.HasCard(value):
		return "holds a card number: never send one here"
	default:
		return ""
	}
}

// printable reports whether all of value can be printed. The two joiners are
// invisible, but names in several scripts need them.
func printable(value string) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	for _, r := range value {
		if !unicode.IsPrint(r) && r != joiner && r != nonJoiner {
			return false
		}
	}
	return true
}

const (
	harmlessMax = 24
	// harmlessDigitsMax keeps phones, cards and their larger parts from being repeated.
	harmlessDigitsMax = 7
)

// harmless returns value where it can only be a mistyped word, else "".
func harmless(value string) string {
	if len(value) > harmlessMax {
		return ""
	}
	digits := 0
	for i := range len(value) {
		switch c := value[i]; {
		case isDigit(c):
			digits++
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '-', c == '.':
		default:
			return ""
		}
	}
	if digits > harmlessDigitsMax {
		return ""
	}
	return value
}

// NameShown is the name of a parameter as a location repeats it: as it is where it
// can only be a mistyped word, else "?".
func NameShown(name string) string { return nameShown(name) }

// nameShown is a member's name as a location repeats it.
func nameShown(name string) string {
	if harmless(name) == "" {
		return "?"
	}
	return name
}
