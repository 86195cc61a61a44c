package boltstore

import (
	"bytes"
	"context"
	"encoding/base64"
	"iter"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

// listing reads one page: it walks keys from the newest on and keeps what fits.
type listing[T any] struct {
	limit int
	// walk yields keys, newest first. The record is read from bucket.
	walk   iter.Seq[[]byte]
	bucket *bolt.Bucket
	// needles are texts that every record that fits holds; looking for them is cheaper than decoding.
	needles [][]byte
	decode  func([]byte) (T, error)
	fits    func(T) bool
}

func (l listing[T]) page(ctx context.Context) (page core.Page[T], err error) {
	read := 0
	var last []byte
	for key := range l.walk {
		if len(page.Items) == l.limit || read == store.PageReadMax {
			page.Next = encodeCursor(last)
			return page, nil
		}
		if err := ctx.Err(); err != nil {
			return core.Page[T]{}, err
		}
		read++
		last = key
		item, fits, err := l.read(key)
		if err != nil {
			return core.Page[T]{}, err
		}
		if fits {
			page.Items = append(page.Items, item)
		}
	}
	return page, nil
}

func (l listing[T]) read(key []byte) (item T, fits bool, err error) {
	data := l.bucket.Get(key)
	if data == nil {
		return item, false, core.ErrInvalidRecord
	}
	for _, needle := range l.needles {
		if !bytes.Contains(data, needle) {
			return item, false, nil
		}
	}
	item, err = l.decode(data)
	return item, err == nil && l.fits(item), err
}

// backwards yields the pairs of a bucket, the last first, from before on where it is not nil.
func backwards(b *bolt.Bucket, before []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		cursor := b.Cursor()
		key, value := cursor.Last()
		if before != nil {
			if at, _ := cursor.Seek(before); at != nil {
				key, value = cursor.Prev()
			} else {
				key, value = cursor.Last()
			}
		}
		for ; key != nil; key, value = cursor.Prev() {
			if !yield(key, value) {
				return
			}
		}
	}
}

// keysWhere yields the keys of pairs whose value is wanted.
func keysWhere(pairs iter.Seq2[[]byte, []byte], wanted func(value []byte) bool) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for key, value := range pairs {
			if wanted(value) && !yield(key) {
				return
			}
		}
	}
}

func everything([]byte) bool { return true }

func limitOf(limit int) int {
	if limit <= 0 || limit > store.PageMax {
		return store.PageMax
	}
	return limit
}

// needlesOf leaves out the texts that are not asked for.
func needlesOf(texts ...string) [][]byte {
	var needles [][]byte
	for _, text := range texts {
		if text != "" {
			needles = append(needles, []byte(text))
		}
	}
	return needles
}

func encodeCursor(key []byte) string { return base64.RawURLEncoding.EncodeToString(key) }

// decodeCursor returns nil for no cursor, and core.ErrInvalidRequest for what never was one.
func decodeCursor(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	key, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(key) < ulidSize {
		return nil, &core.Problem{
			Code:   core.ErrInvalidRequest.Code,
			Fields: []core.FieldError{{Location: "cursor", Message: "is none: give the one of the last page, or none"}},
		}
	}
	return key, nil
}
