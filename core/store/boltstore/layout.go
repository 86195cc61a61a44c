package boltstore

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// format is the version of the layout below. A file of another one is refused, so
// that it grows with whatever an older version must not touch: one that does not
// know a field of a record loses it when it writes that record.
const format = 1

// The buckets. A ulid is its 16 bytes, a time 8 bytes of nanoseconds, so that
// keys sort by time and new ones go to the end.
const (
	bucketMeta         = "meta"          // "format" -> one byte; "inbox", account -> how many rows it has there
	bucketTransactions = "transactions"  // ulid -> record
	bucketHistory      = "history"       // ulid, sequence -> record
	bucketReferences   = "references"    // reference, merchant, kind -> {holds, ulid}...
	bucketProviderRefs = "provider_refs" // account, provider ref -> ulid, number
	bucketOpen         = "open"          // ulid -> state, number and account of the live attempt
	bucketDue          = "due"           // time, kind, id -> kind of a transaction
	bucketIdempotency  = "idempotency"   // day -> {keys: hash -> row key; rows: time, hash -> record}; a day's sequence counts its puts
	bucketDedupe       = "dedupe"        // day -> {hash -> nothing}
	bucketInbox        = "inbox"         // ulid -> record; its sequence counts the rows
	bucketInboxOf      = "inbox_of"      // ulid of the transaction, ulid -> nothing
	bucketTransfers    = "transfers"     // ulid -> record
	bucketTransferRefs = "transfer_refs" // account, provider ref -> ulid
	bucketUnmatched    = "unmatched"     // ulid of the transfer -> account
	bucketClaims       = "claims"        // account, customer, amount, ulid of the transaction -> record
	bucketAccounts     = "accounts"      // account -> record
	bucketOutbox       = "outbox"        // ulid -> record; its sequence counts the rows
	bucketAudit        = "audit"         // time, id -> record
)

func bucketNames() []string {
	return []string{
		bucketMeta, bucketTransactions, bucketHistory, bucketReferences, bucketProviderRefs, bucketOpen, bucketDue,
		bucketIdempotency, bucketDedupe, bucketInbox, bucketInboxOf, bucketTransfers, bucketTransferRefs,
		bucketUnmatched, bucketClaims, bucketAccounts, bucketOutbox, bucketAudit,
	}
}

const (
	keyFormat, keyInbox = "format", "inbox\x00"
	// The buckets in a day of idempotency rows.
	bucketKeys, bucketRows = "keys", "rows"
	// dayCarried sorts before every day and holds the rows that outlived theirs.
	dayCarried = "0-carried"
	dayLayout  = "2006-01-02"
	// appendFill is how full pages are left where keys only grow.
	appendFill = 0.9
	ulidSize   = len(ulid.ULID{})
	timeSize   = 8
	countSize  = 8
	hashSize   = 16
)

func ulidKey(id string) ([]byte, error) {
	u, err := core.ULIDOf(id)
	return u[:], err
}

// idOf returns the id with prefix that key, a ulid, belongs to.
func idOf(prefix string, key []byte) string {
	return prefix + ulid.ULID(key).String()
}

// The letters of kinds in keys and values.
const (
	letterPayment = 'p'
	letterPayout  = 'o'
	letterRefund  = 'r'
)

func letterOf(kind sdk.Kind) byte {
	switch kind {
	case sdk.KindPayout:
		return letterPayout
	case sdk.KindRefund:
		return letterRefund
	default:
		return letterPayment
	}
}

func prefixOf(letter byte) string {
	switch letter {
	case letterPayout:
		return core.PrefixPayout
	case letterRefund:
		return core.PrefixRefund
	default:
		return core.PrefixPayment
	}
}

func appendTime(key []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(key, uint64(t.UnixNano()))
}

func timeAt(key []byte) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(key))).UTC()
}

func historyKey(u []byte, sequence uint32) []byte {
	return binary.BigEndian.AppendUint32(append(make([]byte, 0, ulidSize+4), u...), sequence)
}

// referenceKey begins with the reference, so that an operator finds it without
// naming the merchant; none of its texts holds a zero byte.
func referenceKey(merchant string, kind sdk.Kind, reference string) []byte {
	key := make([]byte, 0, len(reference)+len(merchant)+3)
	key = append(append(key, reference...), 0)
	key = append(append(key, merchant...), 0)
	return append(key, letterOf(kind))
}

// pairKey keeps what begins with the same first text together.
func pairKey(first, second string) []byte {
	key := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(first)+len(second)), uint16(len(first)))
	return append(append(key, first...), second...)
}

func dueKey(at time.Time, kind core.DueKind, id []byte) []byte {
	key := appendTime(make([]byte, 0, timeSize+1+len(id)), at)
	return append(append(key, byte(kind)), id...)
}

func inboxCountKey(account string) []byte { return []byte(keyInbox + account) }

// claimShape is the part of a claim's key that two claims of one shape share.
func claimShape(c core.Claim) []byte {
	key := pairKey(c.Account, "")
	key = append(key, pairKey(c.Customer, "")...)
	key = binary.BigEndian.AppendUint16(key, uint16(c.Amount.Currency()))
	return binary.BigEndian.AppendUint64(key, uint64(c.Amount.Minor()))
}

// hashOf returns a short name of several texts that is as good as the texts.
func hashOf(texts ...string) []byte {
	digest := sha256.New()
	for _, text := range texts {
		digest.Write(binary.BigEndian.AppendUint32(nil, uint32(len(text))))
		digest.Write([]byte(text))
	}
	return digest.Sum(nil)[:hashSize]
}

func scopeHash(s core.IdempotencyScope) []byte { return hashOf(s.Merchant, s.Route, s.Key) }

func rowKey(r core.IdempotencyRow, hash []byte) []byte {
	return append(appendTime(make([]byte, 0, timeSize+hashSize), r.CreatedAt), hash...)
}

func dayOf(t time.Time) string { return t.UTC().Format(dayLayout) }

func auditKey(e core.AuditEntry) []byte {
	return append(appendTime(make([]byte, 0, timeSize+len(e.ID)), e.At), e.ID...)
}
