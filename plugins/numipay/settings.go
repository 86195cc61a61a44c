package main

import (
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
	root       sdk.Root
	apiKey     sdk.Secret
	password   sdk.Secret
	direct     bool
	providerID string
	allowS2S   bool
	approval   bool
	// payouts says that the paths of payouts may be used.
	payouts    bool
	currencies []money.Currency
	contract   sdk.Contract
	// accepted says that paths may be used that are only assumed.
	accepted bool
	timeout  time.Duration
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

func (s *settings) readBaseURL(text string) (found sdk.Diagnostics) {
	const path = "base_url"
	s.root, found = sdk.ReadRoot(path, text)
	if len(found) == 0 && s.root.Plain {
		return sdk.WrongValue(path, "must be https: the api_key travels with every call, and only a loopback address goes without")
	}
	return found
}

func (s *settings) readCurrencies(codes []string) sdk.Diagnostics {
	const path = "currencies"
	if len(codes) == 0 {
		return sdk.WrongValue(path, "names none, so that nothing could be taken")
	}
	var found sdk.Diagnostics
	for _, code := range codes {
		currency, err := money.ParseCurrency(code)
		switch {
		case err != nil:
			found = append(found, sdk.WrongValue(path, "must be ISO 4217 codes in capitals, such as EUR")...)
		case currency.Exponent() != decimals:
			found = append(found, sdk.WrongValue(path, code+" does not have the two decimals that Numipay's amounts have")...)
		case !slices.Contains(s.currencies, currency):
			s.currencies = append(s.currencies, currency)
		}
	}
	return found
}

// readContract refuses to use assumed paths against a real server, unless
// somebody accepted them. Without the paths of payouts there are no payouts.
func (s *settings) readContract(paths map[string]string, accepted bool) (found sdk.Diagnostics) {
	s.contract, found = sdk.ReadContract(conventions(), paths)
	s.accepted = accepted || s.root.Loopback
	missing := s.contract.Assumed(s.payoutOperations()...)
	s.payouts = len(missing) == 0 || s.accepted
	if !s.payouts {
		found = append(found, sdk.Warning("paths", "no payouts", "the paths of "+strings.Join(missing, ", ")+" are only assumed: give them for payouts")...)
	}
	return append(found, s.contract.Accept("Numipay", s.root, accepted, s.neededOperations()...)...)
}

func (s *settings) neededOperations() []string {
	needed := []string{string(s.payment()), string(opStatus), string(opList)}
	if s.allowS2S {
		needed = append(needed, string(opS2S))
	}
	return needed
}

func (s *settings) payoutOperations() []string {
	if !s.approval {
		return []string{string(opPayout)}
	}
	return []string{string(opPayout), string(opPayoutApprove), string(opPayoutReject)}
}

// payment is the operation that creates a payment without a card.
func (s *settings) payment() operation {
	if s.direct {
		return opDirect
	}
	return opHosted
}

// mayCall reports whether somebody wrote the operation's path down, or accepted
// the assumed one.
func (s *settings) mayCall(name operation) bool {
	return s.accepted || len(s.contract.Assumed(string(name))) == 0
}

// operations are what the account offers.
func (s *settings) operations() []sdk.Operation {
	decides := s.payouts && s.approval
	return slices.DeleteFunc(sdk.OperationsOf(new(provider)), func(op sdk.Operation) bool {
		return op == sdk.OperationPayout && !s.payouts || op == sdk.OperationPayoutDecider && !decides
	})
}

// url is the address of an operation, with the values in the places of their names.
func (s *settings) url(name operation, values map[string]string) target {
	method, path := s.contract.Call(string(name), values)
	return target{method, s.root.URL + path}
}

// statusURL is the address of the question about one of our references.
func (s *settings) statusURL(ref string) target {
	return s.url(opStatus, map[string]string{valueID: ref})
}

// listURL is the address of the list of a window of days.
func (s *settings) listURL(days window) target {
	at := s.url(opList, nil)
	join := "?"
	if strings.Contains(at.url, "?") {
		join = "&"
	}
	return target{at.method, at.url + join + days.query()}
}
