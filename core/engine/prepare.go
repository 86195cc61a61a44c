package engine

import (
	"context"
	"maps"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

// prepare has the host make ready what differs, beside what is live.
func (e *Engine) prepare(_ context.Context, live *snapshot, next *config.Config) (prepared, []core.Diagnostic) {
	var found []core.Diagnostic
	if !maps.Equal(live.config.Plugins, next.Plugins) {
		found = append(found, next.At("plugins", "needs a restart"))
	}
	for name, provider := range next.Providers {
		was, ok := live.config.Providers[name]
		if !ok || was.Plugin != provider.Plugin || was.Isolation != provider.Isolation || live.config.Revision(name) != next.Revision(name) {
			found = append(found, next.At("providers."+name, "needs a restart"))
		}
	}
	if len(found) > 0 {
		return nil, found
	}
	return same{live.accounts.Standing}, nil
}

// same are the plugins that are live.
type same struct {
	standing func(string) (core.Standing, bool)
}

// Standing returns how an account stands.
func (s same) Standing(account string) (core.Standing, bool) { return s.standing(account) }

// Commit changes nothing.
func (same) Commit() {}

// Discard changes nothing.
func (same) Discard() {}
