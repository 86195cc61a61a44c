package boltstore

import (
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
)

// commit is a core.Commit made ready by its caller, so that the writer only
// compares and puts. Its check and write files follow the fields of core.Commit.
type commit struct {
	changes     []*change
	idempotency []idempotencyWrite
	inbox       []inboxWrite
	inboxDone   [][]byte
	inboxRetry  []inboxWrite
	dedupe      []core.Dedupe
	transfers   []*transferWrite
	claims      []claimWrite
	claimsFreed []claimWrite
	accounts    []*accountWrite
	outbox      []outboxWrite
	outboxDone  [][]byte
	audit       []auditWrite
}

type change struct {
	transaction       core.Transaction
	was               uint64
	key               []byte
	outline           record.Outline
	record            []byte
	history           [][]byte
	indexProviderRefs bool
	openMax           int
	// old is the outline in the store, as check found it.
	old record.Outline
}

type idempotencyWrite struct {
	row    core.IdempotencyRow
	isNew  bool
	hash   []byte
	record []byte
}

type inboxWrite struct {
	row    core.InboxRow
	key    []byte
	record []byte
}

type transferWrite struct {
	transfer core.Transfer
	key      []byte
	record   []byte
}

type claimWrite struct {
	claim  core.Claim
	shape  []byte
	key    []byte
	record []byte
}

type accountWrite struct {
	work   core.AccountWork
	record []byte
	// old is the row in the store, as check found it.
	old core.AccountWork
}

type outboxWrite struct {
	row    core.OutboxRow
	key    []byte
	record []byte
}

type auditWrite struct {
	key    []byte
	record []byte
}

// prepare encodes c. It returns core.ErrInvalidRecord for what no store may hold.
func prepare(c core.Commit) (*commit, error) {
	p := &commit{dedupe: c.Dedupe}
	err := steps(
		func() error { return all(c.Dedupe, record.CheckDedupe) },
		func() error { return p.prepareChanges(c.Transactions) },
		func() error { return p.prepareIdempotency(c.Idempotency) },
		func() error { return p.prepareInbox(c) },
		func() error { return p.prepareTransfers(c.Transfers) },
		func() error { return p.prepareClaims(c.Claims, c.ClaimsFreed) },
		func() error { return p.prepareAccounts(c.Accounts) },
		func() error { return p.prepareOutbox(c) },
		func() error { return p.prepareAudit(c.Audit) },
	)
	return p, err
}

// once refuses what a commit holds twice: preconditions are checked before the
// first write, so the second would not see the first.
type once map[string]bool

func (seen once) add(what string, key []byte) error {
	if seen[what+string(key)] {
		return fmt.Errorf("%s twice in one commit: %w", what, core.ErrInvalidRecord)
	}
	seen[what+string(key)] = true
	return nil
}

func (p *commit) prepareChanges(changes []core.Change) error {
	seen := once{}
	for _, c := range changes {
		t := c.Transaction
		t.Version = c.Was + 1
		data, err := record.EncodeTransaction(t)
		if err != nil {
			return err
		}
		prepared := &change{
			transaction: t, was: c.Was, outline: record.OutlineOf(t), record: data, indexProviderRefs: c.IndexProviderRefs,
			openMax: c.OpenMax,
		}
		if prepared.key, err = ulidKey(t.ID); err != nil {
			return err
		}
		if err := seen.add("transaction", prepared.key); err != nil {
			return err
		}
		if c.Was == 0 && t.Reference != "" {
			if err := seen.add("reference", referenceKey(t.Merchant, t.Kind, t.Reference)); err != nil {
				return err
			}
		}
		if err := prepared.encodeHistory(c.History); err != nil {
			return err
		}
		p.changes = append(p.changes, prepared)
	}
	return nil
}

func (c *change) encodeHistory(entries []core.HistoryEntry) error {
	first := int64(c.outline.Sequence) - int64(len(entries)) + 1
	for i, e := range entries {
		if int64(e.Sequence) != first+int64(i) {
			return fmt.Errorf("%s: history entry %d should be %d: %w", c.transaction.ID, e.Sequence, first+int64(i), core.ErrInvalidRecord)
		}
		data, err := record.EncodeHistoryEntry(e)
		if err != nil {
			return err
		}
		c.history = append(c.history, data)
	}
	return nil
}

