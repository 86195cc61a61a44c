package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
)

// StoreStats returns figures of the store. It is for operators. A store of an
// embedder's own that tells none is core.ErrNotSupported.
func (e *Engine) StoreStats(ctx context.Context, caller core.Caller) (core.StoreStats, error) {
	if !caller.Operator {
		return core.StoreStats{}, fmt.Errorf("engine: store stats: %w", core.ErrForbidden)
	}
	measured, ok := e.store.(interface {
		Stats(context.Context) (core.StoreStats, error)
	})
	if !ok {
		return core.StoreStats{}, unableStore("tells no figures")
	}
	stats, err := measured.Stats(ctx)
	if err != nil {
		return stats, e.storeUnavailable("read", err)
	}
	return stats, nil
}

// Backup returns a checked copy of the store as it is at one instant, and its
// size. It is for operators, and audited before it is made: the copy holds
// everything. Whoever asked closes it; until then no other one is made. It returns
// core.ErrForbidden, ErrNotSupported, ErrNotAllowed while another one is under way,
// or ErrStoreUnavailable.
func (e *Engine) Backup(ctx context.Context, caller core.Caller) (io.ReadCloser, int64, error) {
	if !caller.Operator {
		return nil, 0, fmt.Errorf("engine: backup: %w", core.ErrForbidden)
	}
	copied, ok := e.store.(interface {
		Copy(context.Context) (*boltstore.Copy, error)
	})
	if !ok {
		return nil, 0, unableStore("is copied by its own tools")
	}
	if !e.copying.CompareAndSwap(false, true) {
		return nil, 0, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: "another backup is under way: try again when it is over"}
	}
	made, err := e.copyStore(ctx, caller, copied.Copy)
	if err != nil {
		e.copying.Store(false)
		return nil, 0, err
	}
	return &backup{Copy: made, copying: &e.copying}, made.Size, nil
}

func (e *Engine) copyStore(
	ctx context.Context, caller core.Caller, makeCopy func(context.Context) (*boltstore.Copy, error),
) (*boltstore.Copy, error) {
	if err := e.auditStore(ctx, caller, "backup"); err != nil {
		return nil, e.storeUnavailable("written", err)
	}
	made, err := makeCopy(ctx)
	if err != nil {
		return nil, e.storeUnavailable("copied", err)
	}
	return made, nil
}

// backup is a copy that keeps others from being made until it is closed: each
// takes as much room as the store.
type backup struct {
	*boltstore.Copy
	copying *atomic.Bool
}

// Close gives the room back and lets the next backup begin.
func (b *backup) Close() error {
	defer b.copying.Store(false)
	return b.Copy.Close()
}

func unableStore(why string) error {
	return &core.Problem{Code: core.ErrNotSupported.Code, Detail: "the store of this engine " + why}
}

// auditStore records what an operator does with the whole store.
func (e *Engine) auditStore(ctx context.Context, caller core.Caller, action string) error {
	now := e.now()
	return e.store.Apply(ctx, core.Commit{Audit: []core.AuditEntry{{
		ID: e.ids.next(core.PrefixEvent, now), At: now, Actor: caller.Actor, Action: action,
	}}})
}

// storeUnavailable keeps the cause, which may name paths, for the log.
func (e *Engine) storeUnavailable(what string, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return cause
	}
	e.logger.Error("store not "+what, "error", cause)
	return &core.Problem{Code: core.ErrStoreUnavailable.Code, Detail: "the store cannot be " + what + " now"}
}
