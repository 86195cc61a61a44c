package main

import (
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// driftMax is how far the clocks may be apart before somebody should set ours.
	driftMax = time.Minute
	// stampAge is the oldest stamp that Cenoa takes.
	stampAge = 5 * time.Minute
)

// clock is Cenoa's clock as far as we know it. Cenoa refuses a stamp that is
// ahead by a millisecond, so every stamp stays behind by the guard.
type clock struct {
	now    func() time.Time
	guard  time.Duration
	offset atomic.Int64 // How far Cenoa's clock is ahead of ours, a time.Duration.
}

// theirs is the time on Cenoa's clock, a second late at the most where it was learned.
func (c *clock) theirs() time.Time { return c.now().Add(time.Duration(c.offset.Load())) }

// stamp is the time to sign a call with.
func (c *clock) stamp() time.Time { return c.theirs().Add(-c.guard) }

// learn takes Cenoa's clock from the Date header of an answer that has just
// come, and reports whether it could. A Date has whole seconds and was written
// before it arrived: what is learned is never ahead of Cenoa's clock.
func (c *clock) learn(header http.Header) bool {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return false
	}
	c.offset.Store(int64(date.Sub(c.now())))
	return true
}

// alert tells of a clock that somebody should set.
func (c *clock) alert() string {
	offset := time.Duration(c.offset.Load()).Round(time.Second)
	if offset.Abs() <= driftMax {
		return ""
	}
	side := "behind"
	if offset < 0 {
		side = "ahead of"
	}
	return "the clock here is " + offset.Abs().String() + " " + side + " Cenoa's: set it, until then calls are stamped with Cenoa's"
}
