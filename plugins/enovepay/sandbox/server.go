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

const (
	defaultCompletionDelay = 2 * time.Second
	defaultBalance         = 1_000_000_000
	shutdownTimeoutMax     = time.Second
	readHeaderTimeoutMax   = 10 * time.Second
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
	options  Options
	contract []route
	// misled is what is wrong with Options.Paths.
	misled error
	mux    *http.ServeMux
	client *http.Client
	own    *http.Transport

	done context.Context
	stop context.CancelFunc

	// mu guards everything below. It is never held across a network call.
	mu       sync.Mutex
	idle     *sync.Cond
	listener net.Listener
	http     *http.Server
	serving  sync.WaitGroup
	closed   bool

	clock     clock
	queue     eventQueue
	timer     *time.Timer
	advancing bool
	lanes     [laneCount]lane
	carrying  int

	world
}

// world is everything that Reset forgets.
type world struct {
	epoch        chan struct{} // closed by Reset
	sequence     int64
	byRef        map[key]*transaction
	byID         map[string]*transaction
	order        []*transaction
	calls        map[key]int          // creating calls
	sessions     map[string]time.Time // the end of each login token
	notified     []Notification
	faults       []*Fault
	redirectsHit int
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	foreign := options.Now != nil
	s := &Server{options: options.withDefaults(), world: newWorld()}
	s.contract, s.misled = routesOf(options.Paths)
	s.done, s.stop = context.WithCancel(context.Background())
	s.idle = sync.NewCond(&s.mu)
	s.clock = clock{base: s.options.Now, foreign: foreign}
	s.client = s.notifier()
	s.mux = s.routes()
	return s
}

func (o Options) withDefaults() Options {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
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
		epoch:    make(chan struct{}),
		byRef:    map[key]*transaction{},
		byID:     map[string]*transaction{},
		calls:    map[key]int{},
		sessions: map[string]time.Time{},
	}
}

// Start listens and serves in the background until Close. It returns ErrBadPath
// for paths that cannot be, the error of listening, and one for a server that
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

// Close ends the listener, running calls and pending webhooks, and waits until
// no goroutine of the sandbox is left.
func (s *Server) Close() error {
	s.mu.Lock()
	server, first := s.http, !s.closed
	s.closed = true
	s.queue = nil
	s.arm()
	s.mu.Unlock()
	s.stop()
	if server != nil && first {
		s.shutdown(server)
	}
	s.serving.Wait()
	s.awaitIdle()
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
	return nil
}

// shutdown lets running answers end, because a cancelled wait answers at once,
// and cuts what is left after a second.
func (s *Server) shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeoutMax)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

// Reset forgets transactions, webhooks, faults and login tokens, and puts the
// clock back to real time.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.epoch)
	s.world = newWorld()
	s.queue = nil
	for i := range s.lanes {
		s.carrying -= len(s.lanes[i].waiting)
		s.lanes[i].waiting = nil
	}
	s.idle.Broadcast()
	s.clock.offset, s.clock.skew = 0, 0
	s.arm()
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.api)
	s.routeControl(mux)
	return mux
}
