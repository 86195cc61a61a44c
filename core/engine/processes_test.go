package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/sdk"
)

func TestWhatOperatorsDoWithAProcessIsAudited(t *testing.T) {
	t.Parallel()
	s := coretest.MustOpenStore(t)
	e := mustStart(t, s, &desk{name: "one", create: sdk.Result{Outcome: sdk.OutcomePending}})
	defer func() { mustClose(t, e) }()
	ctx, merchant := t.Context(), core.Caller{Merchant: "shop", Actor: "shop"}

	on, err := e.LogRequests(ctx, operator, "one", 10*time.Minute, "another amount")
	if err != nil || on.LoggedUntil.IsZero() {
		t.Errorf("logged until %v, %v", on.LoggedUntil, err)
	}
	off, err := e.LogRequests(ctx, operator, "one", 0, "")
	if err != nil || !off.LoggedUntil.IsZero() {
		t.Errorf("logged until %v, %v", off.LoggedUntil, err)
	}
	if _, err := e.LogRequests(ctx, operator, "one", 2*time.Hour, ""); !errors.Is(err, core.ErrInvalidRequest) {
		t.Errorf("two hours: %v, want invalid_request", err)
	}
	if _, err := e.RestartAccount(ctx, operator, "one", "it leaks"); !errors.Is(err, core.ErrNotSupported) {
		t.Errorf("a plugin without a process: %v, want not_supported", err)
	}
	for words, call := range map[string]func(core.Caller, string) error{
		"restart": func(c core.Caller, a string) error { _, err := e.RestartAccount(ctx, c, a, ""); return err },
		"log":     func(c core.Caller, a string) error { _, err := e.LogRequests(ctx, c, a, time.Minute, ""); return err },
	} {
		if err := call(merchant, "one"); !errors.Is(err, core.ErrForbidden) {
			t.Errorf("%s by a merchant: %v, want %v", words, err, core.ErrForbidden)
		}
		if err := call(operator, "nobody"); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("%s of nobody: %v, want %v", words, err, core.ErrNotFound)
		}
	}
	page, err := s.Audit(context.WithoutCancel(ctx), core.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range page.Items {
		got = append(got, entry.Actor+" "+entry.Action+" "+entry.Detail)
	}
	actor := operator.Actor
	want := []string{
		actor + " restart one: it leaks", actor + " log one: off", actor + " log one: for 10m0s: another amount",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}
