package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	// clockGuardBelow keeps stamps younger than the five minutes that Cenoa takes.
	clockGuardBelow = 4 * time.Minute
	// callGapMax leaves a look-up its time.
	callGapMax = time.Minute
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
		{Name: "call_gap", Kind: sdk.FieldDuration, Default: "1s", Doc: "time between two calls of the account, at most 1m"},
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
	root        sdk.Root
	apiKey      sdk.Secret
	apiSecret   sdk.Secret
	currency    money.Currency
	matchWindow time.Duration
	signupURL   string
	clockGuard  time.Duration
	callGap     time.Duration
	timeout     time.Duration
	contract    sdk.Contract
}

// readSettings returns the settings and what is wrong with them.
func readSettings(raw sdk.Settings) (settings, sdk.Diagnostics) {
	s := settings{
		apiKey: raw.Secret("api_key"), apiSecret: raw.Secret("api_secret"), signupURL: raw.Text("signup_url"),
		matchWindow: raw.Duration("match_window"), clockGuard: raw.Duration("clock_guard"), timeout: raw.Duration("timeout"),
		callGap: raw.Duration("call_gap"),
	}
	found := s.readBaseURL(raw.Text("base_url"))
	found = append(found, s.checkKeys()...)
	found = append(found, s.readCurrency(raw.Text("currency"))...)
	found = append(found, s.checkTimes()...)
	return s, append(found, s.readContract(raw.Map("paths"), raw.Bool("accept_assumed_contract"))...)
}

func (s *settings) readBaseURL(text string) (found sdk.Diagnostics) {
	const path = "base_url"
	s.root, found = sdk.ReadRoot(path, text)
	if len(found) == 0 && s.root.Plain {
		return sdk.Warning(path, "not encrypted", "whoever reads a call can make any call for five minutes; use https outside of tests")
	}
	return found
}

// checkKeys refuses a key that a header would change: blanks around it are cut,
// and two accounts of one key would have two identities.
func (s *settings) checkKeys() sdk.Diagnostics {
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	if strings.ContainsFunc(s.apiKey.Reveal(), strange) {
		return sdk.WrongValue("api_key", "must be printable characters without blanks, as Cenoa gave it")
	}
	if secret := s.apiSecret.Reveal(); secret != strings.TrimSpace(secret) {
		return sdk.WrongValue("api_secret", "begins or ends with a blank")
	}
	return nil
}

func (s *settings) readCurrency(code string) sdk.Diagnostics {
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return sdk.WrongValue("currency", err.Error())
	}
	s.currency = currency
	return nil
}

func (s *settings) checkTimes() sdk.Diagnostics {
	var found sdk.Diagnostics
	if s.clockGuard <= 0 || s.clockGuard >= clockGuardBelow {
		found = append(found, sdk.WrongValue("clock_guard", "must be above 0 and below 4m: Cenoa takes stamps of the last five minutes")...)
	}
	if s.callGap > callGapMax {
		found = append(found, sdk.WrongValue("call_gap", "must be at most 1m")...)
	}
	if s.matchWindow <= 0 || s.matchWindow > matchWindowMax {
		found = append(found, sdk.WrongValue("match_window", "must be above 0 and at most 720h")...)
	}
	return found
}

func (s *settings) readContract(paths map[string]string, accepted bool) (found sdk.Diagnostics) {
	s.contract, found = sdk.ReadContract(conventions(), paths)
	return append(found, s.contract.Accept("Cenoa", s.root, accepted, opAccount, opTransactions)...)
}

// identity names the merchant's account without telling its key, whatever the
// address that it is reached by.
func (s settings) identity() string {
	sum := sha256.Sum256([]byte("cenoa api_key " + s.apiKey.Reveal()))
	return "key-" + hex.EncodeToString(sum[:fingerprintBytes])
}

// url is where an operation is, with the values in the places of their names.
func (s settings) url(name string, values map[string]string) target {
	method, path := s.contract.Call(name, values)
	return target{method, s.root.URL + path}
}
