package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

func newReconcile() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reconcile", Short: "Compare what a provider says with what is recorded",
		Long: "Compare what a provider lists of an account, or a CSV file that it gave you, with what a running engine has\n" +
			"recorded, and print what differs: missing_here, missing_there, different_amount, different_state, duplicate.\n" +
			"Nothing is changed without --adopt. Exit code 1 when anything differs or was not read, 2 when nothing was compared.\n\n" +
			"A day is a whole day: --from 2026-11-01 --to 2026-11-02 are two days, in UTC or in --zone; a moment of --to is not\n" +
			"included. A payment is looked for by our reference and then by the provider's; a provider's list is read a day\n" +
			"around before anything is called missing. A file should reach some minutes beyond the time at both ends.\n\n" +
			"The file needs a row with the names of its columns: reference or provider_reference, amount, status; and, where\n" +
			"there are any, currency, created_at, kind. Separators are comma, semicolon or tab.\n\n" +
			"The key is read from PAYMUX_KEY, the address from --url or PAYMUX_URL.",
		Example: "  engine reconcile --account acme-payouts --from 2026-11-01 --to 2026-11-02\n" +
			"  engine reconcile --account acme-ci --from 2026-11-01 --to 2026-11-01 --csv november.csv \\\n" +
			"    --column reference=\"Merchant ref\" --column amount=Total --status ACCEPTED=succeeded,REFUSED=failed --adopt",
		Args: cobra.NoArgs, RunE: reconcile,
	}
	flags := cmd.Flags()
	flags.String("url", envOr("PAYMUX_URL", "http://127.0.0.1:8080"), "address of the engine")
	flags.String("account", "", "the provider account (required)")
	flags.String("from", "", "a day, or a moment such as 2026-11-01T10:00:00Z (required)")
	flags.String("to", "", "a day, which is included, or a moment, which is not (required)")
	flags.String("zone", "UTC", "the zone of days and of times without one, such as Africa/Abidjan")
	flags.String("csv", "", "compare this file in place of the provider's list")
	flags.StringToString("column", nil, "with --csv: what a column is called in the file, such as reference=\"Our id\"")
	flags.StringToString("status", nil, "with --csv: what the file's words mean, such as ACCEPTED=succeeded,REFUSED=failed; * is all others")
	flags.StringToString("kind", nil, "with --csv: what the file's words for a kind mean, such as deposit=payment")
	flags.String("currency", "", "with --csv: the currency of rows without one")
	flags.Bool("decimal-comma", false, "with --csv: a comma stands before decimals")
	flags.Bool("adopt", false, "ask the provider about what differs, and take over what it answers")
	flags.Bool("yes", false, "with --adopt: do not ask me first")
	return cmd
}

// wish is what a reconciliation was asked for.
type wish struct {
	account, file   string
	from, to        time.Time
	format          fileFormat
	adopt, unasking bool
}

func reconcile(cmd *cobra.Command, _ []string) error {
	asked, err := wishOf(cmd)
	if err != nil {
		return err
	}
	c, err := clientOf(cmd)
	if err != nil {
		return err
	}
	defer c.Close()
	r := newReconciliation(c, asked.account, asked.from, asked.to)
	if err = r.compare(cmd.Context(), asked); err != nil {
		return advise(err)
	}
	var adopted []api.Adopted
	if asked.adopt {
		if !wantsJSON(cmd) {
			if err := r.print(cmd, nil); err != nil {
				return err
			}
		}
		adopted, err = r.adopt(cmd, asked.unasking)
	}
	if told := r.report(cmd, asked.adopt, adopted); told != nil {
		return told
	}
	if err != nil { // What was compared, and adopted before, is told all the same.
		return negative(advise(err))
	}
	return r.verdict()
}

// report prints the comparison, or, where it was printed before an adoption, what came of that.
func (r *reconciliation) report(cmd *cobra.Command, adopting bool, adopted []api.Adopted) error {
	if adopting && !wantsJSON(cmd) {
		return writeAdopted(cmd.OutOrStdout(), adopted)
	}
	return r.print(cmd, adopted)
}

