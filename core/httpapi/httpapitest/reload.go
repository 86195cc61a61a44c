package httpapitest

import (
	"context"
	"time"

	"github.com/paymux/paymux/core"
)

// RefusedReason is the reason with which a reload is refused.
const RefusedReason = "refuse it"

// Reload is generation 2, which it stays.
func (e *Engine) Reload(ctx context.Context, caller core.Caller, why string) (core.Reloaded, error) {
	if err := e.enter(ctx); err != nil {
		return core.Reloaded{}, err
	}
	defer e.mu.Unlock()
	if why == RefusedReason {
		return core.Reloaded{}, &core.Problem{
			Code: core.ErrConfigurationRefused.Code, Detail: "the files have a fault; generation 1 stays live", Faults: fault(),
		}
	}
	return core.Reloaded{Generation: generation(2, caller.Actor, why), Changed: true}, nil
}

// Rollback knows generation 1, and any other not.
func (e *Engine) Rollback(ctx context.Context, caller core.Caller, to uint64, why string) (core.Reloaded, error) {
	if err := e.enter(ctx); err != nil {
		return core.Reloaded{}, err
	}
	defer e.mu.Unlock()
	if to > 1 {
		return core.Reloaded{}, &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: "the generation is not kept"}
	}
	return core.Reloaded{Generation: generation(3, caller.Actor, why), Changed: true}, nil
}

// Generations returns two.
func (e *Engine) Generations(ctx context.Context, _ core.Caller) ([]core.Generation, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.mu.Unlock()
	return []core.Generation{generation(2, "ops", "more accounts"), generation(1, "start", "")}, nil
}

// ReloadStatus tells of a reload that was refused.
func (e *Engine) ReloadStatus() core.ReloadStatus {
	return core.ReloadStatus{
		Live: generation(2, "ops", "more accounts"), SucceededAt: loadedAt(),
		Failed: &core.FailedReload{At: loadedAt().Add(time.Minute), By: "file", Faults: fault()},
	}
}

func loadedAt() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) }

func generation(number uint64, by, why string) core.Generation {
	return core.Generation{Number: number, At: loadedAt(), By: by, Why: why, ConfigSHA256: "9f2c", RulesSHA256: "ab12", Diff: "+version: 1\n"}
}

func fault() []core.Diagnostic {
	return []core.Diagnostic{{File: "routes.yaml", Line: 14, Path: "rules[2].match.currency", Message: `"XFO" is not a currency`}}
}
