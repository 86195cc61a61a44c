package engine

import (
	"context"
	"errors"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// prepare has the host make ready what differs, beside what is live. It returns
// everything that keeps that from being used, at its line.
func (e *Engine) prepare(ctx context.Context, next *config.Config) (*host.Prepared, []core.Diagnostic) {
	prepared, err := e.host.Prepare(ctx, e.hostOptions(next))
	if err == nil {
		return prepared, nil
	}
	var faults host.Faults
	if !errors.As(err, &faults) {
		return nil, []core.Diagnostic{next.At("plugins", err.Error())}
	}
	var found []core.Diagnostic
	for _, fault := range faults {
		found = append(found, place(next, fault)...)
	}
	return nil, found
}

// place gives a fault its line.
func place(next *config.Config, fault host.Fault) []core.Diagnostic {
	var settings DiagnosticsError
	if errors.As(fault.Err, &settings) {
		return settings
	}
	var said sdk.Diagnostics
	if errors.As(fault.Err, &said) && fault.Account != "" {
		return next.PlaceSettings(fault.Account, said)
	}
	return []core.Diagnostic{next.At(fault.Path, fault.Err.Error())}
}
