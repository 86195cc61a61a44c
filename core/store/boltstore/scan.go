package boltstore

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/record"
)

const (
	// portionMax is the most records of a portion of a scan, and portionBytesMax the size at
	// which it ends before: a bolt transaction of about a millisecond.
	portionMax      = 1024
	portionBytesMax = 2 << 20
)

// portion is a run of records on its way from the file to who uses it.
type portion struct {
	// data holds the records, one behind the other; each ends at one of ends.
	data  []byte
	ends  []int
	pasts []core.Past
	err   error
	// ready says that pasts, or err, are there.
	ready chan struct{}
}

// scan reads portions one after the other, decodes them side by side, and gives them
// away in their order. There are a few, which go round.
type scan struct {
	store    *Store
	from, to time.Time
	// next is the key to read from.
	next []byte
	// free are those to be filled, waiting those to be decoded, and ordered all
	// that were filled, in the order of the records.
	free, waiting, ordered chan *portion
}

// Scan gives use the transactions that were created from from on and before to,
// the oldest first. It copies them out of the file in short transactions, so that
// no writer waits for it and no page is kept for it.
func (s *Store) Scan(ctx context.Context, from, to time.Time, use func([]core.Past) error) error {
	ctx, stop := context.WithCancel(ctx)
	decoders := runtime.GOMAXPROCS(0)
	portions := decoders + 2 // One is being filled and one used meanwhile.
	scan := &scan{
		store: s, from: from, to: to, next: firstKey(from),
		free: make(chan *portion, portions), waiting: make(chan *portion, portions), ordered: make(chan *portion, portions),
	}
	for range portions {
		scan.free <- &portion{ready: make(chan struct{}, 1)}
	}
	var running sync.WaitGroup
	running.Go(func() { scan.read(ctx) })
	for range decoders {
		running.Go(scan.decode)
	}
	err := scan.give(ctx, use)
	stop()
	running.Wait()
	return err
}

// firstKey returns the least key of a record that may have been created at a time.
func firstKey(from time.Time) []byte {
	var u ulid.ULID
	if from.After(time.UnixMilli(0).Add(store.ClockSlack)) {
		_ = u.SetTime(ulid.Timestamp(from.Add(-store.ClockSlack))) // What no ULID can hold is after all of them, or before.
	}
	return u[:]
}

// read fills free portions until nothing is left. The channels have room for all of them.
func (s *scan) read(ctx context.Context) {
	defer close(s.waiting)
	defer close(s.ordered)
	for {
		var p *portion
		select {
		case p = <-s.free:
		case <-ctx.Done():
			return
		}
		p.data, p.ends, p.err = p.data[:0], p.ends[:0], nil
		more, err := s.fill(ctx, p)
		if err != nil {
			p.err = err
		}
		s.waiting <- p
		s.ordered <- p
		if !more || err != nil {
			return
		}
	}
}

// fill copies records into p and reports whether there may be more.
func (s *scan) fill(ctx context.Context, p *portion) (more bool, err error) {
	last := ulid.MaxTime()
	if s.to.Before(ulid.Time(last).Add(-store.ClockSlack)) {
		last = ulid.Timestamp(s.to.Add(store.ClockSlack))
	}
	err = s.store.view(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketTransactions)).Cursor()
		for key, value := cursor.Seek(s.next); key != nil; key, value = cursor.Next() {
			if ulid.ULID(key).Time() > last {
				return nil
			}
			if len(p.ends) == portionMax || len(p.data) >= portionBytesMax {
				s.next, more = append(s.next[:0], key...), true
				return nil
			}
			p.data = append(p.data, value...)
			p.ends = append(p.ends, len(p.data))
		}
		return nil
	})
	return more, err
}

func (s *scan) decode() {
	var reader record.PastReader
	for p := range s.waiting {
		if p.err == nil {
			p.err = p.decode(&reader, s.from, s.to)
		}
		p.ready <- struct{}{}
	}
}

// decode reads the pasts that belong to the scan; the memory of former ones is used again.
func (p *portion) decode(reader *record.PastReader, from, to time.Time) error {
	if p.pasts == nil {
		p.pasts = make([]core.Past, portionMax)
	}
	n, begin := 0, 0
	p.pasts = p.pasts[:portionMax]
	for _, end := range p.ends {
		past := &p.pasts[n]
		if err := reader.Read(p.data[begin:end], past); err != nil {
			return fmt.Errorf("boltstore: scan: %w", err)
		}
		begin = end
		if !past.Sample.At.Before(from) && past.Sample.At.Before(to) {
			n++
		}
	}
	p.pasts = p.pasts[:n]
	return nil
}

// give hands the portions to use, in their order.
func (s *scan) give(ctx context.Context, use func([]core.Past) error) error {
	for p := range s.ordered {
		<-p.ready
		if p.err != nil {
			return p.err
		}
		if len(p.pasts) > 0 {
			if err := use(p.pasts); err != nil {
				return err
			}
		}
		s.free <- p
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("boltstore: scan: %w", err)
	}
	return nil
}
