package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

const (
	// windowMost and windowLeast bound the time that is compared at once with a
	// list: one that is too long for an answer is compared in halves.
	windowMost, windowLeast = 24 * time.Hour, 15 * time.Minute
	// rowsAtOnce is how many rows of a file are sent at once.
	rowsAtOnce = 1000
	// waitsMost is how often in a row, and waitLongest how long, it is waited for a provider.
	waitsMost, waitLongest = 5, 2 * time.Minute
)

// reconciliation puts together what was compared a part at a time.
type reconciliation struct {
	client   *client.Client
	account  string
	from, to time.Time
	// wait waits, so that tests need not.
	wait func(context.Context, time.Duration) error

	findings []api.Finding
	// missing are the records that a part of the statement lacks; another part may have them.
	missing map[string]api.Finding
	// rowOf is which row each record is, and seen in which part a row was there.
	rowOf map[string]string
	seen  map[string]int
	part  int
	tally tally
	// unread says what could not be compared.
	unread []string
	// sent counts the rows of a file, outside those of them that are of another time.
	sent, outside int
}

func newReconciliation(c *client.Client, account string, from, to time.Time) *reconciliation {
	return &reconciliation{
		client: c, account: account, from: from, to: to, wait: waitFor, tally: newTally(), findings: []api.Finding{}, unread: []string{},
		missing: map[string]api.Finding{}, rowOf: map[string]string{}, seen: map[string]int{},
	}
}

func waitFor(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// compareList compares what the provider lists, a window at a time.
func (r *reconciliation) compareList(ctx context.Context) error {
	for from := r.from; from.Before(r.to); from = from.Add(windowMost) {
		to := from.Add(windowMost)
		if to.After(r.to) {
			to = r.to
		}
		if err := r.compareWindow(ctx, from, to); err != nil {
			return err
		}
	}
	r.finish()
	return nil
}

// compareWindow compares a window, in halves where it is too long to be read.
func (r *reconciliation) compareWindow(ctx context.Context, from, to time.Time) error {
	comparison, err := r.ask(ctx, api.CompareStatement{From: from, To: to})
	tooLong := errors.Is(err, core.ErrTooLarge) || err == nil && comparison.Unread != ""
	if half := to.Sub(from) / 2; tooLong && half >= windowLeast {
		if err := r.compareWindow(ctx, from, from.Add(half)); err != nil {
			return err
		}
		return r.compareWindow(ctx, from.Add(half), to)
	}
	if err != nil {
		return err
	}
	if comparison.Unread != "" {
		r.unread = append(r.unread, fmt.Sprintf("%s to %s: %s", clock(from), clock(to), comparison.Unread))
	}
	r.takeAll(comparison.Data)
	return nil
}

// ask compares, and waits as long as the provider asks to wait.
func (r *reconciliation) ask(ctx context.Context, compare api.CompareStatement) (api.Comparison, error) {
	for waits := 0; ; waits++ {
		comparison, err := r.client.Statement(ctx, r.account, compare)
		var problem *client.Problem
		unavailable := errors.As(err, &problem) && errors.Is(err, core.ErrProviderUnavailable)
		if !unavailable || waits == waitsMost || problem.RetryAfter == 0 || problem.RetryAfter > waitLongest {
			return comparison, err
		}
		if err := r.wait(ctx, problem.RetryAfter); err != nil {
			return comparison, err
		}
	}
}

// compareFile compares the rows of a file, some at a time, and then looks for
// what must be there and is not.
func (r *reconciliation) compareFile(ctx context.Context, rows iter.Seq2[api.StatementRow, error]) error {
	var batch []api.StatementRow
	send := func() error {
		comparison, err := r.ask(ctx, api.CompareStatement{From: r.from, To: r.to, Rows: batch})
		r.takeAll(comparison.Data)
		if err == nil {
			r.sent += len(batch)
			r.outside += len(batch) - len(comparison.Data) // Of a file's rows each in time is found once.
		}
		batch = batch[:0]
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) == rowsAtOnce {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if len(batch) > 0 {
		if err := send(); err != nil {
			return err
		}
	}
	return r.compareExpected(ctx)
}

func (r *reconciliation) compareExpected(ctx context.Context) error {
	cursor := ""
	for {
		page, err := r.client.Expected(ctx, r.account, r.from, r.to, cursor)
		if err != nil {
			return err
		}
		for _, record := range page.Data {
			r.take(api.Finding{
				Class: string(core.StatementMissingThere), Record: &record, Adoptable: record.Attempt > 0,
				Why: "it is " + record.State + " here and the file lacks it; made near an end of the time it may stand in the file before or after",
			})
		}
		if page.NextCursor == nil {
			r.finish()
			return nil
		}
		cursor = *page.NextCursor
	}
}

// takeAll takes the findings of one part.
func (r *reconciliation) takeAll(findings []api.Finding) {
	r.part++
	for _, f := range findings {
		r.take(f)
	}
}

// take takes a finding of one part. What is missing there waits for the other
// parts, and a second row of one record is a duplicate in whatever part it is.
func (r *reconciliation) take(f api.Finding) {
	if f.Row == nil {
		r.missing[f.Record.ID] = f
		return
	}
	row := keyOf(f)
	if part, seen := r.seen[row]; seen && part != r.part {
		return // Neighbouring parts show the same row. In one part two that look alike are two.
	}
	r.seen[row] = r.part
	if f.Record != nil && f.Class != string(core.StatementDuplicate) {
		if _, twice := r.rowOf[f.Record.ID]; twice && !moneyThereOnly(f) {
			f.Class, f.Adoptable = string(core.StatementDuplicate), false
			f.Why = "the statement has it more than once: look whether the provider took the money twice"
		}
		r.rowOf[f.Record.ID] = row
	}
	r.keep(f)
}

func (r *reconciliation) keep(f api.Finding) {
	r.tally.add(f)
	if f.Class != string(core.StatementEqual) {
		r.findings = append(r.findings, f)
	}
}

// moneyThereOnly reports whether the statement has money that is not here: that is
// more than a repetition.
func moneyThereOnly(f api.Finding) bool {
	return f.Class == string(core.StatementDifferentState) && f.Row.State == "succeeded"
}

// keyOf tells rows apart: by their line in a file, in a list by all that does not
// change. The provider's id alone may be masked, and then look like another one.
func keyOf(f api.Finding) string {
	row, record, at := f.Row, "", ""
	if row.Line > 0 {
		return fmt.Sprint(row.Line)
	}
	if f.Record != nil {
		record = f.Record.ID
	}
	if row.CreatedAt != nil {
		at = row.CreatedAt.UTC().Format(time.RFC3339Nano)
	}
	return strings.Join([]string{row.ProviderReference, row.Reference, row.Kind, row.Amount, row.Currency, record, at}, "\n")
}

func (r *reconciliation) finish() {
	for id, f := range r.missing {
		if r.rowOf[id] == "" {
			r.keep(f)
		}
	}
	sortFindings(r.findings)
}

// differences counts what somebody must look at.
func (r *reconciliation) differences() int {
	n := 0
	for _, f := range r.findings {
		if core.StatementClass(f.Class).Differs() {
			n++
		}
	}
	return n
}
