// Package store answers one question: is it written?
//
// Store is the contract; storetest holds the suite that every implementation
// must pass, record the bytes that they share. boltstore keeps one file for one
// engine. Nothing in the contract assumes one process: a store may be shared.
//
// # Writing
//
// There is one way to write. Apply takes a core.Commit and applies it whole or
// not at all. When it returns nil the commit is durable. All preconditions are
// checked before the first write, each against the store as it is with every
// commit that came before:
//
//   - Change.Was is the version in the store, zero where there is none, else
//     core.ErrConflict: load the transaction and ask the machine again. The same
//     holds for Transfer.Was and AccountWork.Was; a new transfer whose account and
//     provider ref are stored already is a conflict too.
//   - A new transaction's reference is not held by another one of the same
//     merchant and kind (State.HoldsReference), else *core.DuplicateReferenceError.
//     Only a new transaction is refused: one that succeeds late shares the
//     reference, and from then on each of them holds it.
//   - With Change.OpenMax, fewer of the new transaction's merchant have not ended,
//     those of commits that came before included, else core.ErrOpenMax. One that
//     has ended from the beginning counts for nothing.
//   - An idempotency row with New has a scope that has no row, else core.ErrKeyTaken.
//   - A claim's window does not meet the window of another transaction's claim of
//     the same account, customer and amount, else core.ErrClaimTaken. Windows are
//     compared as they are given, both ends included.
//   - Every record passes record.Check and the history goes on without a gap from
//     the stored Sequence to the new one, else core.ErrInvalidRecord. That a
//     transaction has at most one live attempt is part of it.
//   - Ids and the time-like parts of a row that make its key do not change.
//
// A commit may hold several transactions, each once. Order within a commit is
// that of the fields of core.Commit: an inbox row that is put and done in one
// commit is gone afterwards; only claims are freed before new ones are taken. Rows to remove that are gone already are no fault;
// InboxRetry does not bring back a row that is gone.
//
// The store sets versions: Was + 1. An idempotency row whose Answered is a
// transaction of the same commit keeps it with that version.
//
// Apply obeys its context until the commit is queued. From then on the context
// is ignored, because a caller that hangs up changes nothing. What it returns
// is final, with these exceptions: core.ErrPoisoned, and whatever an
// implementation over a network documents, leave the fate unknown. The commit
// is then found again by its event id in History.
//
// core.ErrReadOnly means that nothing was stored and that reading goes on.
//
// # Reading
//
// Every read returns a copy that the caller may change. A single record that is
// not there is core.ErrNotFound. A record that breaks an invariant is
// core.ErrInvalidRecord. A read sees every commit whose Apply has returned.
//
// Lists go by ULID, newest first. A page ends after its limit, or after
// PageReadMax records read, so it may be short or empty and still have a next
// one. A cursor is opaque, and belongs to the filter it came with; a text that
// is none is core.ErrInvalidRequest. CreatedAfter is included and CreatedBefore
// is not; both count on the time in an id being within ClockSlack of CreatedAt.
// So do the times of a Scan, which goes the other way and reads only what a
// core.Past holds.
//
// # Time
//
// A store has no clock: the times of its records and of its questions are given.
// Due returns the work whose time has come, the earliest first, and holds each
// piece back from further questions until now + hold; a piece whose time was
// changed is a new piece. Holding saves work and guards nothing: the version guards.
package store
