package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/api"
)

// adopt asks the provider about what differs, after asking the operator.
func (r *reconciliation) adopt(cmd *cobra.Command, unasking bool) ([]api.Adopted, error) {
	attempts, transfers := r.adoptable()
	if len(attempts)+len(transfers) == 0 {
		if !wantsJSON(cmd) {
			fmt.Fprintln(cmd.OutOrStdout(), "\nnothing can be adopted")
		}
		return nil, nil
	}
	if !unasking && !agreed(cmd, len(attempts), len(transfers)) {
		fmt.Fprintln(cmd.ErrOrStderr(), "nothing was adopted")
		return nil, nil
	}
	var adopted []api.Adopted
	for len(attempts)+len(transfers) > 0 {
		some := api.Adopt{
			Attempts: attempts[:min(len(attempts), api.AdoptMax)], Transfers: transfers[:min(len(transfers), api.AdoptMax)],
		}
		attempts, transfers = attempts[len(some.Attempts):], transfers[len(some.Transfers):]
		answer, err := r.client.Adopt(cmd.Context(), r.account, some)
		if err != nil {
			return adopted, err
		}
		adopted = append(adopted, answer.Data...)
	}
	return adopted, nil
}

// adoptable are the attempts to ask about and the transfers to receive.
func (r *reconciliation) adoptable() (attempts []api.AdoptAttempt, transfers []api.AdoptTransfer) {
	for _, f := range r.findings {
		switch {
		case !f.Adoptable:
		case f.Record != nil && f.Record.Attempt > 0:
			attempts = append(attempts, api.AdoptAttempt{Transaction: f.Record.Transaction, Attempt: f.Record.Attempt})
		case f.Row != nil && f.Row.ProviderReference != "":
			transfers = append(transfers, api.AdoptTransfer{ProviderReference: f.Row.ProviderReference, CreatedAt: r.listedAt(f)})
		}
	}
	return attempts, transfers
}

// listedAt is where in the provider's list a transfer is.
func (r *reconciliation) listedAt(f api.Finding) time.Time {
	switch {
	case f.Row.CreatedAt != nil:
		return *f.Row.CreatedAt
	case f.Record != nil:
		return f.Record.At
	default:
		return r.from
	}
}

// agreed asks the operator.
func agreed(cmd *cobra.Command, attempts, transfers int) bool {
	fmt.Fprintf(cmd.ErrOrStderr(), "\nask the provider now (attempts: %d, transfers: %d)? [y/N] ", attempts, transfers)
	answer, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n') // No answer is a no.
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

func writeAdopted(w io.Writer, adopted []api.Adopted) error {
	if len(adopted) == 0 {
		return nil
	}
	rows := [][]string{{"\nADOPTED", "ATTEMPT", "PROVIDER REF", "BEFORE", "AFTER", "PROBLEM"}}
	for _, one := range adopted {
		attempt := ""
		if one.Attempt > 0 {
			attempt = fmt.Sprint(one.Attempt)
		}
		rows = append(rows, []string{one.Transaction, attempt, one.ProviderReference, one.Before, one.After, one.Problem})
	}
	return table(w, rows)
}
