package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk/money"
)

func newRoutesExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain [FILE]", Short: "Say of every rule why it serves a transaction or not",
		Long: "Say of every rule why it serves a transaction or not, which accounts are asked in which order, and why others are\n" +
			"left out. Nothing is paid. It is told by the rules in FILE or of the configuration, with accounts that count as\n" +
			"ready; with --url by a running engine, as its accounts stand at this moment.\n\n" +
			"The transaction is given by flags, by --body with the JSON of a payment as it is sent to the API, or by both.\n" +
			"What an account needs, such as customer.phone, must be in it as in the real one.\n\n" +
			"With --url the key is read from PAYMUX_KEY; PAYMUX_URL says where only where --url is given without an address.",
		Example: "  engine routes explain --amount 5000 --currency XOF --country CI\n" +
			"  engine routes explain --body order.json --metadata tier=vip --url http://127.0.0.1:8080",
		Args: cobra.MaximumNArgs(1), RunE: routesExplain,
	}
	addRuleset(cmd)
	flags := cmd.Flags()
	flags.String("url", "", "ask the engine at this address, in place of files")
	flags.String("body", "", "file with the JSON of a payment, - for standard input")
	flags.String("kind", "", "payment or payout")
	flags.String("amount", "", "in major units, such as 5000 or 12.50")
	flags.String("currency", "", "ISO 4217 code")
	flags.String("country", "", "ISO 3166-1 alpha-2 code")
	flags.String("method", "", "mobile_money, card, wallet, bank_transfer or any")
	flags.String("network", "", "such as ORANGE")
	flags.String("customer", "", "the customer's id")
	flags.StringToString("metadata", nil, "such as tier=vip, once for each")
	flags.String("merchant", "", "whose it is; default where left out")
	flags.String("provider", "", "exactly this account")
	flags.String("at", "", "the time to decide at, such as 2026-11-20T22:30:00Z; now where left out")
	flags.String("id", "", "what split, percent and sticky go by; a new one where left out")
	flags.Bool("card", false, "the payment carries raw card data")
	return cmd
}

func routesExplain(cmd *cobra.Command, args []string) error {
	asked, err := evaluateOf(cmd)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("url") {
		if len(args) > 0 || cmd.Flags().Changed("config") || cmd.Flags().Changed("plugins") {
			return errors.New("--url asks an engine, which has its own rules: leave FILE, -c and --plugins out")
		}
		return withClient(func(cmd *cobra.Command, c *client.Client, _ []string) error {
			told, err := c.Evaluate(cmd.Context(), asked)
			if err != nil {
				return err
			}
			return showEvaluation(cmd, asked, choiceOf(told), told)
		})(cmd, args)
	}
	sample, err := sampleOf(asked)
	if err != nil {
		return err
	}
	r, err := openRules(cmd, argument(args))
	if err != nil {
		return err
	}
	if err := r.usable(cmd); err != nil {
		return err
	}
	choice := r.rules.Explain(sample, routing.AtRest(r.accounts))
	return showEvaluation(cmd, asked, choice, api.EvaluationOf(choice))
}

// evaluateOf is what the flags and the body ask about.
func evaluateOf(cmd *cobra.Command) (api.Evaluate, error) {
	var asked api.Evaluate
	if err := readEvaluate(cmd, &asked); err != nil {
		return asked, err
	}
	flags := cmd.Flags()
	for name, into := range map[string]*string{
		"kind": &asked.Kind, "amount": &asked.Amount, "currency": &asked.Currency, "country": &asked.Country, "method": &asked.Method,
		"network": &asked.Network, "customer": &asked.Customer.ID, "merchant": &asked.Merchant, "provider": &asked.Provider,
		"at": &asked.At, "id": &asked.ID,
	} {
		value, err := flags.GetString(name)
		if err != nil {
			return asked, err
		}
		if flags.Changed(name) {
			*into = value
		}
	}
	metadata, err := flags.GetStringToString("metadata")
	for name, value := range metadata {
		if asked.Metadata == nil {
			asked.Metadata = map[string]string{}
		}
		asked.Metadata[name] = value
	}
	card, fault := flags.GetBool("card")
	asked.Card = asked.Card || card
	if asked.Amount == "" || asked.Currency == "" {
		return asked, errors.Join(err, fault, errors.New("--amount and --currency are required"))
	}
	return asked, errors.Join(err, fault)
}

