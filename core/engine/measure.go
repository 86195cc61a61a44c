package engine

import (
	"context"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/store"
)

const (
	// recallMax is how many transactions are read again at the start, the newest
	// first, for how their attempts ended.
	recallMax = 20_000
	// recallPace is the time between two pages of them: payments go first.
	recallPace = 20 * time.Millisecond
	// recallWithin bounds how long all of it takes.
	recallWithin = time.Minute
)

// changed is told of every transaction that moved, in its commit's order.
func (e *Engine) changed(before, after core.Transaction) {
	e.meter.moved(before, after)
	for i, a := range after.Attempts {
		if succeeded, counts := account.Measured(a); counts && !measured(before, i) {
			e.live.Load().accounts.Ended(a.Account, endOf(after, a), succeeded)
		}
	}
}

// measured reports whether the attempt was counted before.
func measured(tx core.Transaction, attempt int) bool {
	if attempt >= len(tx.Attempts) {
		return false
	}
	_, counts := account.Measured(tx.Attempts[attempt])
	return counts
}

// endOf is what is counted of an attempt's end.
func endOf(tx core.Transaction, a core.Attempt) core.Sample {
	return core.Sample{
		ID: tx.ID, Merchant: tx.Merchant, Kind: tx.Kind, Amount: tx.Amount,
		Country: tx.Country, Method: tx.Method, Network: tx.Network, At: a.EndedAt,
	}
}

// recall counts again, from the store, how the attempts of the last day ended
// before this start: so a crash loses no more than a stop. Rules that choose by
// success decide meanwhile by what is counted so far. Of a busy day only the newest
// transactions are read, which say what a rate needs.
func (e *Engine) recall(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, recallWithin)
	defer cancel()
	filter := core.Filter{CreatedAfter: e.startedAt.Add(-account.WindowMax), Limit: store.PageMax}
	pace := time.NewTicker(recallPace)
	defer pace.Stop()
	read, ends := 0, 0
	for read < recallMax && ctx.Err() == nil {
		page, err := e.store.Transactions(ctx, filter)
		if err != nil {
			if ctx.Err() == nil {
				e.logger.Warn("measured success is not recalled", "error", err)
			}
			return
		}
		for _, tx := range page.Items {
			ends += e.recount(tx)
		}
		read += len(page.Items)
		if filter.Cursor = page.Next; filter.Cursor == "" {
			break
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
	e.logger.Debug("measured success is recalled", "transactions", read, "ends", ends)
}

// recount counts the ends of before the start, and returns how many there are.
func (e *Engine) recount(tx core.Transaction) int {
	ends := 0
	for _, a := range tx.Attempts {
		if succeeded, counts := account.Measured(a); counts && a.EndedAt.Before(e.startedAt) {
			e.live.Load().accounts.Ended(a.Account, endOf(tx, a), succeeded)
			ends++
		}
	}
	return ends
}