// verdict is the exit code.
func (r *reconciliation) verdict() error {
	switch n := r.differences(); {
	case n > 0:
		return &exitError{exitNegative, fmt.Errorf("differences: %d", n)}
	case len(r.unread) > 0:
		return &exitError{exitNegative, errors.New("not all of the list was read")}
	case r.outside > 0 && r.outside == r.sent:
		return errors.New("nothing was compared: no row of the file is of that time; look at --from, --to and --zone")
	default:
		return nil
	}
}

// compare reads a file twice: what is wrong in it is found before anything is sent.
func (r *reconciliation) compare(ctx context.Context, asked wish) error {
	if asked.file == "" {
		return r.compareList(ctx)
	}
	file, err := os.Open(asked.file)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, err := range readStatement(file, asked.format) {
		if err != nil {
			return fmt.Errorf("%s: %w", asked.file, err)
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%s: it is read twice, and must be a file: %w", asked.file, err)
	}
	return r.compareFile(ctx, readStatement(file, asked.format))
}

func wishOf(cmd *cobra.Command) (wish, error) {
	var asked wish
	var from, to, zone string
	var faults []error
	for name, into := range map[string]*string{
		"account": &asked.account, "csv": &asked.file, "from": &from, "to": &to, "zone": &zone, "currency": &asked.format.Currency,
	} {
		value, err := cmd.Flags().GetString(name)
		*into = value
		faults = append(faults, err)
	}
	for name, into := range map[string]*bool{
		"adopt": &asked.adopt, "yes": &asked.unasking, "decimal-comma": &asked.format.DecimalComma,
	} {
		value, err := cmd.Flags().GetBool(name)
		*into = value
		faults = append(faults, err)
	}
	for name, into := range map[string]*map[string]string{
		"column": &asked.format.Columns, "status": &asked.format.States, "kind": &asked.format.Kinds,
	} {
		value, err := cmd.Flags().GetStringToString(name)
		*into = value
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return asked, err
	}
	if asked.account == "" || from == "" || to == "" {
		return asked, errors.New("--account, --from and --to are required")
	}
	if asked.file == "" && cmd.Flags().Changed("csv") {
		return asked, errors.New("--csv: is empty: name a file, or leave it out to compare the provider's list")
	}
	if asked.adopt && wantsJSON(cmd) && !asked.unasking {
		return asked, errors.New("--adopt with --json asks nobody: say --yes")
	}
	if err := asked.inTime(from, to, zone); err != nil {
		return asked, err
	}
	return asked, asked.checkFormat(cmd)
}

func (w *wish) inTime(from, to, zone string) error {
	place, err := time.LoadLocation(zone)
	if err != nil {
		return errors.New("--zone: must be a zone such as Africa/Abidjan")
	}
	w.format.Zone = place
	if w.from, _, err = momentOf(from, place); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	var day bool
	if w.to, day, err = momentOf(to, place); err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	if day {
		w.to = w.to.AddDate(0, 0, 1)
	}
	switch {
	case !w.to.After(w.from):
		return errors.New("--to: must be after --from")
	case w.to.Sub(w.from) > api.StatementMax:
		return errors.New("--to: is more than 31 days after --from: compare a part at a time")
	default:
		return nil
	}
}

// checkFormat refuses words that mean nothing here, and flags of a file where there is none.
func (w *wish) checkFormat(cmd *cobra.Command) error {
	for _, name := range []string{"column", "status", "kind", "currency", "decimal-comma"} {
		if w.file == "" && cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s: goes with --csv only", name)
		}
	}
	for column := range w.format.Columns {
		if !slices.Contains(statementColumns(), column) {
			return fmt.Errorf("--column: %q is none of %s", column, strings.Join(statementColumns(), ", "))
		}
	}
	for flag, said := range map[string]struct {
		words map[string]string
		ours  []string
	}{
		"status": {w.format.States, api.StatementStates()}, "kind": {w.format.Kinds, []string{"payment", "payout", "refund"}},
	} {
		for word, means := range said.words {
			if !slices.Contains(said.ours, means) {
				return fmt.Errorf("--%s: %s=%q: must be one of %s", flag, word, means, strings.Join(said.ours, ", "))
			}
		}
	}
	if api.StatementMoneyFault("", w.format.Currency) != "" {
		return errors.New("--currency: must be an ISO 4217 code such as XOF")
	}
	return nil
}

