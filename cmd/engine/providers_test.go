package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/paymux/paymux/core/api"
)

func TestAPluginThatNeverRanHasNoVersion(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]api.Provider{
		"acme, not started yet":    {Plugin: "acme"},
		"acme 1.2.0, generation 3": {Plugin: "acme", Version: "1.2.0", Generation: 3},
	} {
		var out bytes.Buffer
		if err := writeProvider(&out, p); err != nil || !strings.Contains(out.String(), want+"\n") {
			t.Errorf("%v\n%s, want %q", err, out.String(), want)
		}
	}
}
