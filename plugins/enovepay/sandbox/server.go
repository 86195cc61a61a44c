package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

const (
	defaultCompletionDelay = 2 * time.Second
	defaultBalance         = 1_000_000_000
)

// Options of a Server. The zero value is a sandbox on a free loopback port.
type Options struct {
	// Addr is the address to listen on. Default: "127.0.0.1:0".
	Addr string
	// Now is the base clock. Default: time.Now.
	Now func() time.Time
	// CompletionDelay is the time after which a transaction completes. Default:
	// 2 s. With a negative value nothing completes unasked: it waits for Decide.
	CompletionDelay time.Duration
	// Paths are corrected paths by operation, as in the plugin's setting: /path
	// or METHOD /path, with the same placeholders.
	Paths map[string]string
	// Always200 sends HTTP 200 with every code.
	Always200 bool
	// StatusCodes makes status tell what waits by code 114 and what failed by
	// code 112, both without a status word.
	StatusCodes bool
	// Balance is the float for payouts in each currency, in whole units.
	// Default: 1,000,000,000.
	Balance int64
	// CallbackURL takes the webhooks of transactions without one of their own.
	// Default: nothing does.
	CallbackURL string
	// Transport carries the webhooks. Default: a transport of its own, which
	// uses no proxy.
	Transport http.RoundTripper
}

// Server is the sandbox. Its methods may be called from any goroutine.
type Server struct {
	*sandboxkit.Server
	options  Options
	contract []route
	misled   error // what is wrong with Options.Paths
	stage    *sandboxkit.Stage
	world    // guarded by the stage's lock
}

// world is everything that Reset forgets.
type world struct {
	byRef    map[key]*transaction
	byID     map[string]*transaction
	order    []*transaction
	calls    map[key]int          // creating calls
	sessions map[string]time.Time // the end of each login token
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	s := &Server{options: options.withDefaults(), world: newWorld()}
	s.contract, s.misled = routesOf(options.Paths)
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: options.Addr, Now: options.Now, Operations: operations(),
		State: func() any { return s.State() }, Forget: func() { s.world = newWorld() },
		UserAgent: "EnovePay-Sandbox/1.0",
		Pauses:    []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour},
		Transport: options.Transport, Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.stage.HandleFunc("/", s.api)
	s.routeControl()
	return s
}

// Start listens and serves in the background until Close. It returns ErrBadPath
// for paths that cannot be, the error of listening, and one for a server that
// was started or closed before.
func (s *Server) Start() error {
	if s.misled != nil {
		return fmt.Errorf("sandbox: %w", s.misled)
	}
	return s.Server.Start()
}

func (o Options) withDefaults() Options {
	if o.CompletionDelay == 0 {
		o.CompletionDelay = defaultCompletionDelay
	}
	if o.Balance == 0 {
		o.Balance = defaultBalance
	}
	return o
}

func newWorld() world {
	return world{
		byRef:    map[key]*transaction{},
		byID:     map[string]*transaction{},
		calls:    map[key]int{},
		sessions: map[string]time.Time{},
	}
}
