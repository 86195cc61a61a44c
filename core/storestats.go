package core

// StoreStats are figures of a store and of what its writer did since it was opened.
type StoreStats struct {
	// Bytes is the size of the file, FreeBytes how much of it is free for new records.
	Bytes, FreeBytes int64
	// Inbox and Outbox count the rows that are not used up.
	Inbox, Outbox int
	// Commits were applied in Batches syncs of the file; Refused were not applied.
	Commits, Batches, Refused uint64
	// ReadOnly says why nothing can be written now, empty while it can.
	ReadOnly string
}
