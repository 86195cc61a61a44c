package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/store/boltstore"
)

func newStore() *cobra.Command {
	store := &cobra.Command{
		Use: "store", Short: "Check, copy, measure, compact and restore a store", Args: cobra.NoArgs, RunE: help,
		Long: "Check, copy, measure, compact and restore a store. A file given by its path must not be open in a running\n" +
			"engine; backup and stats without one ask the engine at --url or PAYMUX_URL, with the operator's key in PAYMUX_KEY.",
	}
	store.AddCommand(newStoreCheck(), newStoreBackup(), newStoreStats(), newStoreCompact(), newStoreRestore())
	return store
}

func newStoreCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check PATH", Short: "Walk every record against the invariants", Args: cobra.ExactArgs(1), RunE: storeCheck,
	}
}

func newStoreBackup() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup [PATH] COPY", Short: "Write a checked copy",
		Long: "Write a checked copy of the file at PATH or, without a PATH, of the store of the running engine, which goes on\n" +
			"meanwhile. It holds names and phones: keep it as safe as the store.",
		Args: cobra.RangeArgs(1, 2), RunE: storeBackup,
	}
	addURL(cmd)
	return cmd
}

func newStoreStats() *cobra.Command {
	cmd := &cobra.Command{
		Use: "stats [PATH]", Short: "Print sizes and counts",
		Long: "Print sizes and counts of the file at PATH or, without a PATH, of the store of the running engine.",
		Args: cobra.MaximumNArgs(1), RunE: storeStats,
	}
	addURL(cmd)
	return cmd
}

// checked is a report as JSON.
type checked struct {
	Records  map[string]int `json:"records"`
	Problems []string       `json:"problems"`
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
	to := args[len(args)-1]
	if len(args) == 1 {
		return withClient(func(cmd *cobra.Command, c *client.Client, _ []string) error {
			err := boltstore.Receive(cmd.Context(), to, func(w io.Writer) error {
				_, err := c.Backup(cmd.Context(), w)
				return err
			})
			if err != nil {
				return err
			}
			return showCopy(cmd, "the running engine's store", to)
		})(cmd, args)
	}
	opened, err := boltstore.OpenReadOnly(args[0])
	if err != nil {
		return negative(err)
	}
	defer func() { _ = opened.Close() }() // Nothing was written.
	if err := opened.Backup(cmd.Context(), to); err != nil {
		return negative(err)
	}
	return showCopy(cmd, args[0], to)
}

func showCopy(cmd *cobra.Command, from, to string) error {
	return show(cmd, map[string]string{"from": from, "to": to}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s is a checked copy of %s\n", to, from)
		return err
	})
}

func storeStats(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return withClient(func(cmd *cobra.Command, c *client.Client, _ []string) error {
			stats, err := c.StoreStats(cmd.Context())
			if err != nil {
				return err
			}
			return show(cmd, stats, func(w io.Writer) error { return table(w, append(sizes(stats), work(stats)...)) })
		})(cmd, args)
	}
	opened, err := boltstore.OpenReadOnly(args[0])
	if err != nil {
		return negative(err)
	}
	defer func() { _ = opened.Close() }() // Nothing was written.
	stats, err := opened.Stats(cmd.Context())
	if err != nil {
		return negative(err)
	}
	shown := stopped(args[0], stats)
	return show(cmd, shown, func(w io.Writer) error {
		return table(w, append([][]string{{"file", shown.File}}, sizes(api.StoreStatsOf(stats))...))
	})
}

// figures are the statistics of a stopped store as JSON.
type figures struct {
	File                 string `json:"file"`
	Bytes                int64  `json:"bytes"`
	FreeBytes            int64  `json:"free_bytes"`
	NotificationsWaiting int    `json:"notifications_waiting"`
	EventsWaiting        int    `json:"events_waiting"`
}

func stopped(path string, s core.StoreStats) figures {
	return figures{path, s.Bytes, s.FreeBytes, s.Inbox, s.Outbox}
}

func sizes(s api.StoreStats) [][]string {
	return [][]string{
		{"bytes", fmt.Sprint(s.Bytes)},
		{"free bytes", fmt.Sprint(s.FreeBytes)},
		{"notifications waiting", fmt.Sprint(s.NotificationsWaiting)},
		{"events waiting", fmt.Sprint(s.EventsWaiting)},
	}
}

// work is what only a running engine tells.
func work(s api.StoreStats) [][]string {
	rows := [][]string{
		{"commits", fmt.Sprint(s.Commits)},
		{"syncs", fmt.Sprint(s.Syncs)},
		{"refused", fmt.Sprint(s.Refused)},
	}
	if s.ReadOnly != "" {
		rows = append(rows, []string{"read-only", s.ReadOnly})
	}
	return rows
}
