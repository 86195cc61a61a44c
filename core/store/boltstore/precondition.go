package boltstore

import (
	"bytes"
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
)

// check compares the commit with the store and writes nothing, so that a
// refusal needs no rollback.
func (p *commit) check(t *tables) error {
	for _, c := range p.changes {
		if err := c.check(t); err != nil {
			return err
		}
	}
	for _, w := range p.idempotency {
		if w.isNew && findIdempotency(t.idempotencyDays(), w.hash).found() {
			return core.ErrKeyTaken
		}
	}
	for _, w := range p.transfers {
		if err := w.check(t); err != nil {
			return err
		}
	}
	for _, w := range p.claims {
		if err := w.check(t, p.claimsFreed); err != nil {
			return err
		}
	}
	for _, w := range p.accounts {
		if err := w.check(t); err != nil {
			return err
		}
	}
	for _, w := range p.audit {
		if t.audit.Get(w.key) != nil {
			return fmt.Errorf("audit entry is recorded already: %w", core.ErrConflict)
		}
	}
	return nil
}

func (c *change) check(t *tables) error {
	c.old = record.Outline{}
	if data := t.transactions.Get(c.key); data != nil {
		old, err := record.DecodeOutline(data)
		if err != nil {
			return fmt.Errorf("%s: %w", c.transaction.ID, err)
		}
		c.old = old
	}
	if c.old.Version != c.was {
		return fmt.Errorf("%s has version %d, it was read at %d: %w", c.transaction.ID, c.old.Version, c.was, core.ErrConflict)
	}
	if int64(c.old.Sequence)+int64(len(c.history)) != int64(c.outline.Sequence) {
		return fmt.Errorf("%s: history goes from %d to %d with %d entries: %w",
			c.transaction.ID, c.old.Sequence, c.outline.Sequence, len(c.history), core.ErrInvalidRecord)
	}
	if err := c.checkReference(t); err != nil {
		return err
	}
	return c.checkOpen(t)
}

func (c *change) checkReference(t *tables) error {
	if c.was != 0 || c.transaction.Reference == "" {
		return nil
	}
	for _, h := range holders(t.references.Get(c.referenceKey())) {
		if h.holds {
			return &core.DuplicateReferenceError{
				Reference: c.transaction.Reference, Transaction: idOf(core.PrefixOf(c.transaction.Kind), h.key),
			}
		}
	}
	return nil
}

func (c *change) referenceKey() []byte {
	return referenceKey(c.transaction.Merchant, c.transaction.Kind, c.transaction.Reference)
}

func (w *transferWrite) check(t *tables) error {
	var version uint64
	if data := t.transfers.Get(w.key); data != nil {
		old, err := record.DecodeTransfer(data)
		if err != nil {
			return err
		}
		if old.Account != w.transfer.Account || old.ProviderRef != w.transfer.ProviderRef {
			return fmt.Errorf("%s: its account or provider ref changes: %w", old.ID, core.ErrInvalidRecord)
		}
		version = old.Version
	}
	if version != w.transfer.Was {
		return fmt.Errorf("%s has version %d, it was read at %d: %w", w.transfer.ID, version, w.transfer.Was, core.ErrConflict)
	}
	holder := t.transferRefs.Get(pairKey(w.transfer.Account, w.transfer.ProviderRef))
	if holder != nil && !bytes.Equal(holder, w.key) {
		return fmt.Errorf("%s: the provider's transfer is stored as %s: %w",
			w.transfer.ID, idOf(core.PrefixTransfer, holder), core.ErrConflict)
	}
	return nil
}

func (w claimWrite) check(t *tables, freed []claimWrite) error {
	cursor := t.claims.Cursor()
	for key, data := cursor.Seek(w.shape); bytes.HasPrefix(key, w.shape); key, data = cursor.Next() {
		if bytes.Equal(key, w.key) || isFreed(freed, key) {
			continue
		}
		other, err := record.DecodeClaim(data)
		if err != nil {
			return err
		}
		if !other.From.After(w.claim.Until) && !w.claim.From.After(other.Until) {
			return fmt.Errorf("%s holds it: %w", other.Transaction, core.ErrClaimTaken)
		}
	}
	return nil
}

func isFreed(freed []claimWrite, key []byte) bool {
	for _, f := range freed {
		if bytes.Equal(f.key, key) {
			return true
		}
	}
	return false
}

func (w *accountWrite) check(t *tables) error {
	w.old = core.AccountWork{}
	if data := t.accounts.Get([]byte(w.work.Account)); data != nil {
		old, err := record.DecodeAccountWork(data)
		if err != nil {
			return err
		}
		w.old = old
	}
	if w.old.Version != w.work.Was {
		return fmt.Errorf("account %s has version %d, it was read at %d: %w",
			w.work.Account, w.old.Version, w.work.Was, core.ErrConflict)
	}
	return nil
}
