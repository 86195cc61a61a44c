package main

import (
	"net"
	"net/url"
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
		{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "the apikey of the back office's Integration page"},
		{Name: "site_id", Kind: sdk.FieldString, Required: true, Doc: "the site (service) number, in quotes"},
		{
			Name: "secret_key", Kind: sdk.FieldString, Secret: true,
			Doc: "the site's Secret Key, not the apikey; without it notifications are hints only",
		},
		{Name: "channels", Kind: sdk.FieldString, Default: channelAll, Doc: "for method any: " + strings.Join(channelWords(), ", ")},
		{Name: "lang", Kind: sdk.FieldString, Default: french, Doc: "language of the payment page, fr or en, where a payment names none"},
		{Name: "currency", Kind: sdk.FieldString, Enum: currencyCodes(), Doc: "the site's currency; empty: any that CinetPay knows"},
		{Name: "country", Kind: sdk.FieldString, Enum: countryCodes(), Doc: "the site's country; empty: any that CinetPay knows"},
		{Name: "timeout", Kind: sdk.FieldDuration, Default: "20s", Doc: "per HTTP call"},
	}
}

func channelWords() []string { return []string{channelAll, channelMobile, channelCard, channelWallet} }

// settings are an account's settings, read.
type settings struct {
	baseURL   string // Without a final slash.
	host      string
	loopback  bool
	apiKey    sdk.Secret
	siteID    string
	secretKey sdk.Secret
	channels  string
	lang      string
	timeout   time.Duration
	corridors []corridor
}

// readSettings returns the settings and what is wrong with them.
func readSettings(raw sdk.Settings) (settings, sdk.Diagnostics) {
	s := settings{
		apiKey: raw.Secret("api_key"), siteID: raw.Text("site_id"), secretKey: raw.Secret("secret_key"),
		channels: raw.Text("channels"), lang: strings.ToLower(raw.Text("lang")), timeout: raw.Duration("timeout"),
	}
	var found sdk.Diagnostics
	found = append(found, s.readBaseURL(raw.Text("base_url"))...)
	found = append(found, s.checkSite()...)
	found = append(found, s.checkWords()...)
	return s, append(found, s.readCorridors(raw.Text("country"), raw.Text("currency"))...)
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
	if strings.HasSuffix(base.Path, "/v2") {
		return wrong(path, "leave /v2 out, the plugin adds it")
	}
	s.baseURL, s.host, s.loopback = base.String(), base.Host, isLoopback(base.Hostname())
	if base.Scheme == "http" && !s.loopback {
		return warn(path, "not encrypted", "the apikey travels in the clear; use https outside of tests")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return isLocalhost(host) || ip != nil && ip.IsLoopback()
}

func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (s *settings) checkSite() sdk.Diagnostics {
	const path = "site_id"
	if s.siteID == "" || strings.Trim(s.siteID, digits) != "" {
		return wrong(path, "must be digits only, as the back office shows it")
	}
	if n := len(s.siteID); n != 6 && n != 9 {
		return warn(path, "unusual length", "site numbers have 6 or 9 digits")
	}
	return nil
}

func (s *settings) checkWords() sdk.Diagnostics {
	found := checkChannels(s.channels)
	if s.lang != french && s.lang != english {
		found = append(found, wrong("lang", "must be fr or en")...)
	}
	if s.secretKey.Empty() {
		found = append(found, warn("secret_key", "not set", "notifications cannot be verified and are hints only")...)
	}
	return found
}

func checkChannels(word string) sdk.Diagnostics {
	const path = "channels"
	switch word {
	case channelAll, channelMobile, channelCard, channelWallet:
		return nil
	case "MOBILE":
		return wrong(path, "MOBILE is a word of another guide: write "+channelMobile)
	case "CARD":
		return wrong(path, "CARD is a word of another guide: write "+channelCard)
	default:
		return wrong(path, "must be one of "+strings.Join(channelWords(), ", "))
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
		return wrong("currency", "CinetPay does not collect "+code+" in "+country)
	}
	return nil
}

func wrong(path, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Path: path, Summary: "wrong value", Detail: detail}}
}

func warn(path, summary, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Warning: true, Path: path, Summary: summary, Detail: detail}}
}
