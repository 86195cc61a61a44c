package main

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
)

// The ways to authenticate our calls.
const (
	authStatic = "static"
	authLogin  = "login"
)

func schema() sdk.Schema {
	return sdk.Schema{
		{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.webpayment.io", Doc: "the API's root"},
		{
			Name: "auth_mode", Kind: sdk.FieldString, Enum: []string{authStatic, authLogin}, Default: authStatic,
			Doc: "static: api_token is the bearer; login: a token is fetched with client_id and client_secret_key",
		},
		{Name: "api_token", Kind: sdk.FieldString, Secret: true, Doc: "the bearer token of our calls, for auth_mode static"},
		{Name: "client_id", Kind: sdk.FieldString, Doc: "for auth_mode login"},
		{
			Name: "client_secret_key", Kind: sdk.FieldString, Required: true, Secret: true,
			Doc: "from the dashboard; it verifies the webhooks' token, and is the password of auth_mode login",
		},
		{Name: "allowed_ips", Kind: sdk.FieldList, Doc: "addresses or CIDR ranges that webhooks come from; EnovePay's support names them"},
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
	baseURL      string // Without a final slash.
	host         string
	loopback     bool
	login        bool
	apiToken     sdk.Secret
	clientID     string
	clientSecret sdk.Secret
	allowed      []netip.Prefix
	contract     contract
	timeout      time.Duration
}

// readSettings returns the settings and what is wrong with them.
func readSettings(raw sdk.Settings) (settings, sdk.Diagnostics) {
	s := settings{
		login: raw.Text("auth_mode") == authLogin, apiToken: raw.Secret("api_token"), clientID: raw.Text("client_id"),
		clientSecret: raw.Secret("client_secret_key"), timeout: raw.Duration("timeout"),
	}
	found := s.readBaseURL(raw.Text("base_url"))
	found = append(found, s.checkCredentials()...)
	found = append(found, s.readAllowed(raw.List("allowed_ips"))...)
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
		return warn(path, "not encrypted", "the token travels in the clear; use https outside of tests")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

func (s *settings) checkCredentials() sdk.Diagnostics {
	if s.login && s.clientID == "" {
		return sdk.Diagnostics{{Path: "client_id", Summary: "required", Detail: "auth_mode login fetches its token with it"}}
	}
	if !s.login && s.apiToken.Empty() {
		return sdk.Diagnostics{{Path: "api_token", Summary: "required", Detail: "auth_mode static sends it with every call"}}
	}
	return nil
}

func (s *settings) readAllowed(list []string) sdk.Diagnostics {
	const path = "allowed_ips"
	if len(list) == 0 {
		return warn(path, "not set", "webhooks are let in from every address; ask EnovePay's support for theirs")
	}
	var found sdk.Diagnostics
	for _, text := range list {
		one, err := parseRange(text)
		if err != nil {
			found = append(found, wrong(path, "must be IP addresses or CIDR ranges, such as 192.0.2.7 or 192.0.2.0/24")...)
			continue
		}
		s.allowed = append(s.allowed, one)
	}
	return found
}

func parseRange(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	ip = ip.Unmap()
	return netip.PrefixFrom(ip, ip.BitLen()), nil
}

func (s *settings) readContract(paths map[string]string, accepted bool) sdk.Diagnostics {
	var found sdk.Diagnostics
	s.contract, found = readContract(paths)
	missing := s.contract.missing(s.login)
	if len(missing) == 0 || s.loopback || accepted {
		return found
	}
	return append(found, sdk.Diagnostic{
		Path: "accept_assumed_contract", Summary: "the contract is assumed",
		Detail: "EnovePay publishes no paths: give those of " + strings.Join(missing, ", ") +
			" in paths, or set this to true to call " + s.host + " on assumed ones",
	})
}

// url is the address of an operation whose path holds no placeholder.
func (s settings) url(name operation) target {
	at := s.contract.routes[name]
	return target{at.method, s.baseURL + at.path}
}

// statusURL is the address of the question about an attempt.
func (s settings) statusURL(attempt sdk.Attempt) target {
	if attempt.ProviderRef == "" {
		return s.filled(opStatusByReference, placeReference, attempt.Ref)
	}
	return s.filled(opStatus, placeTransaction, attempt.ProviderRef)
}

func (s settings) filled(name operation, placeholder, value string) target {
	at := s.contract.routes[name]
	return target{at.method, s.baseURL + fill(at.path, placeholder, value)}
}

func wrong(path, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Path: path, Summary: "wrong value", Detail: detail}}
}

func warn(path, summary, detail string) sdk.Diagnostics {
	return sdk.Diagnostics{{Warning: true, Path: path, Summary: summary, Detail: detail}}
}
