package httpx_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// closedPort returns an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "{}")
	}))
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func poolOf(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

// noConnection are the ways in which a call fails before it has a connection.
// Each sets client up and returns the URL to call.
var noConnection = map[string]func(t *testing.T, client *httpx.Client) string{
	"the connection is refused": func(t *testing.T, _ *httpx.Client) string {
		return "http://" + closedPort(t)
	},
	"the name cannot be resolved": func(_ *testing.T, client *httpx.Client) string {
		offline := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no name server")
		}}
		client.Dial((&net.Dialer{Resolver: offline}).DialContext)
		return "https://provider.invalid"
	},
	"the certificate is of an unknown authority": func(t *testing.T, _ *httpx.Client) string {
		return tlsServer(t, nil).URL
	},
	"the certificate is of another host": func(t *testing.T, client *httpx.Client) string {
		server := tlsServer(t, nil)
		client.Trust(poolOf(server))
		client.Dial(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		})
		return "https://other.invalid"
	},
	"the server speaks only TLS 1.1": func(t *testing.T, client *httpx.Client) string {
		server := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}) //nolint:gosec // The old version is the point.
		client.Trust(poolOf(server))
		return server.URL
	},
	"the server does not speak TLS": func(t *testing.T, _ *httpx.Client) string {
		server := newServer(t, func(http.ResponseWriter, *http.Request) {})
		return strings.Replace(server.URL, "http:", "https:", 1)
	},
	"the handshake takes too long": func(t *testing.T, client *httpx.Client) string {
		client.HandshakeTimeout(30 * time.Millisecond)
		return "https://" + listen(t, silence)
	},
	"the deadline passes during the handshake": func(t *testing.T, _ *httpx.Client) string {
		return "https://" + listen(t, silence)
	},
	"the deadline passes while dialing": func(_ *testing.T, client *httpx.Client) string {
		client.Dial(func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		return "http://provider.invalid"
	},
	"the proxy refuses the tunnel": func(t *testing.T, client *httpx.Client) string {
		proxy := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusProxyAuthRequired)
		})
		address, _ := url.Parse(proxy.URL)
		address.User = url.UserPassword("engine", "proxy-password")
		client.Via(address)
		return "https://provider.invalid"
	},
}

func TestMoveIsNotSentWithoutAConnection(t *testing.T) {
	for name, prepare := range noConnection {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, 300*time.Millisecond)
			target := prepare(t, client)
			_, err := client.Move(t.Context(), post(target+"/pay?token=query-secret"))
			fault := wantSent(t, sdk.NotSent, err)
			if !errors.Is(err, sdk.ErrUnavailable) {
				t.Errorf("want kind unavailable, got %v", fault.Kind)
			}
			if sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
				t.Errorf("want outcome NOT_SENT, got %v", sdk.CreateOutcome(err))
			}
			if len(fault.Exchanges) != 1 || fault.Exchanges[0].GotConn || fault.Exchanges[0].HTTPStatus != 0 {
				t.Errorf("want one exchange without a connection, got %+v", fault.Exchanges)
			}
			for _, secret := range []string{"query-secret", "proxy-password"} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, fault.Exchanges), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

func TestAskNeverSaysNotSent(t *testing.T) {
	for name, prepare := range noConnection {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, 300*time.Millisecond)
			_, err := client.Ask(t.Context(), post(prepare(t, client)))
			wantSent(t, sdk.MaybeSent, err)
		})
	}
}

func TestTLS12AndATrustedCertificatePass(t *testing.T) {
	server := tlsServer(t, &tls.Config{MaxVersion: tls.VersionTLS12}) //nolint:gosec // The lowest version that passes.
	client := newClient(t, 10*time.Second)
	client.Trust(poolOf(server))
	if _, err := client.Move(t.Context(), post(server.URL)); err != nil {
		t.Fatal(err)
	}
}

func TestMoveAfterSendByIsRefused(t *testing.T) {
	var seen atomic.Int32
	server := newServer(t, func(http.ResponseWriter, *http.Request) { seen.Add(1) })
	client := newClient(t, 10*time.Second)
	late := sdk.WithSendBy(t.Context(), time.Now().Add(-time.Millisecond))
	_, err := client.Move(late, post(server.URL))
	if fault := wantSent(t, sdk.NotSent, err); len(fault.Exchanges) != 0 {
		t.Errorf("want no exchange, got %+v", fault.Exchanges)
	}
	if _, err := client.Ask(late, post(server.URL)); err != nil {
		t.Errorf("a read has no send_by: %v", err)
	}
	inTime := sdk.WithSendBy(t.Context(), time.Now().Add(time.Minute))
	if _, err := client.Move(inTime, post(server.URL)); err != nil {
		t.Errorf("in time: %v", err)
	}
	if seen.Load() != 2 {
		t.Errorf("want 2 requests at the server, got %d", seen.Load())
	}
}

func TestMoveIsGivenUpAtSendByWhileItHasNoConnection(t *testing.T) {
	client := newClient(t, 10*time.Second)
	client.Dial(func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx := sdk.WithSendBy(within(t, 5*time.Second), time.Now().Add(50*time.Millisecond))
	_, err := client.Move(ctx, post("http://provider.invalid"))
	fault := wantSent(t, sdk.NotSent, err)
	if !strings.Contains(fault.Message, "send_by has passed") {
		t.Errorf("want the reason send_by, got %q", fault.Message)
	}
}

func TestMoveWithAConnectionGoesOnAfterSendBy(t *testing.T) {
	sendBy := time.Now().Add(200 * time.Millisecond)
	server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(time.Until(sendBy.Add(50 * time.Millisecond)))
		fmt.Fprint(w, "done")
	})
	client := newClient(t, 10*time.Second)
	answer, err := client.Move(sdk.WithSendBy(t.Context(), sendBy), post(server.URL))
	if err != nil || string(answer.Body) != "done" {
		t.Errorf("want done, got %q, %v", answer.Body, err)
	}
}

func TestMoveRefusesWhatItCannotSendSafely(t *testing.T) {
	client := newClient(t, time.Second)
	for name, request := range map[string]httpx.Request{
		"no body":                  {Method: http.MethodPost, URL: "http://127.0.0.1:1/"},
		"a relative URL":           {Method: http.MethodPost, URL: "/pay", Body: []byte(order)},
		"another scheme":           {Method: http.MethodPost, URL: "ftp://127.0.0.1/", Body: []byte(order)},
		"credentials in the URL":   {Method: http.MethodPost, URL: "http://user:url-password@127.0.0.1:1/", Body: []byte(order)},
		"a URL that is none":       {Method: http.MethodPost, URL: "http://url-password\x7f/", Body: []byte(order)},
		"a method that is no word": {Method: "PO ST", URL: "http://127.0.0.1:1/", Body: []byte(order)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.Move(t.Context(), request)
			wantSent(t, sdk.NotSent, err)
			if !errors.Is(err, sdk.ErrInvalid) {
				t.Errorf("want kind invalid, got %v", err)
			}
			if strings.Contains(err.Error(), "url-password") {
				t.Errorf("the error repeats the URL: %v", err)
			}
		})
	}
}

func TestACanceledCallIsNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, time.Second).Move(ctx, post("http://127.0.0.1:1/"))
	wantSent(t, sdk.NotSent, err)
}
