package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk/scaffold"
)

func newPluginNew() *cobra.Command {
	cmd := &cobra.Command{
		Use: "new NAME", Short: "Begin a plugin: a module that builds, keeps the contract and takes a payment",
		Long: "Write the module of a new plugin: the plugin of an invented provider, its sandbox, its tests, and a demo\n" +
			"engine. All of it works before a line is changed. What the provider does is the flavour:\n\n" +
			"  redirect   payments on a page of the provider's\n" +
			"  prompt     payments that the customer confirms on a phone\n" +
			"  transfer   payments that are found in the provider's list\n" +
			"  payout     payouts",
		Args: cobra.ExactArgs(1), RunE: pluginNew,
	}
	cmd.Flags().String("flavour", string(scaffold.Redirect), "redirect, prompt, transfer or payout")
	cmd.Flags().String("dir", "", "folder to make; default: the name")
	cmd.Flags().String("module", "", "path of the Go module; default: example.com/NAME")
	cmd.Flags().String("replace", "", "checkout of Paymux to build with; default: the one that this folder or this command is in")
	return cmd
}

// begun is what plugin new says.
type begun struct {
	Name     string   `json:"name"`
	Flavour  string   `json:"flavour"`
	Dir      string   `json:"dir"`
	Checkout string   `json:"checkout,omitempty"`
	Next     []string `json:"next"`
}

func pluginNew(cmd *cobra.Command, args []string) error {
	flags := map[string]string{}
	for _, name := range []string{"flavour", "dir", "module", "replace"} {
		value, err := cmd.Flags().GetString(name)
		if err != nil {
			return err
		}
		flags[name] = value
	}
	checkout, err := checkoutFor(flags["replace"])
	if err != nil {
		return err
	}
	files, err := scaffold.Render(scaffold.Options{
		Name: args[0], Flavour: scaffold.Flavour(flags["flavour"]), Module: flags["module"],
		Version: engine.Version, Checkout: checkout,
	})
	if err != nil {
		return err
	}
	done := begun{Name: args[0], Flavour: flags["flavour"], Dir: flags["dir"]}
	if done.Dir == "" {
		done.Dir = args[0]
	}
	if checkout != nil {
		done.Checkout = checkout.Dir()
	}
	if err := files.Write(done.Dir); err != nil {
		return unwritten(done.Dir, err)
	}
	done.Next = done.next()
	return show(cmd, done, done.write)
}

func unwritten(dir string, err error) error {
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already, and nothing was written: remove it, or give another --dir", dir)
	}
	return negative(fmt.Errorf("%s was not made: %w", dir, err))
}

// checkoutFor reads the checkout that was named, or looks for one around this
// folder and around the command itself. It may find none.
func checkoutFor(replace string) (*scaffold.Checkout, error) {
	if replace != "" {
		return scaffold.ReadCheckout(replace)
	}
	var around []string
	if here, err := os.Getwd(); err == nil {
		around = append(around, here)
	}
	if self, err := os.Executable(); err == nil {
		around = append(around, filepath.Dir(self))
	}
	return scaffold.FindCheckout(around...)
}

// next are the commands that lead to a first payment.
func (b begun) next() []string {
	engine := command()
	lines := []string{
		"cd " + b.Dir,
		"go run ./sandbox/run &",
		"go test ./... && go build -o bin/" + b.Name + " .",
		engine + " plugin test bin/" + b.Name + " --settings sandbox.yaml",
		engine + " serve -c paymux.yaml",
	}
	if b.Checkout == "" {
		lines[0] += " && go mod tidy"
	}
	return lines
}

// command is how this command is called in a shell.
func command() string {
	const name = "engine"
	if _, err := exec.LookPath(name); err == nil {
		return name
	}
	if self, err := os.Executable(); err == nil {
		return self
	}
	return name
}

func (b begun) write(w io.Writer) error {
	with := "release " + engine.Version + ", because no checkout of Paymux is near: --replace names one"
	if b.Checkout != "" {
		with = b.Checkout
	}
	_, err := fmt.Fprintf(w, "%s has a plugin (%s), its sandbox, its tests and a demo engine. It is built with %s.\n"+
		"Next, and then a payment as in its README.md:\n\n  %s\n", b.Dir, b.Flavour, with, strings.Join(b.Next, "\n  "))
	return err
}
