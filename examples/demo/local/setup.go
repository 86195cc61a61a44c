package local

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
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
	Key Key
	// Plugin is the path of the plugin's binary; empty means Programs.CinetPay.
	Plugin   string
	Accounts []Account
	// Rules is the text of routes.yaml.
	Rules string
	// Poll are the ages at which a provider is asked what became of a payment.
	Poll []time.Duration
	// Deadline bounds all attempts of one request together.
	Deadline time.Duration
}

// Account is an account at CinetPay.
type Account struct {
	Name string
	// URL is the root of CinetPay, or of its sandbox.
	URL string
	// Timeout bounds one call to the plugin. The plugin gives CinetPay a second less.
	Timeout time.Duration
}

// Config is the path of the configuration.
func (s Setup) Config() string { return filepath.Join(s.Dir, "paymux.yaml") }

// Store is the path of the store.
func (s Setup) Store() string { return filepath.Join(s.Dir, "data", "paymux.db") }

// Write writes the configuration and the rules. The line of the plugin is the one
// that engine plugin hash prints.
func (s Setup) Write(ctx context.Context) error {
	if s.Plugin == "" {
		s.Plugin = s.Programs.CinetPay
	}
	line, err := s.Programs.pluginLine(ctx, s.Plugin)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	values := map[string]any{"Key": s.Key, "PluginLine": line, "Accounts": s.Accounts, "Poll": s.Poll, "Deadline": s.Deadline, "Site": sandbox.SiteID}
	if err := template.Must(template.New("paymux.yaml").Parse(configuration)).Execute(&text, values); err != nil {
		return fmt.Errorf("write %s: %w", s.Config(), err)
	}
	if err := os.WriteFile(s.Config(), text.Bytes(), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, "routes.yaml"), []byte(s.Rules), 0o600)
}

// Secrets are the environment that the configuration refers to.
func Secrets() []string {
	return []string{"CINETPAY_API_KEY=" + sandbox.APIKey, "CINETPAY_SECRET_KEY=" + sandbox.SecretKey}
}
