package coretest

import "github.com/paymux/paymux/core"

// decidedOnce looks at what operators were told and the provider heard.
func (b *book) decidedOnce(tx core.Transaction) {
	var approved, rejected bool
	for _, d := range b.Decisions {
		if d.Transaction == tx.ID {
			approved = approved || d.Verb == core.CallApprove
			rejected = rejected || d.Verb == core.CallReject
		}
	}
	refused := false
	for _, entry := range b.entries[tx.ID] {
		refused = refused || entry.Undecidable > 0
		if entry.Approved > 0 && rejected && !approved {
			b.report(DecidedOnce, tx.ID, "was rejected, and %s approved it", entry.Account)
		}
		if entry.Rejected > 0 && approved && !rejected {
			b.report(DecidedOnce, tx.ID, "was approved, and %s rejected it", entry.Account)
		}
	}
	if approved && rejected && !refused {
		b.report(DecidedOnce, tx.ID, "was approved and rejected")
	}
}
