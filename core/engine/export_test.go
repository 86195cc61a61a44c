package engine

import (
	"time"

	"github.com/paymux/paymux/core"
)

// Success returns what routing would be told.
func (e *Engine) Success(account string, sample core.Sample, window time.Duration) core.Tally {
	return e.accounts.Success(account, &sample, window)
}
