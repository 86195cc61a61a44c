package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
)

func TestAnAccountIsReadyOrSaysWhyNot(t *testing.T) {
	tests := map[string]struct {
		standing core.Standing
		want     string // Empty where it is ready.
	}{
		"ready":             {core.Standing{Enabled: true, Health: core.HealthReady}, ""},
		"degraded":          {core.Standing{Enabled: true, Health: core.HealthDegraded}, ""},
		"nothing is known":  {core.Standing{}, "disabled in the configuration"},
		"disabled":          {core.Standing{Health: core.HealthReady}, "disabled in the configuration"},
		"drained":           {core.Standing{Enabled: true, Health: core.HealthReady, Drained: true}, "drained by an operator"},
		"starting":          {core.Standing{Enabled: true, Health: core.HealthStarting}, "plugin is starting"},
		"draining":          {core.Standing{Enabled: true, Health: core.HealthDraining}, "plugin is draining"},
		"stopped":           {core.Standing{Enabled: true, Health: core.HealthStopped}, "plugin is stopped"},
		"failed, with why":  {core.Standing{Enabled: true, Health: core.HealthFailed, Detail: "checksum differs"}, "plugin is failed: checksum differs"},
		"backoff, with why": {core.Standing{Enabled: true, Health: core.HealthBackoff, Detail: "exited"}, "plugin is backoff: exited"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ready, why := test.standing.Ready()
			if diff := cmp.Diff(test.want, why); diff != "" {
				t.Errorf("why (-want +got):\n%s", diff)
			}
			if ready != (test.want == "") {
				t.Errorf("Ready = %v", ready)
			}
		})
	}
}

func TestAnObstacleKeepsTheDetailFromMerchants(t *testing.T) {
	failed := core.Standing{Enabled: true, Health: core.HealthFailed, Detail: "/opt/plugins/acme differs"}
	if diff := cmp.Diff("plugin is failed", failed.Obstacle()); diff != "" {
		t.Errorf("obstacle (-want +got):\n%s", diff)
	}
	if got := (core.Standing{Enabled: true, Health: core.HealthReady, Detail: "late"}).Obstacle(); got != "" {
		t.Errorf("obstacle of a ready account = %q, want none", got)
	}
}

func TestADiagnosticNamesItsPlace(t *testing.T) {
	fault := core.Diagnostic{File: "paymux.yaml", Line: 14, Column: 3, Path: "providers.ci.settings.site_id", Message: "required"}
	warning := core.Diagnostic{File: "routes.yaml", Path: "rules[2]", Message: "never matches", Warning: true}
	tests := map[string]struct {
		diagnostic  core.Diagnostic
		want, exact string
	}{
		"a fault":           {fault, "paymux.yaml:14: providers.ci.settings.site_id: required", "paymux.yaml:14:3: providers.ci.settings.site_id: required"},
		"a warning":         {warning, "routes.yaml: warning: rules[2]: never matches", "routes.yaml: warning: rules[2]: never matches"},
		"no place is known": {core.Diagnostic{Message: "the file is empty"}, "the file is empty", "the file is empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := []string{test.diagnostic.String(), test.diagnostic.Exact()}
			if diff := cmp.Diff([]string{test.want, test.exact}, got); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
	if core.Failed(nil) || core.Failed([]core.Diagnostic{warning}) || !core.Failed([]core.Diagnostic{warning, fault}) {
		t.Error("Failed does not mean that one of them is more than a warning")
	}
}
