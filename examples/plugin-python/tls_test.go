package pluginpython_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk/wire"
)

// newCertificate is one as an engine makes for each start of a plugin.
func newCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// started starts the plugin for the engine with a certificate. It returns the
// socket, and the certificate by which the plugin is known.
func started(t *testing.T, engine tls.Certificate) (socket string, plugin *x509.CertPool) {
	t.Helper()
	dir := folder(t)
	cmd := exec.Command(built(t))
	cmd.Env = []string{
		wire.Handshake.MagicCookieKey + "=" + wire.Handshake.MagicCookieValue, "PLUGIN_UNIX_SOCKET_DIR=" + dir,
		"PLUGIN_CLIENT_CERT=" + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: engine.Certificate[0]})),
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // It was killed.
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	parts := strings.Split(strings.TrimSpace(line), "|")
	if err != nil || len(parts) != 6 || parts[0] != "1" || parts[1] != "1" || parts[2] != "unix" || parts[4] != "grpc" {
		t.Fatalf("the handshake is %q, %v", line, err)
	}
	der, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		t.Fatal(err)
	}
	known, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	plugin = x509.NewCertPool()
	plugin.AddCert(known)
	return parts[3], plugin
}

// answers reports whether what listens at the socket says anything to a client.
func answers(ctx context.Context, socket string, config *tls.Config) error {
	plain, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer plain.Close()
	if err := plain.SetDeadline(time.Now().Add(waitMax)); err != nil {
		return err
	}
	conn := tls.Client(plain, config)
	// The client of TLS 1.3 is through before the server has looked at its certificate.
	if _, err := conn.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

func TestOnlyTheEngineThatStartedThePluginIsServed(t *testing.T) {
	t.Parallel()
	needPython(t)
	engine := newCertificate(t)
	socket, plugin := started(t, engine)
	for name, c := range map[string]struct {
		certificates []tls.Certificate
		served       bool
	}{
		"the engine":            {[]tls.Certificate{engine}, true},
		"another engine":        {[]tls.Certificate{newCertificate(t)}, false},
		"without a certificate": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := answers(t.Context(), socket, &tls.Config{
				Certificates: c.certificates, RootCAs: plugin, ServerName: "localhost", NextProtos: []string{"h2"},
				MinVersion: tls.VersionTLS12,
			})
			if served := err == nil; served != c.served {
				t.Errorf("served %t, want %t: %v", served, c.served, err)
			}
		})
	}
}
