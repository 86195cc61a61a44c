package local

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/template"
	"time"

	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// The plugins, by the names of their programs.
const (
	CinetPay = "cinetpay"
	EnovePay = "enovepay"
	Numipay  = "numipay"
	Cenoa    = "cenoa"
	AcmePay  = "acmepay" // Of a module of its own: see BuildAcmePay.
)

//go:embed paymux.yaml.tmpl
var configuration string

// DirPrefix is for os.MkdirTemp to make a Setup.Dir with.
const DirPrefix = "pmx-"

// Setup is what an operator decides about one engine.
type Setup struct {
	Programs Programs
	// Dir holds the configuration, the rules, the store and the sockets of plugins,
	// whose paths must be short.
	Dir string
	// Key is the shop's, and Desk the operators'. Without a Desk the shop's may do
	// what an operator may.
	Key, Desk Key
	// Plugin is the path of CinetPay's plugin; empty means Programs.CinetPay.
	Plugin   string
	Accounts []Account
	// Rules is the text of routes.yaml.
	Rules string
	// Poll are the ages at which a provider is asked what became of a payment.
	Poll []time.Duration
	// Deadline bounds all attempts of one request together.
	Deadline time.Duration
}

// Account is an account at a provider.
type Account struct {
	Name string
	// Plugin is the name of the plugin; empty means CinetPay.
	Plugin string
	// URL is the root of the provider, or of its sandbox.
	URL string
	// Timeout bounds one call to the plugin. The plugin gives the provider a second less.
	Timeout time.Duration
}

// Config is the path of the configuration.
func (s Setup) Config() string { return filepath.Join(s.Dir, "paymux.yaml") }

// Store is the path of the store.
func (s Setup) Store() string { return filepath.Join(s.Dir, "data", "paymux.db") }

// Write writes the configuration and the rules. The lines of the plugins are those
// that engine plugin hash prints.
func (s Setup) Write(ctx context.Context) error {
	s.Accounts = slices.Clone(s.Accounts)
	for i, account := range s.Accounts {
		if account.Plugin == "" {
			s.Accounts[i].Plugin = CinetPay
		}
	}
	lines, err := s.pluginLines(ctx)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	values := map[string]any{"Setup": s, "PluginLines": lines, "Site": cinetpay.SiteID}
	if err := template.Must(template.New("paymux.yaml").Parse(configuration)).Execute(&text, values); err != nil {
		return fmt.Errorf("write %s: %w", s.Config(), err)
	}
	if err := os.WriteFile(s.Config(), text.Bytes(), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, "routes.yaml"), []byte(s.Rules), 0o600)
}

// pluginLines admits each plugin that an account needs.
func (s Setup) pluginLines(ctx context.Context) ([]string, error) {
	var names, lines []string
	for _, account := range s.Accounts {
		if slices.Contains(names, account.Plugin) {
			continue
		}
		path := s.Programs.plugin(account.Plugin)
		if account.Plugin == CinetPay && s.Plugin != "" {
			path = s.Plugin
		}
		line, err := s.Programs.pluginLine(ctx, path)
		if err != nil {
			return nil, err
		}
		names, lines = append(names, account.Plugin), append(lines, line)
	}
	return lines, nil
}

// Secrets are the environment that the configuration refers to.
func Secrets() []string {
	return []string{
		"CINETPAY_API_KEY=" + cinetpay.APIKey, "CINETPAY_SECRET_KEY=" + cinetpay.SecretKey,
		"CINETPAY_TRANSFER_PASSWORD=" + cinetpay.TransferPassword,
		"ENOVEPAY_API_TOKEN=" + enovepay.APIToken, "ENOVEPAY_CLIENT_SECRET_KEY=" + enovepay.ClientSecretKey,
		"NUMIPAY_API_KEY=" + numipay.DevKey, "NUMIPAY_SIGNATURE_PASSWORD=" + numipay.SignaturePassword,
		"CENOA_API_KEY=" + cenoa.APIKey, "CENOA_API_SECRET=" + cenoa.APISecret,
		"ACMEPAY_API_KEY=" + acmepayKey, "ACMEPAY_WEBHOOK_SECRET=" + acmepaySecret,
	}
}
