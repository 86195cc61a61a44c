package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// description is what a binary says of itself, as it is printed.
type description struct {
	Name       string                     `json:"name"`
	Version    string                     `json:"version"`
	Doc        string                     `json:"doc"`
	SHA256     string                     `json:"sha256"`
	Protocol   int                        `json:"protocol"`
	Operations []sdk.Operation            `json:"operations"`
	Needs      map[sdk.Operation][]string `json:"needs"`
	CardS2S    bool                       `json:"card_s2s"`
	Kinds      []kindDescription          `json:"kinds"`
	Settings   []setting                  `json:"settings"`
}

// kindDescription is what the provider guarantees for one kind, and what of it is served.
type kindDescription struct {
	Kind               sdk.Kind        `json:"kind"`
	Idempotency        sdk.Idempotency `json:"idempotency"`
	KeyTTL             string          `json:"key_ttl"`
	KeyScope           string          `json:"key_scope"`
	ReplaysErrors      bool            `json:"replays_errors"`
	QueryBy            sdk.QueryBy     `json:"query_by"`
	NotFoundFinalAfter string          `json:"not_found_final_after"`
	DeclinedIsFinal    bool            `json:"declined_is_final"`
	LateSuccess        string          `json:"late_success"`
	Reversals          bool            `json:"reversals"`
	TellsCurrency      bool            `json:"tells_currency"`
	PushWebhooks       bool            `json:"push_webhooks"`
	PaidByLink         bool            `json:"paid_by_link"`
	Poll               []string        `json:"poll"`
	Window             string          `json:"window"`
	Corridors          []corridor      `json:"corridors"`
}

// corridor is one set of transactions that is served; an empty list is any.
type corridor struct {
	Countries  []string `json:"countries"`
	Currencies []string `json:"currencies"`
	Methods    []string `json:"methods"`
	Networks   []string `json:"networks"`
	Min        string   `json:"min"`
	Max        string   `json:"max"`
	Step       string   `json:"step"`
}

type setting struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Required bool     `json:"required"`
	Secret   bool     `json:"secret"`
	Default  string   `json:"default"`
	Enum     []string `json:"enum"`
	Doc      string   `json:"doc"`
}

func pluginInspect(cmd *cobra.Command, args []string) error {
	found, err := host.Inspect(cmd.Context(), args[0], hclog.NewNullLogger())
	if err != nil {
		return negative(err)
	}
	d := describe(found)
	return show(cmd, d, d.write)
}

func describe(found host.Inspection) description {
	m := found.Manifest
	d := description{
		Name: m.Name, Version: m.Version, Doc: m.Doc, SHA256: found.Checksum, Protocol: found.Protocol,
		Operations: orEmpty(m.Capabilities.Operations), Needs: m.Capabilities.Needs, CardS2S: m.Capabilities.CardS2S,
		Kinds: []kindDescription{}, Settings: []setting{},
	}
	for _, kind := range sortedKeys(byWord(m.Facts)) {
		d.Kinds = append(d.Kinds, describeKind(sdk.Kind(kind), m))
	}
	for _, f := range m.Settings {
		d.Settings = append(d.Settings, setting{f.Name, string(f.Kind), f.Required, f.Secret, f.Default, orEmpty(f.Enum), f.Doc})
	}
	return d
}

func byWord(facts map[sdk.Kind]sdk.Facts) map[string]sdk.Facts {
	words := make(map[string]sdk.Facts, len(facts))
	for kind, f := range facts {
		words[string(kind)] = f
	}
	return words
}

func describeKind(kind sdk.Kind, m sdk.Manifest) kindDescription {
	f := m.Facts[kind]
	d := kindDescription{
		Kind: kind, Idempotency: f.Idempotency, KeyTTL: length(f.KeyTTL), KeyScope: f.KeyScope, ReplaysErrors: f.ReplaysErrors,
		QueryBy: f.QueryBy, NotFoundFinalAfter: length(f.NotFoundFinalAfter), DeclinedIsFinal: f.DeclinedIsFinal,
		LateSuccess: length(f.LateSuccess), Reversals: f.Reversals, TellsCurrency: f.TellsCurrency,
		PushWebhooks: f.PushWebhooks, PaidByLink: f.PaidByLink, Poll: []string{}, Window: length(f.Window), Corridors: []corridor{},
	}
	for _, age := range f.Poll {
		d.Poll = append(d.Poll, length(age))
	}
	for _, c := range m.Capabilities.Corridors {
		if c.Kind == kind {
			d.Corridors = append(d.Corridors, describeCorridor(c))
		}
	}
	return d
}

