package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/httpapi"
)

// operator is who the command acts as inside its own process.
var operator = core.Caller{Actor: "command", Merchant: "default", Operator: true}

func newKeys() *cobra.Command {
	keys := &cobra.Command{Use: "keys", Short: "Make API keys", Args: cobra.NoArgs, RunE: help}
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a key and the configuration line that admits it",
		Long:  "Make a random key. Only its SHA-256 goes into the configuration: the key itself is shown once, here.",
		Args:  cobra.NoArgs,
		RunE:  newKey,
	}
	cmd.Flags().String("id", "shop", "name of the key, shown in histories and the audit")
	cmd.Flags().String("merchant", "default", "merchant whose transactions the key sees")
	cmd.Flags().StringSlice("scopes", []string{"payments:write", "read"}, "what the key may do")
	keys.AddCommand(cmd)
	return keys
}

func newKey(cmd *cobra.Command, _ []string) error {
	id, err := cmd.Flags().GetString("id")
	if err != nil {
		return err
	}
	merchant, err := cmd.Flags().GetString("merchant")
	if err != nil {
		return err
	}
	scopes, err := cmd.Flags().GetStringSlice("scopes")
	if err != nil {
		return err
	}
	for _, scope := range scopes {
		if !slices.Contains(httpapi.Scopes(), httpapi.Scope(scope)) {
			return fmt.Errorf("--scopes: %q is no scope; known are %v", scope, httpapi.Scopes())
		}
	}
	key := "pmx_" + strings.ToLower(rand.Text())
	sum := sha256.Sum256([]byte(key))
	made := map[string]any{"key": key, "id": id, "sha256": hex.EncodeToString(sum[:]), "merchant": merchant, "scopes": scopes}
	lines := fmt.Sprintf("auth:\n  keys:\n    - { id: %s, sha256: %q, merchant: %s, scopes: [%s] }\n",
		id, made["sha256"], merchant, strings.Join(scopes, ", "))
	if err := usable(lines); err != nil {
		return err
	}
	return show(cmd, made, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "key (shown once): %s\n\n%s", key, lines)
		return err
	})
}

// usable reports what a configuration would not take of lines.
func usable(lines string) error {
	_, found := config.Parse("paymux.yaml", []byte(lines), nil)
	for _, d := range found {
		if !d.Warning {
			return fmt.Errorf("the configuration would refuse this key: %s", strings.TrimPrefix(d.Path+": "+d.Message, ": "))
		}
	}
	return nil
}