// reconciled is what is printed as JSON.
type reconciled struct {
	Provider    string         `json:"provider"`
	From        time.Time      `json:"from"`
	To          time.Time      `json:"to"`
	Differences int            `json:"differences"`
	Data        []api.Finding  `json:"data"`
	Summary     []classSummary `json:"summary"`
	Unread      []string       `json:"unread"`
	// Outside counts the rows of a file that are of another time.
	Outside int           `json:"outside"`
	Adopted []api.Adopted `json:"adopted"`
}

func (r *reconciliation) print(cmd *cobra.Command, adopted []api.Adopted) error {
	all := reconciled{
		Provider: r.account, From: r.from.UTC(), To: r.to.UTC(), Differences: r.differences(), Data: r.findings,
		Summary: r.tally.summary(), Unread: r.unread, Outside: r.outside, Adopted: slices.Concat([]api.Adopted{}, adopted),
	}
	return show(cmd, all, func(w io.Writer) error {
		fmt.Fprintf(w, "%s from %s to %s\n", r.account, clock(r.from), clock(r.to))
		if err := writeFindings(w, r.findings); err != nil {
			return err
		}
		for _, why := range r.unread {
			fmt.Fprintf(w, "not compared: %s\n", why)
		}
		if r.outside > 0 {
			fmt.Fprintf(w, "not compared, because they are of another time: %s of the file\n", count(r.outside, "row"))
		}
		return writeSummary(w, r.tally.summary())
	})
}

func writeFindings(w io.Writer, findings []api.Finding) error {
	rows := [][]string{{"\nCLASS", "LINE", "AT", "REFERENCE", "PROVIDER REF", "THERE", "HERE", "TRANSACTION", "WHY"}}
	for _, f := range findings {
		row, record := api.StatementRow{}, api.Record{}
		line, at, there, here := "", "", "-", "-"
		if f.Record != nil {
			record = *f.Record
			at, here = clock(record.At), record.State+" "+record.Amount+" "+record.Currency
		}
		if f.Row != nil {
			row = *f.Row
			there = row.State + " " + row.Amount + " " + row.Currency
			if row.CreatedAt != nil {
				at = clock(*row.CreatedAt)
			}
			if row.Line > 0 {
				line = fmt.Sprint(row.Line)
			}
		}
		rows = append(rows, []string{
			f.Class, line, at, cmp.Or(record.Reference, row.Reference), cmp.Or(row.ProviderReference, record.ProviderReference),
			strings.TrimSpace(there), here, record.Transaction, f.Why,
		})
	}
	if len(rows) == 1 {
		return nil
	}
	return table(w, rows)
}

func writeSummary(w io.Writer, summary []classSummary) error {
	rows := [][]string{{"\nCLASS", "COUNT", "CURRENCY", "THERE", "HERE"}}
	for _, one := range summary {
		rows = append(rows, []string{one.Class, fmt.Sprint(one.Count)})
		for i, s := range one.Sums {
			sums := []string{s.Currency, s.There, s.Here}
			if i == 0 {
				rows[len(rows)-1] = append(rows[len(rows)-1], sums...)
				continue
			}
			rows = append(rows, append([]string{"", ""}, sums...))
		}
	}
	return table(w, rows)
}

// sortFindings puts what differs first, by class and time.
func sortFindings(findings []api.Finding) {
	rank := map[string]int{}
	for i, class := range []core.StatementClass{
		core.StatementDifferentState, core.StatementDifferentAmount, core.StatementMissingHere,
		core.StatementMissingThere, core.StatementDuplicate,
	} {
		rank[string(class)] = i - len(core.StatementClasses())
	}
	slices.SortStableFunc(findings, func(a, b api.Finding) int {
		return cmp.Or(rank[a.Class]-rank[b.Class], momentOfFinding(a).Compare(momentOfFinding(b)))
	})
}

func momentOfFinding(f api.Finding) time.Time {
	switch {
	case f.Record != nil:
		return f.Record.At
	case f.Row.CreatedAt != nil:
		return *f.Row.CreatedAt
	default:
		return time.Time{}
	}
}
