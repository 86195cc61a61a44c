package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// server is a sandbox, of whichever provider.
type server interface {
	Start() error
	URL() string
	Close() error
}

// provider is a sandbox and how an account of its plugin is set up.
type provider struct {
	name   string
	server server
	// urls are the settings that take the sandbox's address.
	urls     []string
	settings []setting
}

type setting struct{ name, value string }

// providers lists the sandboxes. A new one is one entry more.
func providers(first address) []provider {
	return []provider{
		{
			name:   "cinetpay",
			server: cinetpay.New(cinetpay.Options{Addr: first.of(0)}),
			urls:   []string{"base_url", "transfer_base_url"},
			settings: []setting{
				{"api_key", cinetpay.APIKey},
				{"site_id", cinetpay.SiteID},
				{"secret_key", cinetpay.SecretKey},
				{"transfer_password", cinetpay.TransferPassword},
			},
		},
		{
			name:   "enovepay",
			server: enovepay.New(enovepay.Options{Addr: first.of(1)}),
			urls:   []string{"base_url"},
			settings: []setting{
				{"api_token", enovepay.APIToken},
				{"client_id", enovepay.ClientID},
				{"client_secret_key", enovepay.ClientSecretKey},
			},
		},
		{
			name:   "numipay",
			server: numipay.New(numipay.Options{Addr: first.of(2), RequireApproval: true}),
			urls:   []string{"base_url"},
			settings: []setting{
				{"api_key", numipay.DevKey},
				{"signature_password", numipay.SignaturePassword},
			},
		},
		{
			name:   "cenoa",
			server: cenoa.New(cenoa.Options{Addr: first.of(3)}),
			urls:   []string{"base_url"},
			settings: []setting{
				{"api_key", cenoa.APIKey},
				{"api_secret", cenoa.APISecret},
				{"currency", "USD"},
			},
		},
	}
}

// printText prints the settings of each sandbox for a person.
func printText(out io.Writer, running []provider) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range running {
		fmt.Fprintf(table, "%s\t%s\n", p.name, p.server.URL())
		for _, name := range p.urls {
			fmt.Fprintf(table, "  %s\t%s\n", name, p.server.URL())
		}
		for _, s := range p.settings {
			fmt.Fprintf(table, "  %s\t%s\n", s.name, s.value)
		}
		fmt.Fprintf(table, "  ledger\t%s/_sandbox/state\n\n", p.server.URL())
	}
	fmt.Fprintln(table, "Interrupt to stop. No money moves here.")
	return table.Flush()
}

// printJSON prints the addresses by name, on one line.
func printJSON(out io.Writer, running []provider) error {
	urls := make(map[string]string, len(running))
	for _, p := range running {
		urls[p.name] = p.server.URL()
	}
	return json.NewEncoder(out).Encode(urls)
}
