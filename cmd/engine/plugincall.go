package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

func newPluginCall() *cobra.Command {
	cmd := &cobra.Command{
		Use: "call PATH METHOD", Short: "Start a binary, open one account in it and call one method",
		Long: "Start a binary, open one account in it with the settings of a file, call one method of the protocol, print the answer\n" +
			"as JSON, and end it. Secrets and personal data are left out of the answer.\n\n" +
			"The request is JSON as provider.proto has it; account and settings are filled in. A method that may move money is\n" +
			"called on this machine alone, where a sandbox is, unless --yes says that it is meant.\n\n" +
			"Methods: " + strings.Join(wire.Methods(), ", "),
		Example: `  engine plugin call bin/plugins/acme QueryStatus --settings ci.yaml \
    --json '{"attempt": {"ref": "0abcdefghijklmnopqrstuvw1", "amount": {"minor": "5000", "currency": "XOF"}}}'`,
		Args: cobra.ExactArgs(2), ValidArgs: wire.Methods(), RunE: pluginCall,
	}
	cmd.Flags().String("settings", "", "file with the settings of the account, as under settings in paymux.yaml")
	cmd.Flags().String("json", "", "the request")
	cmd.Flags().Bool("yes", false, "call a method that may move money at a provider that is not on this machine")
	return cmd
}

// moving are the methods that may move money or what is decided about it.
var moving = []string{"CreatePayment", "CreatePayout", "CreateRefund", "Cancel", "ApprovePayout", "RejectPayout"}

func pluginCall(cmd *cobra.Command, args []string) error {
	path, method := args[0], args[1]
	request, err := cmd.Flags().GetString("json")
	if err != nil {
		return err
	}
	if err := wire.CheckRequest(method, []byte(request)); err != nil {
		return err
	}
	found, err := host.Inspect(cmd.Context(), path, hclog.NewNullLogger())
	if err != nil {
		return negative(err)
	}
	settings, err := settingsOfFile(cmd, found.Manifest.Settings, method)
	if err != nil {
		return err
	}
	if err := announceCall(cmd, found.Manifest, settings, method); err != nil {
		return err
	}
	log := hclog.New(&hclog.LoggerOptions{Name: "engine", Level: hclog.Warn, Output: cmd.ErrOrStderr()})
	answer, err := host.Call{Method: method, Settings: settings, Request: []byte(request)}.Do(cmd.Context(), path, log)
	if len(answer) > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n", answer)
	}
	return negative(err)
}

// settingsOfFile reads the settings, which only a few methods do without.
func settingsOfFile(cmd *cobra.Command, schema sdk.Schema, method string) (sdk.Settings, error) {
	path, err := cmd.Flags().GetString("settings")
	if err != nil {
		return sdk.Settings{}, err
	}
	if path == "" {
		if slices.Contains([]string{"Describe", "CheckHealth", "Shutdown"}, method) {
			return sdk.Settings{}, nil
		}
		return sdk.Settings{}, errors.New(method + " needs an account: name the file with its settings by --settings")
	}
	settings, faults := config.LoadSettings(cmd.Context(), config.Options{Path: path, Environ: os.Environ()}, schema)
	report(cmd.ErrOrStderr(), faults)
	if core.Failed(faults) {
		return sdk.Settings{}, fmt.Errorf("%s cannot be used: %s", path, count(failures(faults), "error"))
	}
	return settings, nil
}

// announceCall says what is going to happen, and refuses to move money by accident.
func announceCall(cmd *cobra.Command, m sdk.Manifest, settings sdk.Settings, method string) error {
	at, here := reached(m.Settings, settings)
	moves := slices.Contains(moving, method)
	fmt.Fprintf(cmd.ErrOrStderr(), "%s of %s %s at %s\n", method, m.Name, m.Version, at)
	yes, err := cmd.Flags().GetBool("yes")
	if err != nil || !moves || here {
		return err
	}
	if !yes {
		return fmt.Errorf("%s asks the provider at %s for real: money may move, no engine writes it down, and nothing asks later what became of it. "+
			"Point the settings at a sandbox on this machine, or say --yes", method, at)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "this is for real: keep the reference and the answer, no engine knows of it")
	return nil
}

// reached says where an account's calls go, and whether all of that is this machine.
func reached(schema sdk.Schema, settings sdk.Settings) (at string, here bool) {
	var places []string
	here = true
	for _, field := range schema {
		text := settings.Text(field.Name)
		if field.Kind != sdk.FieldURL || text == "" {
			continue
		}
		root, _ := sdk.ReadRoot(field.Name, text)
		places = append(places, root.Host)
		here = here && root.Loopback
	}
	if len(places) == 0 {
		return "an address that its settings do not tell", false
	}
	return strings.Join(places, ", "), here
}
