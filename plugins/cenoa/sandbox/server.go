package sandbox

import (
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The credentials of the sandbox's only merchant.
const (
	APIKey    = "sandbox-key"
	APISecret = "test_api_secret"
)

const (
	// windowDefault is the plugin's default time to send the money, and 10
	// minutes of grace.
	windowDefault  = 70 * time.Minute
	pageMaxDefault = 100
)

// Options of a Server. The zero value is a sandbox on a free loopback port.
type Options struct {
	// Addr is the address to listen on. Default: "127.0.0.1:0".
	Addr string
	// Now is the base clock. Default: time.Now.
	Now func() time.Time
	// Paths moves operations, as the plugin's setting of this name does.
	Paths map[string]string
	// PageMax is the most transfers of a page, whatever limit asks for. Default: 100.
	PageMax int
	// PageShift lets a new transfer come in between two pages of a read.
	PageShift bool
	// IgnoreRange lists all transfers, whatever from and to ask for.
	IgnoreRange bool
	// Window is how long after its creation a transfer of .12 is listed. Default: 70 min.
	Window time.Duration
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
	users     []*User
	byPhone   map[string]*User
	byUser    map[string]*User
	transfers []*transfer
	calls     map[Operation]int
	refused   map[string]int
	troubled  []int // The status of the next list reads.
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	s := &Server{options: options.withDefaults(), world: newWorld()}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: options.Addr, Now: options.Now, Operations: []Operation{OpUserAccount, OpTransactions},
		State: func() any { return s.State() }, Forget: func() { s.world = newWorld() },
		Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.routeControl()
	s.misled = s.routeAPI()
	return s
}

// Start listens and serves in the background until Close. It returns the error
// of listening, what is wrong with Options.Paths, and an error for a server that
// was started or closed before.
func (s *Server) Start() error {
	if s.misled != nil {
		return fmt.Errorf("sandbox: %w", s.misled)
	}
	return s.Server.Start()
}

func (o Options) withDefaults() Options {
	if o.PageMax <= 0 {
		o.PageMax = pageMaxDefault
	}
	if o.Window <= 0 {
		o.Window = windowDefault
	}
	return o
}

func newWorld() world {
	return world{
		byPhone: map[string]*User{},
		byUser:  map[string]*User{},
		calls:   map[Operation]int{},
		refused: map[string]int{},
	}
}
