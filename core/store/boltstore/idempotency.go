package boltstore

import (
	bolt "go.etcd.io/bbolt"
)

// day holds the idempotency rows of one day, or those that outlived theirs.
type day struct {
	bucket, keys, rows *bolt.Bucket
}

func openDay(days *bolt.Bucket, name []byte) day {
	b := days.Bucket(name)
	return day{bucket: b, keys: b.Bucket([]byte(bucketKeys)), rows: b.Bucket([]byte(bucketRows))}
}

// openDays returns all days, the newest first: there are as many as rows are kept for.
func openDays(days *bolt.Bucket) []day {
	var all []day
	cursor := days.Cursor()
	for name, _ := cursor.Last(); name != nil; name, _ = cursor.Prev() {
		all = append(all, openDay(days, name))
	}
	return all
}

// idempotencyDays opens the days once for a whole batch: every new key is looked for in all of them.
func (t *tables) idempotencyDays() []day {
	if t.days == nil {
		t.days = openDays(t.idempotency)
	}
	return t.days
}

// place is where an idempotency row is kept; nothing where there is none.
type place struct {
	day    day
	rowKey []byte
}

func (p place) found() bool { return p.rowKey != nil }

// record returns the row's record; nil is damage.
func (p place) record() []byte { return p.day.rows.Get(p.rowKey) }

func findIdempotency(days []day, hash []byte) place {
	for _, d := range days {
		if key := d.keys.Get(hash); key != nil {
			return place{day: d, rowKey: key}
		}
	}
	return place{}
}

func (w idempotencyWrite) write(t *tables) error {
	if old := findIdempotency(t.idempotencyDays(), w.hash); old.found() {
		return steps(
			func() error { return count(old.day.bucket, 1) },
			func() error { return old.day.rows.Put(old.rowKey, w.record) },
		)
	}
	return t.putIdempotency(dayOf(w.row.CreatedAt), w.hash, rowKey(w.row, w.hash), w.record)
}

// putIdempotency adds a row to a day, which it makes if there is none.
func (t *tables) putIdempotency(name string, hash, rowKey, data []byte) error {
	if t.idempotency.Bucket([]byte(name)) == nil {
		if err := t.addDay(name); err != nil {
			return err
		}
	}
	d := openDay(t.idempotency, []byte(name))
	d.rows.FillPercent = appendFill
	return steps(
		func() error { return count(d.bucket, 1) },
		func() error { return d.keys.Put(hash, rowKey) },
		func() error { return d.rows.Put(rowKey, data) },
	)
}

func (t *tables) addDay(name string) error {
	t.days = nil
	b, err := t.idempotency.CreateBucket([]byte(name))
	if err != nil {
		return err
	}
	for _, part := range []string{bucketKeys, bucketRows} {
		if _, err := b.CreateBucket([]byte(part)); err != nil {
			return err
		}
	}
	return nil
}
