package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
)

// peer returns the address of who sent r: the socket's, or with N trusted proxies
// the Nth entry of X-Forwarded-For counted from the right. What stands further left
// was written by whoever wanted to. A chain shorter than N did not come through our
// proxies: the socket's address is then all that is known.
func (s *server) peer(r *http.Request) string {
	socket, proxies := addressOf(r.RemoteAddr), s.Access(r.Context()).trustedProxies
	if proxies == 0 {
		return socket
	}
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if len(chain) < proxies {
		return socket
	}
	if address := addressOf(strings.TrimSpace(chain[len(chain)-proxies])); address != "" {
		return address
	}
	return socket
}

// addressOf returns the IP address in text, with or without a port, or "".
func addressOf(text string) string {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone("").String()
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return ""
	}
	return address.Unmap().WithZone("").String()
}
