package orchestrator

import (
	"context"
	"fmt"

	"github.com/paymux/paymux/core"
)

// RecordAdoptions writes into the audit, before a provider is asked, what an
// operator wants taken over from it after a statement was compared.
func (o *Orchestrator) RecordAdoptions(ctx context.Context, caller core.Caller, account string, adoptions []core.Adoption) error {
	var commit core.Commit
	for _, one := range adoptions {
		detail := fmt.Sprintf("attempt %d at %s", one.Attempt, account)
		if one.Transaction == "" {
			detail = "transfer " + one.ProviderRef + " at " + account
		}
		commit.Audit = append(commit.Audit, o.audit(caller, "adopt", one.Transaction, detail))
	}
	return refusalOrNil(o.apply(ctx, commit))
}
