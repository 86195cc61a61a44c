package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"
	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/record"
)

// Transactions returns a page of those that the filter selects, newest first.
func (s *Store) Transactions(ctx context.Context, f core.Filter) (page core.Page[core.Transaction], err error) {
	before, err := decodeCursor(f.Cursor)
	if err != nil {
		return page, fmt.Errorf("boltstore: %w", err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		page, err = listing[core.Transaction]{
			limit: limitOf(f.Limit), walk: notBefore(f, walkTransactions(tx, f, startOf(f, before))),
			bucket:  tx.Bucket([]byte(bucketTransactions)),
			needles: needlesOf(f.Merchant, f.Provider, f.Reference, f.Customer, f.Query),
			decode:  record.DecodeTransaction,
			fits:    func(t core.Transaction) bool { return selects(f, t) },
		}.page(ctx)
		return err
	})
	return page, err
}

// startOf returns the key to begin before: the cursor's, or the first one too young.
func startOf(f core.Filter, cursor []byte) []byte {
	if f.CreatedBefore.IsZero() {
		return cursor
	}
	var u ulid.ULID
	if u.SetTime(ulid.Timestamp(f.CreatedBefore.Add(store.ClockSlack))) != nil {
		return cursor
	}
	if cursor != nil && bytes.Compare(cursor, u[:]) < 0 {
		return cursor
	}
	return u[:]
}

// notBefore ends the walk where everything is older than the filter wants.
func notBefore(f core.Filter, walk iter.Seq[[]byte]) iter.Seq[[]byte] {
	if f.CreatedAfter.IsZero() {
		return walk
	}
	oldest := ulid.Timestamp(f.CreatedAfter.Add(-store.ClockSlack))
	return func(yield func([]byte) bool) {
		for key := range walk {
			if ulid.ULID(key).Time() < oldest || !yield(key) {
				return
			}
		}
	}
}

// walkTransactions takes the narrowest way to all that the filter can select.
func walkTransactions(tx *bolt.Tx, f core.Filter, before []byte) iter.Seq[[]byte] {
	if key, ok := named(f.Query); ok {
		return walkKeys(tx, [][]byte{key}, before)
	}
	if f.Reference != "" {
		return walkKeys(tx, referenced(tx, f), before)
	}
	if f.State != core.StateNone && !f.State.Final() {
		state := record.StateByte(f.State)
		return keysWhere(backwards(tx.Bucket([]byte(bucketOpen)), before), func(value []byte) bool {
			return value[0] == state
		})
	}
	return keysWhere(backwards(tx.Bucket([]byte(bucketTransactions)), before), everything)
}

// named returns the ULID in a query that is a whole id or reference of ours.
func named(query string) ([]byte, bool) {
	if _, err := core.KindOf(query); err == nil {
		key, err := ulidKey(query)
		return key, err == nil
	}
	u, _, err := core.ParseRef(query)
	return u[:], err == nil
}

// referenced returns the keys of all that ever had the filter's reference.
func referenced(tx *bolt.Tx, f core.Filter) [][]byte {
	prefix := append([]byte(f.Reference), 0)
	if f.Merchant != "" {
		prefix = append(append(prefix, f.Merchant...), 0)
	}
	var keys [][]byte
	cursor := tx.Bucket([]byte(bucketReferences)).Cursor()
	for key, row := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, row = cursor.Next() {
		for _, h := range holders(row) {
			keys = append(keys, h.key)
		}
	}
	return keys
}

// walkKeys yields those of keys that are stored and come before, newest first.
func walkKeys(tx *bolt.Tx, keys [][]byte, before []byte) iter.Seq[[]byte] {
	slices.SortFunc(keys, func(a, b []byte) int { return bytes.Compare(b, a) })
	transactions := tx.Bucket([]byte(bucketTransactions))
	return func(yield func([]byte) bool) {
		for _, key := range keys {
			if before != nil && bytes.Compare(key, before) >= 0 || transactions.Get(key) == nil {
				continue
			}
			if !yield(key) {
				return
			}
		}
	}
}

