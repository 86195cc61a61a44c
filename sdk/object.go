package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ReadObject reads a provider's JSON object, to be read field by field. It reports
// false for everything else, and where a name stands twice in any object of the
// text: two readers could read it in two ways. Names match exactly.
func ReadObject(text []byte) (map[string]json.RawMessage, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil || object == nil || repeats(text) {
		return nil, false
	}
	return object, true
}

// HalfObject reports whether a text begins as a JSON object and cannot be read as
// one by ReadObject. It may be the rest of an answer that said something.
func HalfObject(text []byte) bool {
	_, whole := ReadObject(text)
	return !whole && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}

var errRepeated = errors.New("a name stands twice")

// repeats reports whether any object of a JSON text holds a name twice.
func repeats(text []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return errors.Is(unique(decoder), errRepeated)
}

// unique reads one value and returns errRepeated, or the error of the decoder.
func unique(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opened, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	seen := map[string]bool{}
	for decoder.More() {
		if opened == '{' {
			name, err := decoder.Token()
			if err != nil {
				return err
			}
			if seen[fmt.Sprint(name)] {
				return errRepeated
			}
			seen[fmt.Sprint(name)] = true
		}
		if err := unique(decoder); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