// bodyMax is far above any payment's JSON.
const bodyMax = 64 << 10

func readEvaluate(cmd *cobra.Command, asked *api.Evaluate) error {
	path, err := cmd.Flags().GetString("body")
	if err != nil || path == "" {
		return err
	}
	from := cmd.InOrStdin()
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		from = file
	}
	decoder := json.NewDecoder(io.LimitReader(from, bodyMax))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(asked); err != nil {
		return fmt.Errorf("--body: %s: %w", path, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("--body: %s: holds more than one JSON object", path)
	}
	return nil
}

// sampleOf reads what was asked as the API does, and fills in what it lacks.
func sampleOf(asked api.Evaluate) (core.Sample, error) {
	text, err := json.Marshal(asked)
	if err != nil {
		return core.Sample{}, err
	}
	body, err := api.ParseBody(text)
	if err != nil {
		return core.Sample{}, err
	}
	sample, err := body.Evaluate()
	if err != nil {
		return sample, asFlags(err)
	}
	if sample.At.IsZero() {
		sample.At = time.Now()
	}
	if sample.ID == "" {
		sample.ID = core.PrefixOf(sample.Kind) + ulid.Make().String()
	}
	if sample.Merchant == "" {
		sample.Merchant = "default"
	}
	return sample, nil
}

// asFlags names what is wrong by its flag.
func asFlags(err error) error {
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok {
		return err
	}
	var faults []error
	for _, f := range problem.Fields {
		flag := strings.TrimPrefix(f.Location, "body.")
		if flag == "customer.id" {
			flag = "customer"
		}
		faults = append(faults, fmt.Errorf("--%s: %s", flag, f.Message))
	}
	return errors.Join(faults...)
}

func showEvaluation(cmd *cobra.Command, asked api.Evaluate, choice core.Choice, told api.Evaluation) error {
	return show(cmd, told, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n\n%s", titleOf(asked), routing.Tree(choice))
		return err
	})
}

func titleOf(asked api.Evaluate) string {
	words := []string{asked.Kind, asked.Amount + " " + asked.Currency, asked.Country, asked.Method, asked.Network}
	if words[0] == "" {
		words[0] = "payment"
	}
	if currency, err := money.ParseCurrency(asked.Currency); err == nil {
		if amount, err := money.Parse(asked.Amount, currency); err == nil {
			words[1] = amount.String()
		}
	}
	kept := words[:0]
	for _, word := range words {
		if word != "" {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, ", ")
}

// choiceOf is what an engine told, for the tree. It tells the reason of a rule in
// one line, which stands here as its only clause.
func choiceOf(told api.Evaluation) core.Choice {
	c := core.Choice{Rule: told.Rule, Generation: told.Generation, Denied: told.Denied}
	for _, one := range told.Candidates {
		c.Candidates = append(c.Candidates, core.Candidate{Account: one.Provider, Reason: one.Reason})
	}
	for _, one := range told.Removed {
		c.Removed = append(c.Removed, core.Removed{Account: one.Provider, Reason: one.Reason})
	}
	asked := true
	for _, one := range told.Rules {
		rule := core.RuleVerdict{Name: one.Name, Matched: one.Matched, Why: one.Why}
		if asked && !one.Matched {
			rule.Clauses = []core.ClauseVerdict{{Why: one.Why}}
		}
		asked = asked && !one.Matched
		c.Rules = append(c.Rules, rule)
	}
	return c
}
