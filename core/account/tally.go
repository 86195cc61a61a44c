package account

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// WindowMax is the longest window of measured success.
	WindowMax = 24 * time.Hour
	// tallyWidth is the time that is counted together: a window is rounded up to it.
	tallyWidth = 5 * time.Minute
	// tallySpan is how many buckets the longest window has, an unfinished one included.
	tallySpan = int64(WindowMax/tallyWidth) + 1
	// bucketsMax is how many buckets of a cell are kept: those of a day, and of one that is recalled before it.
	bucketsMax = int(2 * tallySpan)
	// cellsMax is how many cells of an account are kept; the one that was used
	// least lately goes first. A full account takes about 1 MiB.
	cellsMax = 256
)

// cellKey says which attempts are counted together.
type cellKey struct {
	kind                     sdk.Kind
	country, method, network string
}

func cellKeyOf(sample *core.Sample) cellKey {
	return cellKey{sample.Kind, sample.Country, cmp.Or(sample.Method, "any"), sample.Network}
}

func (k cellKey) compare(other cellKey) int {
	return cmp.Or(
		cmp.Compare(k.kind, other.kind), cmp.Compare(k.country, other.country),
		cmp.Compare(k.method, other.method), cmp.Compare(k.network, other.network),
	)
}

// tallies count how the attempts of one account ended. The times are those of
// the samples, so that the same history gives the same counts.
type tallies struct {
	mu    sync.RWMutex
	cells map[cellKey]*cell
}

// cell holds the buckets in which something ended, in the order of time.
type cell struct{ buckets []bucket }

type bucket struct {
	number            int64 // Counts tallyWidths since 1970.
	succeeded, failed uint32
}

func bucketOf(at time.Time) int64 { return at.Unix() / int64(tallyWidth/time.Second) }

func (t *tallies) add(sample *core.Sample, succeeded bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := cellKeyOf(sample)
	c, known := t.cells[key]
	if !known {
		t.makeRoom()
		c = &cell{}
		t.cells[key] = c
	}
	c.add(bucketOf(sample.At), succeeded)
}

// makeRoom forgets the cell in which the last end is the oldest.
func (t *tallies) makeRoom() {
	if len(t.cells) < cellsMax {
		return
	}
	var oldest cellKey
	last := int64(-1)
	for key, c := range t.cells {
		at := c.last()
		if last < 0 || at < last || at == last && key.compare(oldest) < 0 {
			oldest, last = key, at
		}
	}
	delete(t.cells, oldest)
}

func (c *cell) last() int64 { return c.buckets[len(c.buckets)-1].number }

// add counts one end. Ends come nearly in order, but for a clock that was set.
func (c *cell) add(number int64, succeeded bool) {
	at := len(c.buckets)
	for at > 0 && c.buckets[at-1].number > number {
		at--
	}
	if at == 0 || c.buckets[at-1].number < number {
		c.buckets = slices.Insert(c.buckets, at, bucket{number: number})
		at++
	}
	if succeeded {
		c.buckets[at-1].succeeded++
	} else {
		c.buckets[at-1].failed++
	}
	c.forget(number)
}

// forget drops what no window holds that ends at the given bucket, which is there.
// Later buckets stay: they are newer, or of a clock that ran ahead, which must not
// keep the present from being counted. Of those the last are dropped where they are
// too many.
func (c *cell) forget(number int64) {
	old := 0
	for c.buckets[old].number <= number-tallySpan {
		old++
	}
	c.buckets = slices.Delete(c.buckets, 0, old)
	c.buckets = c.buckets[:min(len(c.buckets), bucketsMax)]
}

// within sums the window that ends at the time of the sample.
func (t *tallies) within(sample *core.Sample, window time.Duration) core.Tally {
	t.mu.RLock()
	defer t.mu.RUnlock()
	c, known := t.cells[cellKeyOf(sample)]
	if !known {
		return core.Tally{}
	}
	from, to := bucketOf(sample.At.Add(-window)), bucketOf(sample.At)
	var sum core.Tally
	for at := len(c.buckets) - 1; at >= 0 && c.buckets[at].number >= from; at-- {
		if c.buckets[at].number <= to {
			sum.Succeeded += uint64(c.buckets[at].succeeded)
			sum.Failed += uint64(c.buckets[at].failed)
		}
	}
	return sum
}

// Success returns how the account's attempts like the sample ended in the window
// before sample.At: those of its kind, country, method and network. A window is
// rounded up to whole five minutes, and is at most WindowMax. An account that
// nobody knows has no ends.
func (a *Accounts) Success(account string, sample *core.Sample, window time.Duration) core.Tally {
	e, ok := a.entries[account]
	if !ok {
		return core.Tally{}
	}
	return e.tallies.within(sample, min(window, WindowMax))
}

// Ended counts an attempt that ended at sample.At; see Measured for which ends count.
func (a *Accounts) Ended(account string, sample core.Sample, succeeded bool) {
	if e, ok := a.entries[account]; ok {
		e.tallies.add(&sample, succeeded)
	}
}

// Measured reports whether the end of an attempt says how well its account does,
// and if so whether it succeeded.
//
// A success counts, whenever it is known. A no counts unless every account would
// have said the same: it is about the request (invalid_request, duplicate,
// duplicate_open_order) or the payer's own money (insufficient_funds). What the
// payer or the merchant left (canceled, expired), what a person gave up and what
// was paid wrongly says nothing, as does what is not over.
func Measured(a core.Attempt) (succeeded, counts bool) {
	switch a.State {
	case core.AttemptSucceeded, core.AttemptReversed:
		return true, true
	case core.AttemptNotSent, core.AttemptRejected, core.AttemptDeclined:
		return false, !sameEverywhere(a.Reason)
	default:
		return false, false
	}
}

func sameEverywhere(reason sdk.Reason) bool {
	switch reason {
	case sdk.ReasonInvalidRequest, sdk.ReasonDuplicate, sdk.ReasonInsufficientFunds,
		sdk.ReasonCanceledByCustomer, sdk.ReasonExpired, core.ReasonDuplicateOpenOrder:
		return true
	default:
		return false
	}
}
