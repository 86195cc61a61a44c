package engine

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
)

// meter measures what the engine does. No label of it names a customer, a
// merchant or a transaction. It is nil where nobody reads what is measured.
type meter struct {
	meter        metric.Meter
	accounts     func() *account.Accounts
	transactions metric.Int64Counter
	decisions    metric.Int64Counter
	removals     metric.Int64Counter
	untold       metric.Int64Counter
	shown        []metric.Registration // None until the first generation is live.
}

func newMeter(provider metric.MeterProvider, accounts func() *account.Accounts) (*meter, error) {
	if provider == nil {
		return nil, nil
	}
	m := &meter{meter: provider.Meter("github.com/paymux/paymux", metric.WithInstrumentationVersion(Version)), accounts: accounts}
	var faults []error
	counter := func(name, unit, about string) metric.Int64Counter {
		made, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(about))
		faults = append(faults, err)
		return made
	}
	m.transactions = counter("paymux.transactions", "{transaction}", "Transactions that came into a state, by kind.")
	m.decisions = counter("paymux.routing.decisions", "{decision}", "Routing decisions by rule; result is routed, denied or no_account.")
	m.removals = counter("paymux.routing.removals", "{account}", "Accounts that routing left out; passing is true where the reason may be gone soon.")
	m.untold = counter("paymux.routing.untold", "{decision}", "Decisions in which the condition of a rule could not be told, so that it did not match.")
	return m, errors.Join(faults...)
}

// of is the meter of the engine's parts, nil for none.
func (m *meter) of() metric.Meter {
	if m == nil {
		return nil
	}
	return m.meter
}

// show begins to show how the accounts stand, and which generation is live.
func (m *meter) show(status func() core.ReloadStatus) error {
	if m == nil {
		return nil
	}
	accounts, err := account.Gauges(m.meter, m.accounts)
	if err != nil {
		return err
	}
	m.shown = append(m.shown, accounts)
	generation, err := m.showGeneration(status)
	if err != nil {
		return err
	}
	m.shown = append(m.shown, generation)
	return nil
}

// showGeneration shows what the last reload came to.
func (m *meter) showGeneration(status func() core.ReloadStatus) (metric.Registration, error) {
	generation, err := m.meter.Int64ObservableGauge("paymux.config.generation",
		metric.WithDescription("The generation of the configuration and the routing rules that is live."))
	if err != nil {
		return nil, err
	}
	successful, err := m.meter.Int64ObservableGauge("paymux.config.last_reload_successful",
		metric.WithDescription("Whether what is live is what the files said at the last reload: 1 or 0."))
	if err != nil {
		return nil, err
	}
	return m.meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		now := status()
		to.ObserveInt64(generation, int64(min(now.Live.Number, generationMax)))
		to.ObserveInt64(successful, number(now.Failed == nil))
		return nil
	}, generation, successful)
}

func number(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// hide ends what show began.
func (m *meter) hide() error {
	if m == nil {
		return nil
	}
	var faults []error
	for _, shown := range m.shown {
		faults = append(faults, shown.Unregister())
	}
	return errors.Join(faults...)
}

// moved counts a transaction that came into another state.
func (m *meter) moved(before, after core.Transaction) {
	if m == nil || before.State == after.State {
		return
	}
	m.transactions.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("kind", string(after.Kind)), attribute.String("state", after.State.String())))
}

// decided counts a routing decision, the accounts that it left out, and the rules
// whose condition could not be told.
func (m *meter) decided(choice core.Choice) {
	if m == nil {
		return
	}
	result := "routed"
	switch {
	case choice.Denied != "":
		result = "denied"
	case len(choice.Candidates) == 0:
		result = "no_account"
	}
	m.decisions.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("rule", choice.Rule), attribute.String("result", result)))
	for _, removed := range choice.Removed {
		name := removed.Account
		if !m.accounts().Has(name) {
			name = "unknown" // Whatever a request asked for must not become a series.
		}
		m.removals.Add(context.Background(), 1, metric.WithAttributes(
			attribute.String("account", name), attribute.Bool("passing", removed.Passing)))
	}
	for _, untold := range choice.Errors {
		m.untold.Add(context.Background(), 1, metric.WithAttributes(attribute.String("rule", untold.Rule)))
	}
}
