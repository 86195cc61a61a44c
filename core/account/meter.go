package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// meter measures calls. It is nil where nothing is measured.
type meter struct {
	calls    metric.Int64Counter
	duration metric.Float64Histogram
}

// durationBounds are those of a call, in seconds: a plugin's answer from nearby,
// a provider's usual one, and what comes near the timeout.
func durationBounds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
}

func newMeter(of metric.Meter) (*meter, error) {
	if of == nil {
		return nil, nil
	}
	calls, err := of.Int64Counter("paymux.account.calls", metric.WithUnit("{call}"),
		metric.WithDescription("Calls at a provider account; result is fault where there was no answer that could be read."))
	if err != nil {
		return nil, fmt.Errorf("account: meter: %w", err)
	}
	duration, err := of.Float64Histogram("paymux.account.call.duration", metric.WithUnit("s"),
		metric.WithDescription("How long calls at a provider account took."), metric.WithExplicitBucketBoundaries(durationBounds()...))
	if err != nil {
		return nil, fmt.Errorf("account: meter: %w", err)
	}
	return &meter{calls, duration}, nil
}

// call counts one call that ended.
func (m *meter) call(account string, op sdk.Operation, took time.Duration, err error) {
	if m == nil {
		return
	}
	result := "answered"
	if err != nil {
		result = "fault"
	}
	about := []attribute.KeyValue{attribute.String("account", account), attribute.String("operation", string(op))}
	m.duration.Record(context.Background(), took.Seconds(), metric.WithAttributes(about...))
	m.calls.Add(context.Background(), 1, metric.WithAttributes(append(about, attribute.String("result", result))...))
}

// Gauges shows how the accounts stand to meter, as accounts returns them at each
// reading. It returns what ends it.
func Gauges(meter metric.Meter, accounts func() *Accounts) (metric.Registration, error) {
	var faults []error
	gauge := func(name, unit, about string) metric.Int64ObservableGauge {
		made, err := meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(about))
		faults = append(faults, err)
		return made
	}
	inFlight := gauge("paymux.account.calls.in_flight", "{call}", "Calls at a provider account that are under way.")
	drained := gauge("paymux.account.drained", "", "Whether an operator keeps new attempts from a provider account: 1 or 0.")
	health := gauge("paymux.account.health", "", "How the plugin process of a provider account stands: 1 for its state, 0 for the others.")
	breaker := gauge("paymux.account.breaker", "", "How the breaker of a provider account stands: 1 for its state, 0 for the others.")
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("account: meter: %w", err)
	}
	observe := func(_ context.Context, to metric.Observer) error {
		for name, standing := range accounts().Standings() {
			account := attribute.String("account", name)
			to.ObserveInt64(inFlight, int64(min(standing.Counters.InFlight, 1<<31)), metric.WithAttributes(account))
			to.ObserveInt64(drained, number(standing.Drained), metric.WithAttributes(account))
			for _, state := range healths() {
				to.ObserveInt64(health, number(standing.Health == state), metric.WithAttributes(account, attribute.String("state", string(state))))
			}
			for _, state := range breakerStates() {
				to.ObserveInt64(breaker, number(standing.Breaker.State == state), metric.WithAttributes(account, attribute.String("state", string(state))))
			}
		}
		return nil
	}
	return meter.RegisterCallback(observe, inFlight, drained, health, breaker)
}

func healths() []core.Health {
	return []core.Health{
		core.HealthStarting, core.HealthReady, core.HealthDegraded, core.HealthDraining,
		core.HealthBackoff, core.HealthFailed, core.HealthStopped,
	}
}

func breakerStates() []core.BreakerState {
	return []core.BreakerState{core.BreakerClosed, core.BreakerOpen, core.BreakerHalfOpen}
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
