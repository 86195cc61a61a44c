package routing

import (
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// AtRest returns a Market of accounts at their best: ready, not drained and with
// closed breakers, enabled as they are configured. One that has not said yet what
// it can do can do all. With nil accounts every name is such an account: for rules
// without a configuration. No attempt was counted.
func AtRest(accounts map[string]core.Standing) Market {
	best := make(rest, len(accounts))
	for name, standing := range accounts {
		best[name] = restedStanding(standing)
	}
	if accounts == nil {
		return anybody{}
	}
	return best
}

type rest map[string]core.Standing

func (r rest) Standing(account string) (core.Standing, bool) {
	standing, ok := r[account]
	return standing, ok
}

func (rest) Success(string, *core.Sample, time.Duration) core.Tally { return core.Tally{} }

// anybody is a market in which every account is there.
type anybody struct{}

func (anybody) Standing(account string) (core.Standing, bool) {
	return restedStanding(core.Standing{Account: account, Enabled: true}), true
}

func (anybody) Success(string, *core.Sample, time.Duration) core.Tally { return core.Tally{} }

func restedStanding(s core.Standing) core.Standing {
	s.Health, s.Detail, s.Drained, s.Breaker = core.HealthReady, "", false, core.Breaker{}
	if len(s.Capabilities.Operations) == 0 {
		s.Capabilities = sdk.Capabilities{
			Operations: []sdk.Operation{sdk.OperationPayment, sdk.OperationPayout}, CardS2S: true,
			Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}, {Kind: sdk.KindPayout}},
		}
	}
	return s
}
