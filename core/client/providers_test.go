package client_test

import (
	"errors"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestAnAccountIsDrainedAndResumed(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{})
	drained, err := c.DrainProvider(t.Context(), httpapitest.Account, "its portal is down")
	if err != nil || !drained.Drained {
		t.Errorf("drained is %t, %v", drained.Drained, err)
	}
	resumed, err := c.ResumeProvider(t.Context(), httpapitest.Account, "")
	if err != nil || resumed.Drained {
		t.Errorf("drained is %t after the resume, %v", resumed.Drained, err)
	}
	if _, err := c.DrainProvider(t.Context(), "nobody", ""); !errors.Is(err, core.ErrUnknownTransaction) {
		t.Errorf("nobody: %v, want not_found", err)
	}
}
