package host

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/sdk"
)

// DefaultTimeout bounds one call of an account that names no timeout.
const DefaultTimeout = 30 * time.Second

// Options are what New needs.
type Options struct {
	// Plugins are the binaries by the name that accounts use.
	Plugins map[string]Plugin
	// Accounts are the provider accounts by name.
	Accounts map[string]Account
	// CacheDir is where private copies of the binaries are kept. It is created
	// if it is missing, and nobody else may write to it.
	CacheDir string
	// SocketDir is where each process gets a private directory for its socket;
	// empty means the system's temporary directory.
	SocketDir string
	// AllowReattach lets ENGINE_REATTACH_PLUGINS name plugins that run already,
	// under a debugger. For development only.
	AllowReattach bool
	// Logger gets what the host and the plugins have to say; nil for nothing.
	Logger hclog.Logger

	pace *pace // Nil but in tests.
}

// Plugin is one plugin's binary.
type Plugin struct {
	Path string
	// SHA256 is the checksum of the binary in hex; the process starts only from
	// a file that has it.
	SHA256 string
	// Dev does without a checksum and says so loudly at each start.
	Dev bool
	// Environment names the variables of this process that the plugin sees besides
	// PATH, TZ, SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY and NO_PROXY.
	Environment []string
}

// SameBinary reports whether two plugins are started from the same file in the same way.
func (p Plugin) SameBinary(other Plugin) bool {
	return p.Path == other.Path && p.SHA256 == other.SHA256 && p.Dev == other.Dev
}

// seesAs reports whether the plugin is to see the same variables as other. Their order
// says nothing.
func (p Plugin) seesAs(other Plugin) bool {
	return slices.Equal(slices.Sorted(slices.Values(p.Environment)), slices.Sorted(slices.Values(other.Environment)))
}

// Account is one provider account.
type Account struct {
	// Plugin names the plugin in Options.Plugins.
	Plugin string
	// Settings returns the settings, checked against the plugin's schema and with
	// secrets filled in. It is asked at each start of the process, so that a
	// changed secret counts from then on. Nil means that there are none.
	Settings func(ctx context.Context, schema sdk.Schema) (sdk.Settings, error)
	// Isolated gives the account a process of its own.
	Isolated bool
	// Timeout bounds one call; zero means DefaultTimeout.
	Timeout time.Duration
}

// pace holds every bound of time and count in this package.
type pace struct {
	start       time.Duration // For the handshake line.
	connect     time.Duration // For the connection after it; go-plugin bounds it by nothing.
	call        time.Duration // For Describe, ValidateSettings and Configure.
	healthEvery time.Duration
	healthWait  time.Duration
	strikes     int           // Missed health checks in a row that end a process.
	shutdown    time.Duration // For the Shutdown call.
	kill        time.Duration // For go-plugin's Kill, before and after SIGKILL.
	backoffMin  time.Duration
	backoffMax  time.Duration
	steady      time.Duration // A process that lived so long starts the backoff afresh.
	repeat      time.Duration // For a new process that can repeat a reading call.
	crashes     int           // So many of them within crashWindow end the restarts.
	crashWindow time.Duration
}

func usualPace() pace {
	return pace{
		start: 10 * time.Second, connect: 5 * time.Second, call: 10 * time.Second,
		healthEvery: 5 * time.Second, healthWait: time.Second, strikes: 3,
		shutdown: 2 * time.Second, kill: 3 * time.Second,
		backoffMin: 250 * time.Millisecond, backoffMax: 30 * time.Second, steady: time.Minute,
		repeat: 2 * time.Second, crashes: 5, crashWindow: 10 * time.Minute,
	}
}

// A plugin's name becomes a file name and a logger's name.
var nameShape = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// check returns every option that is wrong.
func (o Options) check() Faults {
	var faults Faults
	if o.CacheDir == "" {
		faults = append(faults, Fault{Err: errors.New("the directory for copies of plugins is not set")})
	}
	if _, err := socketDirIn(o.SocketDir); err != nil {
		faults = append(faults, Fault{Err: err})
	}
	return append(faults, o.checkParts()...)
}

// checkParts returns what is wrong with the plugins and the accounts.
func (o Options) checkParts() Faults {
	var faults Faults
	for _, name := range slices.Sorted(maps.Keys(o.Plugins)) {
		if err := o.Plugins[name].check(name); err != nil {
			faults = append(faults, Fault{Path: "plugins." + name, Plugin: name, Err: err})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Accounts)) {
		account := o.Accounts[name]
		if _, ok := o.Plugins[account.Plugin]; !ok {
			faults = append(faults, accountFault(name, account, fmt.Errorf("there is no plugin %q", account.Plugin)))
		}
		if account.Timeout < 0 {
			faults = append(faults, accountFault(name, account, fmt.Errorf("timeout is %v, must be positive", account.Timeout)))
		}
	}
	return faults
}

// accountNames are all accounts.
func (o Options) accountNames() map[string]bool {
	names := make(map[string]bool, len(o.Accounts))
	for name := range o.Accounts {
		names[name] = true
	}
	return names
}

func accountFault(name string, account Account, err error) Fault {
	return Fault{Path: "providers." + name, Account: name, Plugin: account.Plugin, Err: err}
}

func (p Plugin) check(name string) error {
	if !nameShape.MatchString(name) {
		return errors.New("the name must be of a-z, 0-9, - and _, at most 64 of them")
	}
	if p.Path == "" {
		return errors.New("path is missing")
	}
	if p.Dev && p.SHA256 == "" {
		return nil
	}
	if sum, err := hex.DecodeString(p.SHA256); err != nil || len(sum) != 32 {
		return fmt.Errorf("sha256 must be 64 hex digits; for development dev: true does without (checksum of %s)", filepath.Base(p.Path))
	}
	return nil
}

// checksum is the one that the binary must have, empty for any.
func (p Plugin) checksum() string { return strings.ToLower(p.SHA256) }
