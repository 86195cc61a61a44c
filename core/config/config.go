package config

import (
	"net"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// Config is a configuration that holds no error. It does not change; a reload
// makes another one.
type Config struct {
	// Mode is ModeTest or ModeLive.
	Mode      Mode                `koanf:"mode"`
	Server    Server              `koanf:"server"`
	Store     Store               `koanf:"store"`
	Log       Log                 `koanf:"log"`
	Auth      Auth                `koanf:"auth"`
	Plugins   map[string]Plugin   `koanf:"plugins"`
	Providers map[string]Provider `koanf:"providers"`
	Routing   Routing             `koanf:"routing"`
	Payments  Payments            `koanf:"payments"`
	Reconcile Reconcile           `koanf:"reconcile"`
	Payouts   Payouts             `koanf:"payouts"`
	Retention Retention           `koanf:"retention"`

	source *source
}

// Mode says whether real money moves.
type Mode string

// The modes. Live refuses what is only fit for trying out.
const (
	ModeTest Mode = "test"
	ModeLive Mode = "live"
)

// Server is where the engine listens.
type Server struct {
	// Listen is a host and port; port 0 takes a free one.
	Listen string `koanf:"listen"`
	// PublicURL is where providers and customers reach the engine, without a
	// slash at its end; empty means its own loopback address (see URL).
	PublicURL string `koanf:"public_url"`
	// TrustedProxies is how many proxies in front add to X-Forwarded-For.
	TrustedProxies int `koanf:"trusted_proxies"`
}

// URL returns the public URL, or the loopback URL of the address that the server got.
func (s Server) URL(bound string) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	host, port, err := net.SplitHostPort(bound)
	if err != nil {
		return "http://" + bound
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Store is where transactions are kept.
type Store struct {
	Driver string `koanf:"driver"`
	Path   string `koanf:"path"`
}

// Log is what is logged and how.
type Log struct {
	Level  string `koanf:"level"`
	Format string `koanf:"format"`
}

// Auth is who may call the API.
type Auth struct {
	Keys []Key `koanf:"keys"`
}

// Key is one API key. The key itself is not known here.
type Key struct {
	ID string `koanf:"id"`
	// SHA256 is the checksum of the key, in 64 lower-case hexadecimal digits.
	SHA256   string   `koanf:"sha256"`
	Merchant string   `koanf:"merchant"`
	Scopes   []string `koanf:"scopes"`
	// Rate is how many requests the key may send in a time; the zero Rate is no limit.
	Rate Rate `koanf:"rate"`
}

// Plugin is one plugin binary.
type Plugin struct {
	Path string `koanf:"path"`
	// SHA256 is the checksum of the binary, empty only where Dev is set.
	SHA256 string `koanf:"sha256"`
	// Dev starts the binary whatever its checksum is, where SHA256 is empty.
	Dev bool `koanf:"dev"`
	// Environment names the variables of the engine that the plugin sees besides the
	// usual ones. Secrets do not belong there: they are settings of an account.
	Environment []string `koanf:"environment"`
}

// Provider is one account at a provider.
type Provider struct {
	Plugin string `koanf:"plugin"`
	Limits Limits `koanf:"limits"`
	// Fees are what an attempt costs, a currency each; see Costs.
	Fees []Fee `koanf:"fees"`
	// Enabled false means no new attempts; questions and notifications go on.
	Enabled bool `koanf:"enabled"`
	// Required true means that the engine is not ready while this account is not.
	Required bool `koanf:"required"`
	// Isolation is IsolationShared or IsolationProcess.
	Isolation string `koanf:"isolation"`
}

// The isolations of an account.
const (
	IsolationShared  = "shared"
	IsolationProcess = "process"
)

// Limits bound the calls of an account.
type Limits struct {
	// Concurrency is how many calls run at a time.
	Concurrency int `koanf:"concurrency"`
	// Rate is how many calls are made in a time; the zero Rate is no limit.
	Rate Rate `koanf:"rate"`
	// Timeout bounds one call.
	Timeout time.Duration `koanf:"timeout"`
}

// Rate is a number of calls or requests in a time, such as 100/m.
type Rate struct {
	Calls int
	Per   time.Duration
}

// Routing names the file with the routing rules.
type Routing struct {
	File string `koanf:"file"`
}

// Payments bounds what one request does, and one merchant.
type Payments struct {
	// Deadline bounds all attempts of a request together.
	Deadline    time.Duration `koanf:"deadline"`
	MaxAttempts int           `koanf:"max_attempts"`
	// OpenMax is how many payments, payouts and refunds of a merchant may have not ended at most.
	OpenMax int `koanf:"open_max"`
}

// Reconcile is when providers are asked.
type Reconcile struct {
	// Poll overrides every schedule with these ages from the create call; empty leaves them.
	Poll []time.Duration `koanf:"poll"`
}

// Payouts is what our own policy does with payouts.
type Payouts struct {
	Approval Approval `koanf:"approval"`
}

// Approval says which payouts wait until somebody approves them.
type Approval struct {
	// Default is ApprovalNever or ApprovalAlways, for currencies that Above does not name.
	Default string `koanf:"default"`
	// Above holds amounts by currency: a payout of more waits.
	Above map[string]string `koanf:"above"`
}

// The defaults of an approval policy.
const (
	ApprovalNever  = "never"
	ApprovalAlways = "always"
)

// Holds reports whether a payout of this amount waits for approval.
func (a Approval) Holds(amount money.Amount) bool {
	bound, ok := a.Above[amount.Currency().String()]
	if !ok {
		return a.Default == ApprovalAlways
	}
	most, err := money.Parse(bound, amount.Currency())
	if err != nil {
		return true // It was checked when it was read; in doubt a person decides.
	}
	over, err := amount.Compare(most)
	return err != nil || over > 0
}

// Retention is how long finished work is kept.
type Retention struct {
	IdempotencyKeys time.Duration `koanf:"idempotency_keys"`
	Inbox           time.Duration `koanf:"inbox"`
}

// File returns the path of the file as it was given.
func (c *Config) File() string { return c.source.file }

// Locate returns the line of a path such as "providers.acme-ci.settings", or
// of the nearest key above it; zero where the file has neither.
func (c *Config) Locate(path string) int { return c.source.locate(path).line }

// At returns a diagnostic about the value at path, for what is found after the
// configuration was read.
func (c *Config) At(path, message string) core.Diagnostic {
	return c.source.diagnostic(path, message, false)
}
