package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/store"
)

// byStart is who made a generation live that the engine started with.
const byStart = "start"

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// number gives the files of the start their generation: the newest that was kept if
// it had the same files, else the next one.
func (e *Engine) number(ctx context.Context, cfg *config.Config, rules []byte) core.Generation {
	all, err := e.archive.all()
	if err != nil {
		e.logger.Warn("generations are missing", "error", err)
	}
	last := e.lastUsed(ctx)
	if numbers, err := e.archive.numbers(); err == nil && len(numbers) > 0 {
		last = max(last, numbers[len(numbers)-1])
	}
	next := kept{facts{last + 1, e.now(), byStart, "", cfg.SHA256(), sumOf(rules)}, cfg.Shown(), rules}
	if len(all) == 0 {
		e.keep(next)
		return next.generation(nil)
	}
	newest := &all[len(all)-1]
	if newest.Number+1 == next.Number && newest.ConfigSHA256 == next.ConfigSHA256 && newest.RulesSHA256 == next.RulesSHA256 {
		return newest.generation(before(all, len(all)-1))
	}
	e.keep(next)
	return next.generation(newest)
}

// lastUsed is the highest generation that the newest transactions were decided by. One
// that could not be kept is known by it after a start, so that no number ever stands
// for two sets of rules.
func (e *Engine) lastUsed(ctx context.Context) uint64 {
	page, err := e.store.Transactions(ctx, core.Filter{Limit: store.PageMax})
	if err != nil {
		e.logger.Warn("the generations of transactions are not known", "error", err)
	}
	last := uint64(0)
	for _, tx := range page.Items {
		last = max(last, tx.Route.Generation)
	}
	return last
}

func before(all []kept, i int) *kept {
	if i == 0 {
		return nil
	}
	return &all[i-1]
}

// keep writes a generation into the archive. That it cannot is no reason to refuse
// it: a full disk must not keep a key valid that leaked.
func (e *Engine) keep(k kept) []core.Diagnostic {
	err := e.archive.write(k)
	if err == nil {
		return nil
	}
	e.logger.Error("generation not kept", "generation", k.Number, "error", err)
	return []core.Diagnostic{{
		File: e.archive.dir, Warning: true, Message: fmt.Sprintf("generation %d cannot be kept and gone back to: %v", k.Number, err),
	}}
}

// Generations returns the last generations, the newest first. It is for operators.
func (e *Engine) Generations(_ context.Context, caller core.Caller) ([]core.Generation, error) {
	if !caller.Operator {
		return nil, fmt.Errorf("engine: generations: %w", core.ErrForbidden)
	}
	all, err := e.archive.all()
	if err != nil {
		e.logger.Warn("generations are missing", "error", err)
	}
	live := e.live.Load().generation
	list := make([]core.Generation, 0, len(all)+1)
	for i, k := range all {
		if k.Number <= live.Number { // A newer one is about to become live.
			list = append(list, k.generation(before(all, i)))
		}
	}
	if len(list) == 0 || list[len(list)-1].Number != live.Number {
		list = append(list, live) // It could not be kept.
	}
	slices.Reverse(list)
	return list, nil
}

// ReloadStatus returns how the last reload ended.
func (e *Engine) ReloadStatus() core.ReloadStatus {
	e.outcome.mu.Lock()
	defer e.outcome.mu.Unlock()
	return core.ReloadStatus{Live: e.live.Load().generation, SucceededAt: e.outcome.succeeded, Failed: e.outcome.failed}
}
