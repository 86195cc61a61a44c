package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/store/boltstore"
)

func newStore() *cobra.Command {
	store := &cobra.Command{
		Use: "store", Short: "Check, copy and measure the store of a stopped engine", Args: cobra.NoArgs, RunE: help,
		Long: "Check, copy and measure a store file. The file must not be open in a running engine.",
	}
	store.AddCommand(
		&cobra.Command{
			Use: "check PATH", Short: "Walk every record against the invariants",
			Args: cobra.ExactArgs(1), RunE: storeCheck,
		},
		&cobra.Command{
			Use: "backup PATH COPY", Short: "Write a checked copy",
			Args: cobra.ExactArgs(2), RunE: storeBackup,
		},
		&cobra.Command{
			Use: "stats PATH", Short: "Print sizes and counts",
			Args: cobra.ExactArgs(1), RunE: storeStats,
		},
	)
	return store
}

// checked is a report as JSON.
type checked struct {
	Records  map[string]int `json:"records"`
	Problems []string       `json:"problems"`
}

// figures are the statistics of a stopped store as JSON.
type figures struct {
	File                 string `json:"file"`
	Bytes                int64  `json:"bytes"`
	FreeBytes            int64  `json:"free_bytes"`
	NotificationsWaiting int    `json:"notifications_waiting"`
	EventsWaiting        int    `json:"events_waiting"`
}

func storeCheck(cmd *cobra.Command, args []string) error {
	found, err := boltstore.Check(cmd.Context(), args[0])
	if err != nil {
		return negative(err)
	}
	err = show(cmd, checked{found.Records, append([]string{}, found.Problems...)}, func(w io.Writer) error {
		for _, bucket := range sortedKeys(found.Records) {
			fmt.Fprintf(w, "%-14s %d\n", bucket, found.Records[bucket])
		}
		for _, problem := range found.Problems {
			fmt.Fprintln(w, "problem:", problem)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !found.OK() {
		return negative(fmt.Errorf("%s: %s", args[0], count(len(found.Problems), "problem")))
	}
	if !wantsJSON(cmd) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s is whole\n", args[0])
	}
	return nil
}

func storeBackup(cmd *cobra.Command, args []string) error {
	opened, err := boltstore.OpenReadOnly(args[0])
	if err != nil {
		return negative(err)
	}
	defer func() { _ = opened.Close() }() // Nothing was written.
	if err := opened.Backup(cmd.Context(), args[1]); err != nil {
		return negative(err)
	}
	copied := map[string]string{"from": args[0], "to": args[1]}
	return show(cmd, copied, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s is a checked copy of %s\n", args[1], args[0])
		return err
	})
}

func storeStats(cmd *cobra.Command, args []string) error {
	opened, err := boltstore.OpenReadOnly(args[0])
	if err != nil {
		return negative(err)
	}
	defer func() { _ = opened.Close() }() // Nothing was written.
	stats, err := opened.Stats(cmd.Context())
	if err != nil {
		return negative(err)
	}
	shown := figures{stats.Path, stats.Bytes, stats.FreeBytes, stats.Inbox, stats.Outbox}
	return show(cmd, shown, func(w io.Writer) error {
		return table(w, [][]string{
			{"file", stats.Path},
			{"bytes", fmt.Sprint(stats.Bytes)},
			{"free bytes", fmt.Sprint(stats.FreeBytes)},
			{"notifications waiting", fmt.Sprint(stats.Inbox)},
			{"events waiting", fmt.Sprint(stats.Outbox)},
		})
	})
}
