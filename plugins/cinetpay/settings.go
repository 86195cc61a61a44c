package main

import (
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// The words of the setting channels. They are also what init takes.
const (
	channelAll    = "ALL"
	channelMobile = "MOBILE_MONEY"
	channelCard   = "CREDIT_CARD"
	channelWallet = "WALLET"
)

// The languages of CinetPay's page.
const (
	french  = "fr"
	english = "en"
)

const digits = "0123456789"

func schema() sdk.Schema {
	return sdk.Schema{
		{
			Name: "base_url", Kind: sdk.FieldURL, Default: "https://api-checkout.cinetpay.com",
			Doc: "checkout host, without /v2",
		},
		{
			Name: "transfer_base_url", Kind: sdk.FieldURL, Default: "https://client.cinetpay.com",
			Doc: "transfer host, without /v1",
		},
		{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "the apikey of the back office's Integration page"},
		{Name: "site_id", Kind: sdk.FieldString, Required: true, Doc: "the site (service) number, in quotes"},
		{
			Name: "secret_key", Kind: sdk.FieldString, Secret: true,
			Doc: "the site's Secret Key, not the apikey; without it notifications are hints only",
		},
		{
			Name: "transfer_password", Kind: sdk.FieldString, Secret: true,
			Doc: "the password of the transfer API's login; without it there are no payouts",
		},
		{Name: "channels", Kind: sdk.FieldString, Default: channelAll, Doc: "for method any: " + strings.Join(channelWords(), ", ")},
		{Name: "lang", Kind: sdk.FieldString, Default: french, Doc: "language of the transfer calls, and of the payment page where a payment names none: fr or en"},
		{Name: "currency", Kind: sdk.FieldString, Enum: currencyCodes(), Doc: "the site's currency; empty: any that CinetPay knows"},
		{Name: "country", Kind: sdk.FieldString, Enum: countryCodes(), Doc: "the site's country; empty: any that CinetPay knows"},
		{Name: "timeout", Kind: sdk.FieldDuration, Default: "20s", Doc: "per HTTP call"},
	}
}

func channelWords() []string { return []string{channelAll, channelMobile, channelCard, channelWallet} }

// settings are an account's settings, read.
type settings struct {
	root      sdk.Root
	apiKey    sdk.Secret
	siteID    string
	secretKey sdk.Secret
	channels  string
	lang      string
	timeout   time.Duration
	corridors []corridor

	transferURL      string // Without a final slash.
	transferPassword sdk.Secret
	destinations     []destination
}

// paysOut reports whether the account can use the transfer API.
func (s *settings) paysOut() bool { return !s.transferPassword.Empty() }

// secrets are those that no text of CinetPay's may repeat.
func (s *settings) secrets() []sdk.Secret {
	return []sdk.Secret{s.apiKey, s.secretKey, s.transferPassword}
}

// balanceCurrency is the currency of the transfer account, which CinetPay does
// not tell, if the settings leave only one.
func (s *settings) balanceCurrency() (money.Currency, bool) {
	var only money.Currency
	for _, d := range s.destinations {
		if only != 0 && d.currency != only {
			return 0, false
		}
		only = d.currency
	}
	return only, only != 0
}

// readSettings returns the settings and what is wrong with them.
func readSettings(raw sdk.Settings) (settings, sdk.Diagnostics) {
	s := settings{
		apiKey: raw.Secret("api_key"), siteID: raw.Text("site_id"), secretKey: raw.Secret("secret_key"),
		channels: raw.Text("channels"), lang: strings.ToLower(raw.Text("lang")), timeout: raw.Duration("timeout"),
		transferPassword: raw.Secret("transfer_password"),
	}
	checkout, found := readRoot("base_url", raw.Text("base_url"), "/v2")
	transfers, wrongTransfers := readRoot("transfer_base_url", raw.Text("transfer_base_url"), "/v1")
	s.root, s.transferURL = checkout, transfers.URL
	found = append(found, wrongTransfers...)
	found = append(found, s.checkSite()...)
	found = append(found, s.checkWords()...)
	return s, append(found, s.readCorridors(raw.Text("country"), raw.Text("currency"))...)
}

// readRoot reads the setting at path, without the version that the plugin adds.
func readRoot(path, text, version string) (sdk.Root, sdk.Diagnostics) {
	root, found := sdk.ReadRoot(path, text)
	switch {
	case len(found) > 0:
		return root, found
	case strings.HasSuffix(root.URL, version):
		return root, sdk.WrongValue(path, "leave "+version+" out, the plugin adds it")
	case root.Plain:
		return root, sdk.Warning(path, "not encrypted", "the apikey travels in the clear; use https outside of tests")
	}
	return root, nil
}

func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (s *settings) checkSite() sdk.Diagnostics {
	const path = "site_id"
	if s.siteID == "" || strings.Trim(s.siteID, digits) != "" {
		return sdk.WrongValue(path, "must be digits only, as the back office shows it")
	}
	if n := len(s.siteID); n != 6 && n != 9 {
		return sdk.Warning(path, "unusual length", "site numbers have 6 or 9 digits")
	}
	return nil
}

func (s *settings) checkWords() sdk.Diagnostics {
	found := checkChannels(s.channels)
	if s.lang != french && s.lang != english {
		found = append(found, sdk.WrongValue("lang", "must be fr or en")...)
	}
	if s.secretKey.Empty() {
		found = append(found, sdk.Warning("secret_key", "not set", "notifications cannot be verified and are hints only")...)
	}
	return found
}

func checkChannels(word string) sdk.Diagnostics {
	const path = "channels"
	switch word {
	case channelAll, channelMobile, channelCard, channelWallet:
		return nil
	case "MOBILE":
		return sdk.WrongValue(path, "MOBILE is a word of another guide: write "+channelMobile)
	case "CARD":
		return sdk.WrongValue(path, "CARD is a word of another guide: write "+channelCard)
	default:
		return sdk.WrongValue(path, "must be one of "+strings.Join(channelWords(), ", "))
	}
}

func (s *settings) readCorridors(country, code string) sdk.Diagnostics {
	var currency money.Currency
	if code != "" {
		// The schema lets only known codes through.
		currency, _ = money.ParseCurrency(code)
	}
	s.corridors = narrow(corridors(), country, currency)
	if len(s.corridors) == 0 {
		return sdk.WrongValue("currency", "CinetPay does not collect "+code+" in "+country)
	}
	s.destinations = narrowDestinations(destinations(), country, currency)
	if !s.paysOut() {
		return nil
	}
	if len(s.destinations) == 0 {
		return sdk.WrongValue("transfer_password", "CinetPay does not pay out "+code+": leave it empty, or write another currency")
	}
	if _, known := s.balanceCurrency(); !known {
		return sdk.Warning("currency", "not set", "CinetPay tells the balance without a currency, so it cannot be read")
	}
	return nil
}