func (p *commit) prepareIdempotency(writes []core.IdempotencyWrite) error {
	seen := once{}
	for _, w := range writes {
		row := p.withVersion(w.Row)
		data, err := record.EncodeIdempotencyRow(row)
		if err != nil {
			return err
		}
		hash := scopeHash(row.Scope)
		if err := seen.add("idempotency key", hash); err != nil {
			return err
		}
		p.idempotency = append(p.idempotency, idempotencyWrite{row: row, isNew: w.New, hash: hash, record: data})
	}
	return nil
}

// withVersion gives the answered transaction the version that it gets in this commit.
func (p *commit) withVersion(row core.IdempotencyRow) core.IdempotencyRow {
	if row.Answered == nil {
		return row
	}
	for _, c := range p.changes {
		if c.transaction.ID == row.Answered.ID {
			answered := *row.Answered
			answered.Version = c.transaction.Version
			row.Answered = &answered
		}
	}
	return row
}

func (p *commit) prepareInbox(c core.Commit) (err error) {
	if p.inbox, err = encodeInbox(c.Inbox); err != nil {
		return err
	}
	if p.inboxRetry, err = encodeInbox(c.InboxRetry); err != nil {
		return err
	}
	p.inboxDone, err = keysOf(c.InboxDone)
	return err
}

func encodeInbox(rows []core.InboxRow) ([]inboxWrite, error) {
	var writes []inboxWrite
	for _, row := range rows {
		data, err := record.EncodeInboxRow(row)
		if err != nil {
			return nil, err
		}
		key, err := ulidKey(row.ID)
		if err != nil {
			return nil, err
		}
		writes = append(writes, inboxWrite{row: row, key: key, record: data})
	}
	return writes, nil
}

func keysOf(ids []string) ([][]byte, error) {
	var keys [][]byte
	for _, id := range ids {
		key, err := ulidKey(id)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", core.ErrInvalidRecord, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (p *commit) prepareTransfers(transfers []core.Transfer) error {
	seen := once{}
	for _, t := range transfers {
		t.Version = t.Was + 1
		data, err := record.EncodeTransfer(t)
		if err != nil {
			return err
		}
		key, err := ulidKey(t.ID)
		if err != nil {
			return err
		}
		if err := seen.add("transfer", key); err != nil {
			return err
		}
		if err := seen.add("transfer ref", pairKey(t.Account, t.ProviderRef)); err != nil {
			return err
		}
		p.transfers = append(p.transfers, &transferWrite{transfer: t, key: key, record: data})
	}
	return nil
}

func (p *commit) prepareClaims(taken, freed []core.Claim) (err error) {
	if p.claims, err = encodeClaims(taken); err != nil {
		return err
	}
	p.claimsFreed, err = encodeClaims(freed)
	if err != nil {
		return err
	}
	seen := once{}
	for _, c := range p.claims {
		if err := seen.add("claim", c.shape); err != nil {
			return err
		}
	}
	return nil
}

func encodeClaims(claims []core.Claim) ([]claimWrite, error) {
	var writes []claimWrite
	for _, c := range claims {
		data, err := record.EncodeClaim(c)
		if err != nil {
			return nil, err
		}
		owner, err := ulidKey(c.Transaction)
		if err != nil {
			return nil, err
		}
		shape := claimShape(c)
		key := append(append(make([]byte, 0, len(shape)+ulidSize), shape...), owner...)
		writes = append(writes, claimWrite{claim: c, shape: shape, key: key, record: data})
	}
	return writes, nil
}

func (p *commit) prepareAccounts(work []core.AccountWork) error {
	seen := once{}
	for _, w := range work {
		w.Version = w.Was + 1
		data, err := record.EncodeAccountWork(w)
		if err != nil {
			return err
		}
		if err := seen.add("account", []byte(w.Account)); err != nil {
			return err
		}
		p.accounts = append(p.accounts, &accountWrite{work: w, record: data})
	}
	return nil
}

func (p *commit) prepareOutbox(c core.Commit) (err error) {
	for _, row := range c.Outbox {
		data, err := record.EncodeOutboxRow(row)
		if err != nil {
			return err
		}
		key, err := ulidKey(row.ID)
		if err != nil {
			return err
		}
		p.outbox = append(p.outbox, outboxWrite{row: row, key: key, record: data})
	}
	p.outboxDone, err = keysOf(c.OutboxDone)
	return err
}

func (p *commit) prepareAudit(entries []core.AuditEntry) error {
	seen := once{}
	for _, e := range entries {
		data, err := record.EncodeAuditEntry(e)
		if err != nil {
			return err
		}
		key := auditKey(e)
		if err := seen.add("audit entry", key); err != nil {
			return err
		}
		p.audit = append(p.audit, auditWrite{key: key, record: data})
	}
	return nil
}
