package boltstore

import (
	"bytes"
	"context"
	"fmt"

	"github.com/oklog/ulid/v2"
	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
	"github.com/paymux/paymux/sdk"
)

func notFound(what, name string) error {
	return fmt.Errorf("%s %s: %w", what, name, core.ErrNotFound)
}

// one reads the record under key, decoded to a copy.
func one[T any](tx *bolt.Tx, bucket string, key []byte, decode func([]byte) (T, error)) (T, error) {
	data := tx.Bucket([]byte(bucket)).Get(key)
	if data == nil {
		var none T
		return none, core.ErrNotFound
	}
	return decode(data)
}

// byID reads the record of the id with a ULID; a malformed id names nothing.
func byID[T any](ctx context.Context, s *Store, bucket, id string, decode func([]byte) (T, error)) (found T, err error) {
	key, err := ulidKey(id)
	if err != nil {
		return found, fmt.Errorf("boltstore: %w: %w", core.ErrNotFound, err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		found, err = one(tx, bucket, key, decode)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		return nil
	})
	return found, err
}

// Transaction returns the transaction with id, or core.ErrNotFound.
func (s *Store) Transaction(ctx context.Context, id string) (core.Transaction, error) {
	t, err := byID(ctx, s, bucketTransactions, id, record.DecodeTransaction)
	if err == nil && t.ID != id {
		return core.Transaction{}, fmt.Errorf("boltstore: %w", notFound("transaction", id))
	}
	return t, err
}

// TransactionByULID returns the transaction whose id carries u, or core.ErrNotFound.
func (s *Store) TransactionByULID(ctx context.Context, u ulid.ULID) (t core.Transaction, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		t, err = one(tx, bucketTransactions, u[:], record.DecodeTransaction)
		return err
	})
	return t, err
}

// ByProviderRef returns the transaction and the number of its attempt that the
// provider of account calls ref, or core.ErrNotFound.
func (s *Store) ByProviderRef(ctx context.Context, account, ref string) (t core.Transaction, number int, err error) {
	key, ok := providerRefKey(account, ref)
	if !ok {
		return t, 0, fmt.Errorf("boltstore: %w", core.ErrNotFound)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		value := tx.Bucket([]byte(bucketProviderRefs)).Get(key)
		if value == nil {
			return notFound("provider ref at account", account)
		}
		if len(value) != ulidSize+1 {
			return fmt.Errorf("provider ref at account %s: %w", account, core.ErrInvalidRecord)
		}
		number = int(value[ulidSize])
		t, err = one(tx, bucketTransactions, value[:ulidSize], record.DecodeTransaction)
		return err
	})
	return t, number, err
}

// ByReference returns the newest transaction that holds the reference, the
// newest that had it if none does, or core.ErrNotFound.
func (s *Store) ByReference(ctx context.Context, merchant string, kind sdk.Kind, reference string) (t core.Transaction, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		row := tx.Bucket([]byte(bucketReferences)).Get(referenceKey(merchant, kind, reference))
		h, ok := newestHolder(holders(row))
		if !ok {
			return notFound("reference of merchant", merchant)
		}
		t, err = one(tx, bucketTransactions, h.key, record.DecodeTransaction)
		return err
	})
	return t, err
}

// History returns the entries of the transaction with id, in order, or core.ErrNotFound.
func (s *Store) History(ctx context.Context, id string) (entries []core.HistoryEntry, err error) {
	key, err := ulidKey(id)
	if err != nil {
		return nil, fmt.Errorf("boltstore: %w: %w", core.ErrNotFound, err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketHistory)).Cursor()
		for k, data := cursor.Seek(key); bytes.HasPrefix(k, key); k, data = cursor.Next() {
			e, err := record.DecodeHistoryEntry(data)
			if err != nil {
				return fmt.Errorf("history of %s: %w", id, err)
			}
			entries = append(entries, e)
		}
		if len(entries) == 0 {
			return notFound("history of", id)
		}
		return nil
	})
	return entries, err
}

// Idempotency returns the row of a key, or core.ErrNotFound.
func (s *Store) Idempotency(ctx context.Context, scope core.IdempotencyScope) (row core.IdempotencyRow, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		at := findIdempotency(openDays(tx.Bucket([]byte(bucketIdempotency))), scopeHash(scope))
		if !at.found() {
			return fmt.Errorf("idempotency key: %w", core.ErrNotFound)
		}
		if row, err = record.DecodeIdempotencyRow(at.record()); err != nil {
			return err
		}
		if row.Scope != scope {
			return fmt.Errorf("idempotency row of %s is under another key: %w", row.Transaction, core.ErrInvalidRecord)
		}
		return nil
	})
	return row, err
}

// Live returns how many attempts are live, by account.
func (s *Store) Live(ctx context.Context) (map[string]int, error) {
	live := make(map[string]int)
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucketOpen)).ForEach(func(_, value []byte) error {
			if len(value) > 2 && value[1] != 0 {
				live[string(value[2:])]++
			}
			return nil
		})
	})
	return live, err
}

