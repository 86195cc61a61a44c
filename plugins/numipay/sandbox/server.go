package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The credentials of the sandbox.
const (
	// DevKey is an api_key that tests, and LiveKey one that would move money.
	DevKey  = "dev_sandbox"
	LiveKey = "live_sandbox"
	// SignaturePassword signs the webhooks. It is the one of Numipay's own example.
	SignaturePassword = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF"
)

const defaultCompletionDelay = 2 * time.Second

// Options of a Server. The zero value is a sandbox on a free loopback port.
type Options struct {
	// Addr is the address to listen on. Default: "127.0.0.1:0".
	Addr string
	// Now is the base clock. Default: time.Now.
	Now func() time.Time
	// CompletionDelay is the time after which a transaction that nobody visits,
	// and a payout that was approved, ends. Default: 2 s. With a negative value
	// nothing ends unasked: it waits for its page or for Decide.
	CompletionDelay time.Duration
	// RequireApproval holds payouts until they are approved.
	RequireApproval bool
	// AnyPayoutID lets approve and reject take either id of a payout.
	AnyPayoutID bool
	// Paths are other places of operations, by name, as "/path" or "METHOD /path".
	Paths map[string]string
	// Transport carries the webhooks. Default: a transport of its own, which uses
	// no proxy.
	Transport http.RoundTripper
}

// Server is the sandbox. Its methods may be called from any goroutine.
type Server struct {
	*sandboxkit.Server
	options Options
	misled  error // what is wrong with Options.Paths
	stage   *sandboxkit.Stage
	world   // guarded by the stage's lock
}

// world is everything that Reset forgets.
type world struct {
	transactions map[string]*transaction // by tracking_id
	byID         map[string]*transaction // by transaction_id
	order        []*transaction
	calls        map[string]int // creating calls by tracking_id
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	s := &Server{options: options.withDefaults(), world: newWorld()}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: options.Addr, Now: options.Now, Operations: operations(),
		State: func() any { return s.State() }, Forget: func() { s.world = newWorld() },
		// A webhook is repeated at this pace, and tried 15 times in all.
		UserAgent: "Numipay-Sandbox/1.0", Patience: 10 * time.Second, Pauses: slices.Repeat([]time.Duration{5 * time.Minute}, 14),
		Transport: options.Transport, Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.misled = s.routeAPI()
	s.routePage()
	s.routeControl()
	return s
}

// Start listens and serves in the background until Close. It returns the error
// of listening, ErrBadPath for Options.Paths that cannot be, and an error for a
// server that was started or closed before.
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
	return o
}

func newWorld() world {
	return world{
		transactions: map[string]*transaction{}, byID: map[string]*transaction{}, calls: map[string]int{},
	}
}
