package api

import "github.com/paymux/paymux/core"

// StoreStats are figures of the store and of what its writer did since the engine started.
type StoreStats struct {
	Bytes                int64  `json:"bytes" doc:"Size of the file"`
	FreeBytes            int64  `json:"free_bytes" doc:"How much of it is free for new records"`
	NotificationsWaiting int    `json:"notifications_waiting"`
	EventsWaiting        int    `json:"events_waiting"`
	Commits              uint64 `json:"commits" doc:"Applied since the engine started"`
	Syncs                uint64 `json:"syncs" doc:"How many syncs of the file they shared"`
	Refused              uint64 `json:"refused" doc:"Commits whose precondition did not hold, or that could not be written"`
	ReadOnly             string `json:"read_only" doc:"Why nothing can be written now; empty while it can"`
}

// StoreStatsOf returns the public form of s.
func StoreStatsOf(s core.StoreStats) StoreStats {
	return StoreStats{
		Bytes: s.Bytes, FreeBytes: s.FreeBytes, NotificationsWaiting: s.Inbox, EventsWaiting: s.Outbox,
		Commits: s.Commits, Syncs: s.Batches, Refused: s.Refused, ReadOnly: s.ReadOnly,
	}
}
