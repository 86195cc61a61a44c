package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	// clockGuardBelow keeps stamps younger than the five minutes that Cenoa takes.
	clockGuardBelow = 4 * time.Minute
	// matchWindowMax is the longest time to pay that the engine knows.
	matchWindowMax = 30 * 24 * time.Hour
	// fingerprintBytes of a hash tell keys apart and tell nothing of them.
	fingerprintBytes = 8
)

func schema() sdk.Schema {
	return sdk.Schema{
		{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.cenoa.com", Doc: "the API's root"},
		{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "the apikey header, from Cenoa's partner team"},
		{Name: "api_secret", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "the key of the signature"},
		{Name: "currency", Kind: sdk.FieldString, Required: true, Doc: "currency of the merchant's Cenoa account, such as USD"},
		{
			Name: "match_window", Kind: sdk.FieldDuration, Default: "60m",
			Doc: "time to send the money where the payment has no expires_at of its own",
		},
		{Name: "signup_url", Kind: sdk.FieldURL, Doc: "shown to customers who have no Cenoa account"},
		{Name: "clock_guard", Kind: sdk.FieldDuration, Default: "2s", Doc: "how far behind now requests are stamped, below 4m"},
		{Name: "paths", Kind: sdk.FieldMap, Doc: "corrected paths by operation, as /path or METHOD /path"},
		{Name: "timeout", Kind: sdk.FieldDuration, Default: "20s", Doc: "per HTTP call, and for a look-up with its repetitions"},
		{
			Name: "accept_assumed_contract", Kind: sdk.FieldBool, Default: "false",
			Doc: "run against a real server although paths are assumed, not documented",
		},
	}
}

// settings are an account's settings, read.
type settings struct {
	baseURL     string // Without a final slash.
	host        string
	loopback    bool
	apiKey      sdk.Secret
	apiSecret   sdk.Secret
	currency    money.Currency
	matchWindow time.Duration
	signupURL   string
	clockGuard  time.Duration
	timeout     time.Duration
	contract    contract
}

// readSettings returns the settings and what is wrong with them.
func readSettings(raw sdk.Settings) (settings, sdk.Diagnostics) {
	s := settings{
		apiKey: raw.Secret("api_key"), apiSecret: raw.Secret("api_secret"), signupURL: raw.Text("signup_url"),
		matchWindow: raw.Duration("match_window"), clockGuard: raw.Duration("clock_guard"), timeout: raw.Duration("timeout"),
	}
	found := s.readBaseURL(raw.Text("base_url"))
	found = append(found, s.checkKeys()...)
	found = append(found, s.readCurrency(raw.Text("currency"))...)
	found = append(found, s.checkTimes()...)
	return s, append(found, s.readContract(raw.Map("paths"), raw.Bool("accept_assumed_contract"))...)
}

func (s *settings) readBaseURL(text string) sdk.Diagnostics {
	const path = "base_url"
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Host == "" {
		return wrong(path, "must be an absolute http or https URL")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return wrong(path, "must hold neither credentials nor a query")
	}
	s.baseURL, s.host, s.loopback = base.String(), base.Host, isLoopback(base.Hostname())
	if base.Scheme == "http" && !s.loopback {
		return warn(path, "not encrypted", "whoever reads a call can make any call for five minutes; use https outside of tests")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// checkKeys refuses a key that a header would change: blanks around it are cut,
// and two accounts of one key would have two identities.
func (s *settings) checkKeys() sdk.Diagnostics {
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	if strings.ContainsFunc(s.apiKey.Reveal(), strange) {
		return wrong("api_key", "must be printable characters without blanks, as Cenoa gave it")
	}
	if secret := s.apiSecret.Reveal(); secret != strings.TrimSpace(secret) {
		return wrong("api_secret", "begins or ends with a blank")
	}
	return nil
}

func (s *settings) readCurrency(code string) sdk.Diagnostics {
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return wrong("currency", err.Error())
	}
	s.currency = currency
	return nil
}

func (s *settings) checkTimes() sdk.Diagnostics {
	var found sdk.Diagnostics
	if s.clockGuard <= 0 || s.clockGuard >= clockGuardBelow {
		found = append(found, wrong("clock_guard", "must be above 0 and below 4m: Cenoa takes stamps of the last five minutes")...)
	}
	if s.matchWindow <= 0 || s.matchWindow > matchWindowMax {
		found = append(found, wrong("match_window", "must be above 0 and at most 720h")...)
	}
	return found
}

func (s *settings) readContract(paths map[string]string, accepted bool) sdk.Diagnostics {
	var found sdk.Diagnostics
	s.contract, found = readContract(paths)
	missing := s.contract.assumed()
	if len(missing) == 0 || s.loopback || accepted {
		return found
	}
	return append(found, sdk.Diagnostic{
		Path: "accept_assumed_contract", Summary: "the contract is assumed",
		Detail: "Cenoa publishes no paths: give those of " + strings.Join(missing, ", ") +
			" in paths, or set this to true to call " + s.host + " on assumed ones",
	})
}

// identity names the merchant's account without telling its key, whatever the
// address that it is reached by.
func (s settings) identity() string {
	sum := sha256.Sum256([]byte("cenoa api_key " + s.apiKey.Reveal()))
	return "key-" + hex.EncodeToString(sum[:fingerprintBytes])
}

// url is where an operation is, with the values in the places of their names.
func (s settings) url(name operation, values map[string]string) target {
	at := s.contract.routes[name]
	return target{at.method, s.baseURL + at.fill(values)}
}

func wrong(path, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Path: path, Summary: "wrong value", Detail: detail}}
}

func warn(path, summary, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Warning: true, Path: path, Summary: summary, Detail: detail}}
}
