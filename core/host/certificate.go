package host

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// certificateVariable tells a process, in PEM, whom alone it may serve. Its name and
// its meaning are those of go-plugin's AutoMTLS.
const certificateVariable = "PLUGIN_CLIENT_CERT"

// peer is the name of both sides in their certificates.
const peer = "localhost"

// newCertificate makes what the engine proves with to one process who it is, and the
// PEM by which that process knows it. The process answers with a certificate of its own
// in its handshake line. AutoMTLS of go-plugin does the same with a key on P-521,
// whose arithmetic keeps a processor from payments at other accounts whenever a
// process starts; that of P-256 is far cheaper. The plugin's own stays as go-plugin
// makes it.
func newCertificate() (config *tls.Config, shown string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", fmt.Errorf("certificate: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: peer}, DNSNames: []string{peer},
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(30, 0, 0), // Whatever is done to the clock while it lives.
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		// It is its own authority, the only one that the process trusts.
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, "", fmt.Errorf("certificate: %w", err)
	}
	config = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS12, // Plugins may be in any language.
		ServerName:   peer,
	}
	return config, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
