package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store/boltstore"
)

func newStoreRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore BACKUP PATH", Short: "Make a backup the store at PATH, so that nothing is sent twice",
		Long: "Make a copy of the backup the store at PATH of a stopped engine. What became of its transactions after the\n" +
			"backup is not in it: every payout and refund that is not over may have been sent and goes to review, where a\n" +
			"person decides; payments that are not over are asked about first when the engine starts. Histories and the\n" +
			"audit say so. A payout that waited for an approval has no attempt: where the portal shows it, resolve it as succeeded.\n\n" +
			"What was accepted after the backup is in no backup. Look for it in the providers' portals before clients\n" +
			"repeat their requests: a repeated request of that time would be a new transaction.",
		Args: cobra.ExactArgs(2), RunE: storeRestore,
	}
	cmd.Flags().Bool("force", false, "replace the store at PATH, which is kept beside it as PATH.old")
	return cmd
}

// restoration is what was restored, as JSON.
type restoration struct {
	File   string `json:"file"`
	Backup string `json:"backup"`
	// Kept is the former store's name, empty where there was none.
	Kept   string `json:"kept"`
	Review int    `json:"review"`
	Asked  int    `json:"asked"`
}

func storeRestore(cmd *cobra.Command, args []string) error {
	force, err := cmd.Flags().GetBool("force")
	if err != nil {
		return err
	}
	var found engine.Restored
	kept, err := boltstore.Restore(cmd.Context(), boltstore.Restoration{
		Backup: args[0], Path: args[1], Replace: force,
		Prepare: func(ctx context.Context, s *boltstore.Store) (err error) {
			found, err = engine.Restore(ctx, s, operator, "restored from "+filepath.Base(args[0]))
			return err
		},
	})
	if errors.Is(err, fs.ErrExist) && !force {
		err = fmt.Errorf("%w: --force replaces it and keeps it beside the new one", err)
	}
	if err != nil {
		return negative(err)
	}
	done := restoration{args[1], args[0], kept, found.Review, found.Asked}
	return show(cmd, done, func(w io.Writer) error {
		fmt.Fprintf(w, "%s is restored from %s\n%s\n", done.File, done.Backup, found)
		if kept != "" {
			fmt.Fprintf(w, "the former store is kept as %s\n", kept)
		}
		if done.Review > 0 {
			fmt.Fprintln(w, "start the engine, look at `engine tx list --state review`, and settle each with `engine tx resolve`")
		}
		return nil
	})
}

func newStoreCompact() *cobra.Command {
	return &cobra.Command{
		Use: "compact PATH [COPY]", Short: "Give the free room in the file of a stopped engine back to the disk",
		Long: "Write the store of a stopped engine anew, without its free room, and check what was written. Without COPY it then\n" +
			"takes the place of the old file in one step; with COPY it gets that name and the old file stays.",
		Args: cobra.RangeArgs(1, 2), RunE: storeCompact,
	}
}

// compaction is what a compaction did, as JSON.
type compaction struct {
	Before figures `json:"before"`
	After  figures `json:"after"`
}

func storeCompact(cmd *cobra.Command, args []string) error {
	copied, target := "", args[0]
	if len(args) == 2 {
		copied, target = args[1], args[1]
	}
	done, err := boltstore.Compact(cmd.Context(), args[0], copied)
	if err != nil {
		return negative(err)
	}
	shown := compaction{stopped(args[0], done.Before), stopped(target, done.After)}
	return show(cmd, shown, func(w io.Writer) error {
		return table(w, [][]string{
			{"", "BYTES", "FREE BYTES"},
			{"before", fmt.Sprint(done.Before.Bytes), fmt.Sprint(done.Before.FreeBytes)},
			{"after", fmt.Sprint(done.After.Bytes), fmt.Sprint(done.After.FreeBytes)},
		})
	})
}
