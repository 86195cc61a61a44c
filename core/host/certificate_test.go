package host_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/paymux/paymux/core/host"
)

// selfSigned is a certificate as a plugin makes one.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	check(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

// Who can open the socket of a plugin can still not call it.
func TestAPluginServesTheEngineAlone(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	sockets, err := filepath.Glob(filepath.Join(h.options.SocketDir, "*", "plugin[0-9]*"))
	check(t, err)
	if len(sockets) != 1 {
		t.Fatalf("sockets %v, want one", sockets)
	}
	strangers := map[string]credentials.TransportCredentials{
		"without TLS": insecure.NewCredentials(),
		//nolint:gosec // A stranger trusts everybody.
		"without a certificate":      credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}),
		"with a certificate of ours": credentials.NewTLS(&tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{selfSigned(t)}}), //nolint:gosec // The same.
	}
	for words, creds := range strangers {
		conn, err := grpc.NewClient("unix://"+sockets[0], grpc.WithTransportCredentials(creds))
		check(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{}); err == nil || ctx.Err() != nil {
			t.Errorf("a stranger %s was told %v, want to be refused", words, err)
		}
		check(t, conn.Close())
	}
	if _, err := pay(t.Context(), h.provider(t, "a"), "", ""); err != nil {
		t.Errorf("the engine itself: %v", err)
	}
}

// What serves at the address of a handshake is believed by the certificate in it alone.
func TestAPluginIsWhoItsHandshakeSays(t *testing.T) {
	t.Parallel()
	served := selfSigned(t)
	address := serveHealth(t, served)
	tests := map[string]struct {
		shown tls.Certificate
		say   string
	}{
		"another's certificate":          {selfSigned(t), "certificate"},
		"its own, but it is no provider": {served, "describe"},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			o := host.Resting(options(t))
			path := filepath.Join(filepath.Dir(ownBinary(t, o)), "liar")
			check(t, os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\necho '1|1|tcp|%s|grpc|%s'\nexec sleep 60\n",
				address, base64.RawStdEncoding.EncodeToString(test.shown.Certificate[0])), 0o755))
			configure(t, o, path)
			h := mustStart(t, o)
			if detail := h.standing(t, "a").Detail; !strings.Contains(detail, test.say) {
				t.Errorf("the standing says %q, want %q", detail, test.say)
			}
		})
	}
}

// serveHealth serves what says that it is well to everybody, and nothing else.
func serveHealth(t *testing.T, certificate tls.Certificate) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAnyClientCert,
	})))
	well := health.NewServer()
	well.SetServingStatus(plugin.GRPCServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, well)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}
