package api

import (
	"time"

	"github.com/paymux/paymux/core"
)

// History is every transition of one transaction, oldest first.
type History struct {
	Data []HistoryEntry `json:"data" nullable:"false"`
}

// HistoryEntry is one transition.
type HistoryEntry struct {
	Sequence uint32    `json:"sequence"`
	At       time.Time `json:"at"`
	Event    string    `json:"event"`
	From     string    `json:"from" doc:"The state before, empty for the first entry"`
	To       string    `json:"to"`
	Cause    string    `json:"cause"`
	Actor    string    `json:"actor"`
}

// HistoryOf returns what clients may see of the history of tx.
func HistoryOf(tx core.Transaction, entries []core.HistoryEntry) History {
	words := maskerOf(tx)
	history := History{Data: make([]HistoryEntry, 0, len(entries))}
	for _, e := range entries {
		history.Data = append(history.Data, HistoryEntry{
			Sequence: e.Sequence, At: shown(e.At), Event: e.Event, From: stateWord(e.From), To: stateWord(e.To),
			Cause: words.text(e.Cause), Actor: e.Actor,
		})
	}
	return history
}

func stateWord(s core.State) string {
	if s == core.StateNone {
		return ""
	}
	return s.String()
}
