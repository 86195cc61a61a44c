package main

import (
	"bytes"
	"strings"
	"testing"
)

// What is wrong with the words of a call is wrong usage, told before anything is started.
func TestACallByHandThatIsWronglyWrittenIsNotMade(t *testing.T) {
	t.Parallel()
	for words, test := range map[string]struct{ method, request, says string }{
		"no method":     {"querystatus", "", `"querystatus" is no method: there are Describe, `},
		"no JSON":       {"QueryStatus", "{", "the request is no QueryStatusRequest, which has attempt: "},
		"another field": {"CreatePayment", `{"attempt": {}}`, "the request is no CreatePaymentRequest, which has payment: "},
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run([]string{"plugin", "call", "no-such-binary", test.method, "--json", test.request}, &stdout, &stderr)
			if code != exitUsage || !strings.Contains(stderr.String(), test.says) || stdout.Len() > 0 {
				t.Errorf("exit code %d: %s%s", code, stdout.String(), stderr.String())
			}
		})
	}
}
