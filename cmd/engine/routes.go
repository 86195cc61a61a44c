package main

import "github.com/spf13/cobra"

func newRoutes() *cobra.Command {
	routes := &cobra.Command{
		Use: "routes", Short: "Look at the routing rules of a running engine, and go back to former ones", Args: cobra.NoArgs, RunE: help,
	}
	routes.AddCommand(newGenerations(), newRollback())
	return routes
}
