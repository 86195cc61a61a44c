package httpx

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Trust makes the client trust certificates of the pool.
func (c *Client) Trust(pool *x509.CertPool) { c.transport.TLSClientConfig.RootCAs = pool }

// Dial replaces the dialer.
func (c *Client) Dial(dial func(ctx context.Context, network, addr string) (net.Conn, error)) {
	c.transport.DialContext = dial
}

// Via sends all calls through a proxy.
func (c *Client) Via(proxy *url.URL) { c.transport.Proxy = http.ProxyURL(proxy) }

// HandshakeTimeout bounds the TLS handshake.
func (c *Client) HandshakeTimeout(d time.Duration) { c.transport.TLSHandshakeTimeout = d }
