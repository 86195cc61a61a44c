package routing

import (
	"time"

	"github.com/paymux/paymux/core"
)

// Market is what a decision asks about accounts at the moment that it is made.
type Market interface {
	// Standing returns how an account stands, and false for one that is not configured.
	Standing(account string) (core.Standing, bool)
	// Success counts how the account's attempts for payments or payouts such as
	// sample ended within the window before now.
	Success(account string, sample *core.Sample, window time.Duration) core.Tally
}

// In returns a Market of standings that never change, where no attempt was counted.
func In(standings map[string]core.Standing) Market { return fixed(standings) }

type fixed map[string]core.Standing

func (f fixed) Standing(account string) (core.Standing, bool) {
	standing, ok := f[account]
	return standing, ok
}

func (fixed) Success(string, *core.Sample, time.Duration) core.Tally { return core.Tally{} }
