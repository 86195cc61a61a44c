package sdk

import (
	"net/netip"
	"net/url"
	"strings"
)

// Root is the address of a provider's API, as an account's settings give it.
type Root struct {
	// URL has no final slash, so that a path follows it.
	URL string
	// Host is the host of URL, with the port where it has one.
	Host string
	// Loopback says that it is this machine, which is how a sandbox is called.
	Loopback bool
	// Plain says that calls leave this machine unencrypted. Whether that is
	// refused or only warned of is for the plugin to say.
	Plain bool
}

// ReadRoot reads a setting of FieldURL by its name and text. It finds fault with
// a URL that is not absolute, or holds credentials, a query or a fragment.
func ReadRoot(name, text string) (Root, Diagnostics) {
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return Root{}, WrongValue(name, "must be an absolute http or https URL")
	}
	root := Root{URL: base.String(), Host: base.Host, Loopback: IsLoopback(base.Hostname())}
	root.Plain = base.Scheme == "http" && !root.Loopback
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return root, WrongValue(name, "must hold neither credentials nor a query")
	}
	return root, nil
}

// IsLoopback reports whether the host, without a port, is localhost or a loopback
// address.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
