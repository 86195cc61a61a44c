package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// The credentials of the sandbox's only merchant.
const (
	APIKey    = "sandbox-key"
	APISecret = "test_api_secret"
)

const (
	// windowDefault is the plugin's default time to send the money, and 10
	// minutes of grace.
	windowDefault        = 70 * time.Minute
	pageMaxDefault       = 100
	shutdownTimeoutMax   = time.Second
	readHeaderTimeoutMax = 10 * time.Second
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
	options Options
	misled  error // What is wrong with Options.Paths.
	mux     *http.ServeMux
	done    context.Context
	stop    context.CancelFunc

	// mu guards everything below.
	mu       sync.Mutex
	listener net.Listener
	http     *http.Server
	serving  sync.WaitGroup
	closed   bool
	clock    clock
	world
}

// world is everything that Reset forgets.
type world struct {
	epoch     chan struct{} // Closed by Reset.
	sequence  int
	users     []*User
	byPhone   map[string]*User
	byUser    map[string]*User
	transfers []*transfer
	calls     map[Operation]int
	refused   map[string]int
	troubled  []int // The status of the next list reads.
	faults    []*Fault
	redirects int
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	s := &Server{options: options.withDefaults(), world: newWorld()}
	s.done, s.stop = context.WithCancel(context.Background())
	s.clock = clock{base: s.options.Now}
	s.mux = http.NewServeMux()
	s.routeControl()
	s.misled = s.routeAPI()
	return s
}

func (o Options) withDefaults() Options {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
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
		epoch:   make(chan struct{}),
		byPhone: map[string]*User{},
		byUser:  map[string]*User{},
		calls:   map[Operation]int{},
		refused: map[string]int{},
	}
}

// Start listens and serves in the background until Close. It returns the error
// of listening, what is wrong with Options.Paths, and an error for a server that
// was started or closed before.
func (s *Server) Start() error {
	if s.misled != nil {
		return fmt.Errorf("sandbox: %w", s.misled)
	}
	listener, err := net.Listen("tcp", s.options.Addr)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.listener != nil {
		return errors.Join(errors.New("sandbox: already started or closed"), listener.Close())
	}
	s.listener = listener
	s.http = &http.Server{Handler: s.mux, ReadHeaderTimeout: readHeaderTimeoutMax}
	// Serve returns only when Close ends it, so its error says nothing new.
	s.serving.Go(func() { _ = s.http.Serve(listener) })
	return nil
}

// URL returns the root of the sandbox, without a final slash, or an empty
// string before Start.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Handler serves the sandbox without a listener. A fault that cuts the
// connection panics with http.ErrAbortHandler, which net/http's server
// understands.
func (s *Server) Handler() http.Handler { return s.mux }

// Close ends the listener and running calls, and waits until no goroutine of the
// sandbox is left.
func (s *Server) Close() error {
	s.mu.Lock()
	server, first := s.http, !s.closed
	s.closed = true
	s.mu.Unlock()
	s.stop()
	if server != nil && first {
		shutdown(server)
	}
	s.serving.Wait()
	return nil
}

// shutdown lets running answers end, because a cancelled wait answers at once,
// and cuts what is left after a second.
func shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeoutMax)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

// Reset forgets users, transfers, counters and faults, and puts the clock back
// to real time.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.epoch)
	s.world = newWorld()
	s.clock.offset, s.clock.skew = 0, 0
}
