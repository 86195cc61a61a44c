package main

import (
	"net/netip"
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
	root         sdk.Root
	login        bool
	apiToken     sdk.Secret
	clientID     string
	clientSecret sdk.Secret
	allowed      []netip.Prefix
	contract     sdk.Contract
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

func (s *settings) readBaseURL(text string) (found sdk.Diagnostics) {
	const path = "base_url"
	s.root, found = sdk.ReadRoot(path, text)
	if len(found) == 0 && s.root.Plain {
		return sdk.Warning(path, "not encrypted", "the token travels in the clear; use https outside of tests")
	}
	return found
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
		return sdk.Warning(path, "not set", "webhooks are let in from every address; ask EnovePay's support for theirs")
	}
	var found sdk.Diagnostics
	for _, text := range list {
		one, err := parseRange(text)
		if err != nil {
			found = append(found, sdk.WrongValue(path, "must be IP addresses or CIDR ranges, such as 192.0.2.7 or 192.0.2.0/24")...)
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

func (s *settings) readContract(paths map[string]string, accepted bool) (found sdk.Diagnostics) {
	s.contract, found = sdk.ReadContract(conventions(), paths)
	return append(found, s.contract.Accept("EnovePay", s.root, accepted, needed(s.login)...)...)
}

// url is the address of an operation, with the values in the places of their names.
func (s settings) url(name operation, values map[string]string) target {
	method, path := s.contract.Call(string(name), values)
	return target{method, s.root.URL + path}
}

// statusURL is the address of the question about an attempt.
func (s settings) statusURL(attempt sdk.Attempt) target {
	if attempt.ProviderRef == "" {
		return s.url(opStatusByReference, map[string]string{valueReference: attempt.Ref})
	}
	return s.url(opStatus, map[string]string{valueTransaction: attempt.ProviderRef})
}
