package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestAnAccountIsShownWithItsIncident(t *testing.T) {
	t.Parallel()
	e := &httpapitest.Engine{}
	url := openAPI(t, e)
	if _, out, _ := engineAt(url, "providers", "show", httpapitest.Account); strings.Contains(out, "incident") {
		t.Errorf("an incident that never was:\n%s", out)
	}
	e.Fail(core.Incident{
		At: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), Generation: 3, Reason: "the process ended", Exit: "exit status 3",
		Cause: "panic: no phone +2250707123456", Lines: []string{"one", "two"},
	})
	code, out, errs := engineAt(url, "providers", "show", httpapitest.Account)
	_, shown, _ := strings.Cut(out, "\n\n")
	want := `incident  2026-11-20T10:00:00Z, generation 3
reason    the process ended
exit      exit status 3
cause     panic: no phone •••••3456
  | one
  | two
`
	if diff := cmp.Diff(want, shown); diff != "" || code != 0 {
		t.Errorf("%d %s (-want +got):\n%s", code, errs, diff)
	}
}