// Watched returns how many attempts are watched that are not live, by account. It
// reads every transaction that has a timer.
func (s *Store) Watched(ctx context.Context) (map[string]int, error) {
	watched := make(map[string]int)
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucketDue)).ForEach(func(key, _ []byte) error {
			if core.DueKind(key[timeSize]) != core.DueTransaction {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			t, err := one(tx, bucketTransactions, key[timeSize+1:], record.DecodeTransaction)
			for _, a := range t.Attempts {
				if !a.WatchFrom.IsZero() && !a.State.Live() {
					watched[a.Account]++
				}
			}
			return err
		})
	})
	return watched, err
}

// AccountWork returns the timer and cursor of an account, or core.ErrNotFound.
func (s *Store) AccountWork(ctx context.Context, account string) (w core.AccountWork, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		w, err = one(tx, bucketAccounts, []byte(account), record.DecodeAccountWork)
		if err != nil {
			return fmt.Errorf("account %s: %w", account, err)
		}
		return nil
	})
	return w, err
}

// Inbox returns the row with id, or core.ErrNotFound.
func (s *Store) Inbox(ctx context.Context, id string) (core.InboxRow, error) {
	return byID(ctx, s, bucketInbox, id, record.DecodeInboxRow)
}

// InboxOf returns the rows about a transaction, the oldest first.
func (s *Store) InboxOf(ctx context.Context, transaction string) (rows []core.InboxRow, err error) {
	owner, err := ulidKey(transaction)
	if err != nil {
		return nil, fmt.Errorf("boltstore: %w: %w", core.ErrNotFound, err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketInboxOf)).Cursor()
		for key, _ := cursor.Seek(owner); bytes.HasPrefix(key, owner); key, _ = cursor.Next() {
			row, err := one(tx, bucketInbox, key[ulidSize:], record.DecodeInboxRow)
			if err != nil {
				return fmt.Errorf("inbox of %s: %w", transaction, err)
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

// InboxSize returns how many notifications are not used up, of one account or,
// where account is empty, of all.
func (s *Store) InboxSize(ctx context.Context, account string) (size int, err error) {
	if account == "" {
		return s.size(ctx, bucketInbox)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		size = int(countOf(tx.Bucket([]byte(bucketMeta)), account))
		return nil
	})
	return size, err
}

// OutboxSize returns how many events are not delivered.
func (s *Store) OutboxSize(ctx context.Context) (int, error) { return s.size(ctx, bucketOutbox) }

func (s *Store) size(ctx context.Context, bucket string) (size int, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		size = int(tx.Bucket([]byte(bucket)).Sequence())
		return nil
	})
	return size, err
}

// Deduped reports whether the notification with key was applied.
func (s *Store) Deduped(ctx context.Context, account, key string) (seen bool, err error) {
	hash := hashOf(account, key)
	err = s.view(ctx, func(tx *bolt.Tx) error {
		days := tx.Bucket([]byte(bucketDedupe))
		cursor := days.Cursor()
		for day, _ := cursor.Last(); day != nil && !seen; day, _ = cursor.Prev() {
			seen = days.Bucket(day).Get(hash) != nil
		}
		return nil
	})
	return seen, err
}

// Transfer returns the transfer with id, or core.ErrNotFound.
func (s *Store) Transfer(ctx context.Context, id string) (core.Transfer, error) {
	return byID(ctx, s, bucketTransfers, id, record.DecodeTransfer)
}

// TransferByRef returns the transfer that the provider of account calls ref, or core.ErrNotFound.
func (s *Store) TransferByRef(ctx context.Context, account, ref string) (t core.Transfer, err error) {
	key, ok := providerRefKey(account, ref)
	if !ok {
		return t, fmt.Errorf("boltstore: %w", core.ErrNotFound)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		id := tx.Bucket([]byte(bucketTransferRefs)).Get(key)
		if id == nil {
			return notFound("transfer at account", account)
		}
		t, err = one(tx, bucketTransfers, id, record.DecodeTransfer)
		return err
	})
	return t, err
}

// Claims returns the claims at an account, of one of its customers or, where customer is empty, of all.
func (s *Store) Claims(ctx context.Context, account, customer string) (claims []core.Claim, err error) {
	prefix := pairKey(account, "")
	if customer != "" {
		prefix = append(prefix, pairKey(customer, "")...)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketClaims)).Cursor()
		for key, data := cursor.Seek(prefix); bytes.HasPrefix(key, prefix); key, data = cursor.Next() {
			c, err := record.DecodeClaim(data)
			if err != nil {
				return err
			}
			claims = append(claims, c)
		}
		return nil
	})
	return claims, err
}

// Outbox returns the event with id, or core.ErrNotFound once it is delivered.
func (s *Store) Outbox(ctx context.Context, id string) (core.OutboxRow, error) {
	return byID(ctx, s, bucketOutbox, id, record.DecodeOutboxRow)
}