func selects(f core.Filter, t core.Transaction) bool {
	return equalOrAny(f.Merchant, t.Merchant) &&
		equalOrAny(string(f.Kind), string(t.Kind)) &&
		(f.State == core.StateNone || f.State == t.State) &&
		equalOrAny(f.Reference, t.Reference) &&
		(f.Provider == "" || slices.ContainsFunc(t.Attempts, func(a core.Attempt) bool { return a.Account == f.Provider })) &&
		(f.Customer == "" || f.Customer == t.Customer.ID || f.Customer == t.Customer.ProviderCustomer ||
			f.Customer == t.Customer.Phone) &&
		(f.CreatedAfter.IsZero() || !t.CreatedAt.Before(f.CreatedAfter)) &&
		(f.CreatedBefore.IsZero() || t.CreatedAt.Before(f.CreatedBefore)) &&
		(f.UpdatedBefore.IsZero() || t.UpdatedAt.Before(f.UpdatedBefore)) &&
		(f.Query == "" || mentions(t, f.Query))
}

func equalOrAny(wanted, text string) bool { return wanted == "" || wanted == text }

// mentions looks for a text in the names that a transaction goes by.
func mentions(t core.Transaction, text string) bool {
	return strings.Contains(t.ID, text) || strings.Contains(t.Reference, text) ||
		slices.ContainsFunc(t.Attempts, func(a core.Attempt) bool {
			return strings.Contains(a.Ref, text) || strings.Contains(a.ProviderRef, text)
		})
}

// Transfers returns a page of those that the filter selects, newest first.
func (s *Store) Transfers(ctx context.Context, f core.TransferFilter) (page core.Page[core.Transfer], err error) {
	before, err := decodeCursor(f.Cursor)
	if err != nil {
		return page, fmt.Errorf("boltstore: %w", err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		page, err = listing[core.Transfer]{
			limit: limitOf(f.Limit), walk: walkTransfers(tx, f, before), bucket: tx.Bucket([]byte(bucketTransfers)),
			needles: needlesOf(f.Account, f.Customer), decode: record.DecodeTransfer,
			fits: func(t core.Transfer) bool {
				unmatched := t.Transaction == "" && t.TopUp == ""
				return equalOrAny(f.Account, t.Account) && equalOrAny(f.Customer, t.ProviderCustomer) &&
					(!f.Unmatched || unmatched) && (!f.Matched || !unmatched)
			},
		}.page(ctx)
		return err
	})
	return page, err
}

func walkTransfers(tx *bolt.Tx, f core.TransferFilter, before []byte) iter.Seq[[]byte] {
	if !f.Unmatched {
		return keysWhere(backwards(tx.Bucket([]byte(bucketTransfers)), before), everything)
	}
	return keysWhere(backwards(tx.Bucket([]byte(bucketUnmatched)), before), func(account []byte) bool {
		return equalOrAny(f.Account, string(account))
	})
}

// Audit returns a page of the actions that the filter selects, newest first.
func (s *Store) Audit(ctx context.Context, f core.AuditFilter) (page core.Page[core.AuditEntry], err error) {
	before, err := decodeCursor(f.Cursor)
	if err != nil {
		return page, fmt.Errorf("boltstore: %w", err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		audit := tx.Bucket([]byte(bucketAudit))
		page, err = listing[core.AuditEntry]{
			limit: limitOf(f.Limit), walk: keysWhere(backwards(audit, before), everything), bucket: audit,
			needles: needlesOf(f.Transaction, f.Actor), decode: record.DecodeAuditEntry,
			fits: func(e core.AuditEntry) bool {
				return equalOrAny(f.Transaction, e.Transaction) && equalOrAny(f.Actor, e.Actor)
			},
		}.page(ctx)
		return err
	})
	return page, err
}
