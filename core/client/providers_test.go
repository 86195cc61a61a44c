package client_test

import (
	"errors"
	"testing"
	"time"

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

func TestAnAccountIsRestartedAndItsRequestsAreLogged(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{})
	restarted, err := c.RestartProvider(t.Context(), httpapitest.Account, "it leaks")
	if err != nil || restarted.Counters.Restarts != 1 {
		t.Errorf("restarts are %d, %v", restarted.Counters.Restarts, err)
	}
	logged, err := c.LogProvider(t.Context(), httpapitest.Account, 10*time.Minute, "another amount")
	if err != nil || logged.LoggedUntil == nil {
		t.Errorf("logged until %v, %v", logged.LoggedUntil, err)
	}
	if off, err := c.LogProvider(t.Context(), httpapitest.Account, 0, ""); err != nil || off.LoggedUntil != nil {
		t.Errorf("logged until %v, %v", off.LoggedUntil, err)
	}
	if _, err := c.LogProvider(t.Context(), httpapitest.Account, 2*time.Hour, ""); !errors.Is(err, core.ErrInvalidRequest) {
		t.Errorf("two hours: %v, want invalid_request", err)
	}
}
