package main

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// The words of the setting mode.
const (
	modeHosted = "hosted"
	modeDirect = "direct"
)

func schema() sdk.Schema {
	return sdk.Schema{
		{Name: "base_url", Kind: sdk.FieldURL, Required: true, Doc: "the API's root, as Numipay gave it to you: it publishes none"},
		{
			Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true,
			Doc: "Settings, Credentials in the portal; a DEV key tests and a live key moves money, at the same base_url",
		},
		{
			Name: "signature_password", Kind: sdk.FieldString, Required: true, Secret: true,
			Doc: "Settings, Credentials in the portal; it verifies webhooks",
		},
		{
			Name: "mode", Kind: sdk.FieldString, Enum: []string{modeHosted, modeDirect}, Default: modeHosted,
			Doc: "hosted: a cashier with all your providers; direct: straight to the one of provider_id",
		},
		{Name: "provider_id", Kind: sdk.FieldString, Doc: "Settings, Providers in the portal; for mode direct"},
		{
			Name: "allow_s2s", Kind: sdk.FieldBool, Default: "false",
			Doc: "takes payments that carry a card, server to server; for PCI-certified merchants only",
		},
		{Name: "currencies", Kind: sdk.FieldList, Default: "EUR, GBP", Doc: "currencies of your account, with two decimals each"},
		{Name: "payout_approval", Kind: sdk.FieldBool, Default: "true", Doc: "pending payouts wait for our approval"},
		{Name: "paths", Kind: sdk.FieldMap, Doc: "corrected paths by operation, as /path or METHOD /path"},
		{Name: "timeout", Kind: sdk.FieldDuration, Default: "20s", Doc: "per HTTP call"},
		{
			Name: "accept_assumed_contract", Kind: sdk.FieldBool, Default: "false",
			Doc: "run against a real server although paths are assumed, not documented",
		},
	}
}

// settings are an account's settings, read.
type settings struct {
	baseURL    string // Without a final slash.
	host       string
	loopback   bool
	apiKey     sdk.Secret
	password   sdk.Secret
	direct     bool
	providerID string
	allowS2S   bool
	approval   bool
	// payouts says that the paths of payouts may be used.
	payouts    bool
	currencies []money.Currency
	contract   contract
	timeout    time.Duration
}

// readSettings returns the settings and what is wrong with them.
func readSettings(raw sdk.Settings) (settings, sdk.Diagnostics) {
	s := settings{
		apiKey: raw.Secret("api_key"), password: raw.Secret("signature_password"), direct: raw.Text("mode") == modeDirect,
		providerID: raw.Text("provider_id"), allowS2S: raw.Bool("allow_s2s"), approval: raw.Bool("payout_approval"),
		timeout: raw.Duration("timeout"),
	}
	found := s.readBaseURL(raw.Text("base_url"))
	if s.direct && s.providerID == "" {
		found = append(found, sdk.Diagnostic{Path: "provider_id", Summary: "required", Detail: "mode direct goes to this provider"})
	}
	found = append(found, s.readCurrencies(raw.List("currencies"))...)
	return s, append(found, s.readContract(raw.Map("paths"), raw.Bool("accept_assumed_contract"))...)
}

func (s *settings) readBaseURL(text string) sdk.Diagnostics {
	const path = "base_url"
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Host == "" {
		return wrong(path, "must be an absolute https URL")
	}
	s.baseURL, s.host, s.loopback = base.String(), base.Host, isLoopback(base.Hostname())
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return wrong(path, "must hold neither credentials nor a query")
	}
	if base.Scheme != "https" && !s.loopback {
		return wrong(path, "must be https: the api_key travels with every call, and only a loopback address goes without")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

func (s *settings) readCurrencies(codes []string) sdk.Diagnostics {
	const path = "currencies"
	var found sdk.Diagnostics
	for _, code := range codes {
		currency, err := money.ParseCurrency(code)
		switch {
		case err != nil:
			found = append(found, wrong(path, "must be ISO 4217 codes in capitals, such as EUR")...)
		case currency.Exponent() != decimals:
			found = append(found, wrong(path, code+" does not have the two decimals that Numipay's amounts have")...)
		case !slices.Contains(s.currencies, currency):
			s.currencies = append(s.currencies, currency)
		}
	}
	return found
}

// readContract refuses to use assumed paths against a real server, unless
// somebody accepted them. Without the paths of payouts there are no payouts.
func (s *settings) readContract(paths map[string]string, accepted bool) sdk.Diagnostics {
	var found sdk.Diagnostics
	s.contract, found = readContract(paths)
	accepted = accepted || s.loopback
	s.payouts = true
	if missing := s.contract.missing(s.payoutOperations()...); len(missing) > 0 && !accepted {
		s.payouts = false
		found = append(found, warn("paths", "no payouts", "the paths of "+strings.Join(missing, ", ")+" are only assumed: give them for payouts")...)
	}
	missing := s.contract.missing(s.neededOperations()...)
	if len(missing) == 0 || accepted {
		return found
	}
	return append(found, sdk.Diagnostic{
		Path: "accept_assumed_contract", Summary: "the contract is assumed",
		Detail: "Numipay publishes no paths: give those of " + strings.Join(missing, ", ") +
			" in paths, or set this to true to call " + s.host + " on assumed ones",
	})
}

func (s *settings) neededOperations() []operation {
	needed := []operation{s.payment(), opStatus, opList}
	if s.allowS2S {
		needed = append(needed, opS2S)
	}
	return needed
}

func (s *settings) payoutOperations() []operation {
	if !s.approval {
		return []operation{opPayout}
	}
	return []operation{opPayout, opPayoutApprove, opPayoutReject}
}

// payment is the operation that creates a payment without a card.
func (s *settings) payment() operation {
	if s.direct {
		return opDirect
	}
	return opHosted
}

// operations are what the account offers.
func (s *settings) operations() []sdk.Operation {
	decides := s.payouts && s.approval
	return slices.DeleteFunc(sdk.OperationsOf(new(provider)), func(op sdk.Operation) bool {
		return op == sdk.OperationPayout && !s.payouts || op == sdk.OperationPayoutDecider && !decides
	})
}

// url is the address of an operation whose path holds no placeholder.
func (s *settings) url(name operation) target {
	at := s.contract.routes[name]
	return target{at.method, s.baseURL + at.path}
}

// statusURL is the address of the question about one of our references.
func (s *settings) statusURL(ref string) target {
	at := s.contract.routes[opStatus]
	before, after, query := strings.Cut(at.path, "?")
	path := strings.ReplaceAll(before, placeID, url.PathEscape(ref))
	if query {
		path += "?" + strings.ReplaceAll(after, placeID, url.QueryEscape(ref))
	}
	return target{at.method, s.baseURL + path}
}

// listURL is the address of the list of a window of days.
func (s *settings) listURL(days window) target {
	at := s.url(opList)
	join := "?"
	if strings.Contains(at.url, "?") {
		join = "&"
	}
	return target{at.method, at.url + join + days.query()}
}

func wrong(path, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Path: path, Summary: "wrong value", Detail: detail}}
}

func warn(path, summary, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Warning: true, Path: path, Summary: summary, Detail: detail}}
}
