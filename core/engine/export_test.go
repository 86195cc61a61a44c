package engine

import (
	"context"
	"time"

	"github.com/paymux/paymux/core"
)

// GenerationsKept is how many generations are kept.
const GenerationsKept = generationsKept

// Success returns what routing would be told.
func (e *Engine) Success(account string, sample core.Sample, window time.Duration) core.Tally {
	return e.live.Load().accounts.Success(account, &sample, window)
}

// Loose makes an engine whose requests read the live generation at each use.
func Loose(options Options) Options {
	options.loose = true
	return options
}

// Audit returns what was audited, a line each.
func (e *Engine) Audit(t interface{ Context() context.Context }) (string, error) {
	page, err := e.store.Audit(t.Context(), core.AuditFilter{})
	text := ""
	for _, entry := range page.Items {
		text += entry.Actor + " " + entry.Action + " " + entry.Detail + "\n"
	}
	return text, err
}
