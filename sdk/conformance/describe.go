package conformance

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/paymux/paymux/sdk"
)

func describeIsStable() clause {
	return clause{
		name:    "describe is stable",
		demands: "Describe says the same at every call and after every start, with a name in lower case and a version.",
		mend:    "Build the manifest of constants alone: no clock, no counter, no environment, no settings.",
		check:   checkDescribe,
	}
}

func checkDescribe(ctx context.Context, b *bench) (string, error) {
	again, err := b.Describe(ctx)
	if err != nil {
		return "", broken("Describe: %v", err)
	}
	later, err := b.describeAnew(ctx)
	if err != nil {
		return "", err
	}
	for _, other := range []sdk.Manifest{again, later} {
		if !reflect.DeepEqual(b.manifest, other) {
			return "", broken("two answers differ in %s", differing(b.manifest, other))
		}
	}
	if name := b.manifest.Name; name == "" || name != strings.ToLower(name) {
		return "", broken("the name is %q", name)
	}
	if b.manifest.Version == "" {
		return "", broken("there is no version")
	}
	return "the same three times, once after another start", nil
}

func (b *bench) describeAnew(ctx context.Context) (m sdk.Manifest, err error) {
	s, err := b.start(b.process != nil, "")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.Describe(ctx)
}

// differing names the fields of a manifest in which two differ.
func differing(a, b sdk.Manifest) string {
	var names []string
	left, right := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range left.NumField() {
		if !reflect.DeepEqual(left.Field(i).Interface(), right.Field(i).Interface()) {
			names = append(names, left.Type().Field(i).Name)
		}
	}
	return strings.Join(names, ", ")
}