func describeCorridor(c sdk.Corridor) corridor {
	d := corridor{
		Countries: orEmpty(c.Countries), Currencies: []string{}, Methods: orEmpty(c.Methods), Networks: orEmpty(c.Networks),
		Min: boundOf(c.Min), Max: boundOf(c.Max), Step: boundOf(c.Step),
	}
	for _, currency := range c.Currencies {
		d.Currencies = append(d.Currencies, currency.String())
	}
	return d
}

func orEmpty[T any](list []T) []T { return append([]T{}, list...) }

func boundOf(a money.Amount) string {
	if !a.Currency().Valid() {
		return ""
	}
	return a.String()
}

// length is a duration as people write it, such as 48h; empty for none.
func length(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

func (d description) write(w io.Writer) error {
	fmt.Fprintf(w, "%s %s (protocol %d)\n%s\nsha256 %s\n", d.Name, d.Version, d.Protocol, d.Doc, d.SHA256)
	fmt.Fprintf(w, "operations %s\n", joined(d.Operations))
	for _, operation := range d.Operations {
		if needs := d.Needs[operation]; len(needs) > 0 {
			fmt.Fprintf(w, "%s needs %s\n", operation, strings.Join(needs, ", "))
		}
	}
	fmt.Fprintf(w, "card data server to server: %s\n", yesNo(d.CardS2S))
	for _, kind := range d.Kinds {
		if err := kind.write(w); err != nil {
			return err
		}
	}
	rows := [][]string{{"\nSETTING", "TYPE", "REQUIRED", "SECRET", "DEFAULT", "ONE OF", "MEANING"}}
	for _, s := range d.Settings {
		rows = append(rows, []string{s.Name, s.Kind, yesNo(s.Required), yesNo(s.Secret), s.Default, strings.Join(s.Enum, " "), s.Doc})
	}
	return table(w, rows)
}

func (k kindDescription) write(w io.Writer) error {
	rows := [][]string{
		{"\n" + strings.ToUpper(string(k.Kind))},
		{"idempotency", strings.TrimSpace(fmt.Sprintf("%s %s %s", k.Idempotency, k.KeyTTL, k.KeyScope))},
		{"replays errors", yesNo(k.ReplaysErrors)},
		{"query by", string(k.QueryBy)},
		{"not found is proof", orNever(k.NotFoundFinalAfter, "after ")},
		{"a late no is final", yesNo(k.DeclinedIsFinal)},
		{"late success within", orNever(k.LateSuccess, "")},
		{"reversals", yesNo(k.Reversals)},
		{"tells the currency", yesNo(k.TellsCurrency)},
		{"notifies", yesNo(k.PushWebhooks)},
		{"paid by link alone", yesNo(k.PaidByLink)},
		{"asked at", strings.Join(k.Poll, " ")},
		{"time to pay", k.Window},
	}
	for _, c := range k.Corridors {
		rows = append(rows, []string{"serves", c.String()})
	}
	return table(w, slices.DeleteFunc(rows, func(row []string) bool { return len(row) == 2 && row[1] == "" }))
}

func orNever(length, before string) string {
	if length == "" {
		return "never told"
	}
	return before + length
}

// String says what is served in one line.
func (c corridor) String() string {
	parts := []string{
		"countries " + anyOr(c.Countries), "currencies " + anyOr(c.Currencies), "methods " + anyOr(c.Methods), "networks " + anyOr(c.Networks),
	}
	for word, amount := range map[string]string{"min ": c.Min, "max ": c.Max, "in steps of ": c.Step} {
		if amount != "" {
			parts = append(parts, word+amount)
		}
	}
	slices.Sort(parts[4:])
	return strings.Join(parts, ", ")
}

func anyOr(list []string) string {
	if len(list) == 0 {
		return "any"
	}
	return strings.Join(list, " ")
}

func joined(operations []sdk.Operation) string {
	words := make([]string, len(operations))
	for i, operation := range operations {
		words[i] = string(operation)
	}
	return strings.Join(words, " ")
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
