package httpapitest

import (
	"context"
	"io"
	"strings"
	"sync/atomic"

	"github.com/paymux/paymux/core"
)

// Backup is what a backup of this engine holds.
const Backup = "a store that was copied"

// StoreStats returns made-up figures.
func (e *Engine) StoreStats(ctx context.Context, _ core.Caller) (core.StoreStats, error) {
	if err := e.enter(ctx); err != nil {
		return core.StoreStats{}, err
	}
	defer e.mu.Unlock()
	return core.StoreStats{Bytes: 40960, FreeBytes: 8192, Inbox: 2, Outbox: 1, Commits: 9, Batches: 5, Refused: 3}, nil
}

// Backup returns the text of Backup, and counts when it is closed.
func (e *Engine) Backup(ctx context.Context, _ core.Caller) (io.ReadCloser, int64, error) {
	if err := e.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer e.mu.Unlock()
	size := int64(len(Backup))
	if e.BackupCut {
		size++
	}
	return backup{strings.NewReader(Backup), &e.BackupsClosed}, size, nil
}

type backup struct {
	io.Reader
	closed *atomic.Int64
}

// Close counts.
func (b backup) Close() error {
	b.closed.Add(1)
	return nil
}
