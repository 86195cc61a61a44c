package sdk_test

import (
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

func TestAnObjectIsReadInOneWayOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		text        string
		whole, half bool
	}{
		"an object":              {` {"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]} `, true, false},
		"an empty one":           {"{}", true, false},
		"names in another case":  {`{"a":1,"A":2}`, true, false},
		"a name twice":           {`{"a":1,"a":1}`, false, true},
		"a name twice, escaped":  {`{"a":1,"\u0061":2}`, false, true},
		"a name twice, deep":     {`{"a":[[{"b":{"c":1,"c":2}}]]}`, false, true},
		"a name twice, at last":  {`{"a":{"b":1},"c":[],"a":2}`, false, true},
		"half of one":            {"\n{\"a\":", false, true},
		"two":                    {`{"a":1}{"b":2}`, false, true},
		"nested without end":     {strings.Repeat(`{"a":`, 20_000), false, true},
		"a list":                 {`[{"a":1}]`, false, false},
		"a text":                 {`"{"`, false, false},
		"null":                   {"null", false, false},
		"nothing":                {"", false, false},
		"a page":                 {"<html>{}</html>", false, false},
		"an object in an object": {`{"a":{"a":{"a":1}}}`, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			object, whole := sdk.ReadObject([]byte(c.text))
			if whole != c.whole || (object != nil) != c.whole {
				t.Errorf("read: want %v, got %v with %v", c.whole, whole, object)
			}
			if half := sdk.HalfObject([]byte(c.text)); half != c.half {
				t.Errorf("half: want %v, got %v", c.half, half)
			}
		})
	}
}
