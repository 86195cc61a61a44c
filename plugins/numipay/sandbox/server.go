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

// The credentials of the sandbox.
const (
	// DevKey is an api_key that tests, and LiveKey one that would move money.
	DevKey  = "dev_sandbox"
	LiveKey = "live_sandbox"
	// SignaturePassword signs the webhooks. It is the one of Numipay's own example.
	SignaturePassword = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF"
)

const (
	defaultCompletionDelay = 2 * time.Second
	shutdownTimeoutMax     = time.Second
	readHeaderTimeoutMax   = 10 * time.Second
)

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
	options Options
	mux     *http.ServeMux
	misled  error // Paths that cannot be
	client  *http.Client
	own     *http.Transport

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
	transactions map[string]*transaction // by tracking_id
	byID         map[string]*transaction // by transaction_id
	order        []*transaction
	calls        map[string]int // creating calls by tracking_id
	notified     []Notification
	faults       []*Fault
	redirectsHit int
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	foreign := options.Now != nil
	s := &Server{options: options.withDefaults(), world: newWorld(), mux: http.NewServeMux()}
	s.done, s.stop = context.WithCancel(context.Background())
	s.idle = sync.NewCond(&s.mu)
	s.clock = clock{base: s.options.Now, foreign: foreign}
	s.client = s.notifier()
	s.misled = s.routeAPI()
	s.routePage()
	s.routeControl()
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
	return o
}

func newWorld() world {
	return world{
		epoch: make(chan struct{}), transactions: map[string]*transaction{}, byID: map[string]*transaction{}, calls: map[string]int{},
	}
}

// Start listens and serves in the background until Close. It returns the error
// of listening, ErrBadPath for Options.Paths that cannot be, and an error for a
// server that was started or closed before.
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

// Reset forgets transactions, webhooks and faults, and puts the clock back to
// real time.
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
