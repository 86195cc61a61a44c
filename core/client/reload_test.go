package client_test

import (
	"errors"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestAReloadAndWhatRefusedIt(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{})
	reloaded, err := c.Reload(t.Context(), "more accounts")
	if err != nil || !reloaded.Changed || reloaded.Generation.Why != "more accounts" {
		t.Errorf("got %+v, %v", reloaded, err)
	}
	_, err = c.Reload(t.Context(), httpapitest.RefusedReason)
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || !errors.Is(err, core.ErrConfigurationRefused) || len(problem.Errors) != 1 {
		t.Errorf("a refusal is %v", err)
	}
}

func TestARollbackAndTheGenerations(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{})
	for to, want := range map[uint64]error{0: nil, 1: nil, 7: core.ErrUnknownTransaction} {
		if _, err := c.Rollback(t.Context(), to, ""); !errors.Is(err, want) {
			t.Errorf("to %d it is %v, want %v", to, err, want)
		}
	}
	list, err := c.Generations(t.Context())
	if err != nil || len(list.Data) != 2 || list.Failed == nil {
		t.Errorf("got %+v, %v", list, err)
	}
}
