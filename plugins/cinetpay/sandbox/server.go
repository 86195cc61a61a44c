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
	// CompletionDelay is the time after which a payment that nobody visits, a
	// payment that was accepted on the page, and a transfer complete.
	// Default: 2 s. With a negative value nothing completes unasked: a payment
	// waits for its page or for Decide, a transfer for Decide, and only the
	// confirmation of a payment accepted on the page still takes 2 s.
	CompletionDelay time.Duration
	// StrictURLs refuses notify_url and return_url with the host localhost.
	StrictURLs bool
	// Currencies the site accepts. Default: XOF, XAF, CDF, GNF and USD.
	Currencies []string
	// Balance of the transfer account, in whole units of whichever currency.
	// Default: 1,000,000,000.
	Balance int64
	// UnknownID chooses how check answers for an id that it does not know.
	UnknownID UnknownID
	// Transport carries the notifications. Default: a transport of its own,
	// which uses no proxy.
	Transport http.RoundTripper
}

// Server is the sandbox. Its methods may be called from any goroutine.
type Server struct {
	options Options
	mux     *http.ServeMux
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
	epoch         chan struct{} // closed by Reset
	sequence      int64
	payments      map[string]*payment // by ref
	byToken       map[string]*payment // by payment token
	order         []*payment
	paymentCalls  map[string]int // init calls by ref
	transfers     map[string]*transfer
	paidOut       []*transfer
	paid, held    int64                // of the balance: gone, and taken by running transfers
	transferCalls map[string]int       // send calls by ref
	contacts      map[string]bool      // by prefix and phone
	sessions      map[string]time.Time // the end of each login token
	expelled      map[string]bool      // refs that were told 706 once
	notified      []Notification
	faults        []*Fault
	redirectsHit  int
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	foreign := options.Now != nil
	s := &Server{options: options.withDefaults(), world: newWorld()}
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
	if len(o.Currencies) == 0 {
		o.Currencies = []string{"XOF", "XAF", "CDF", "GNF", "USD"}
	}
	if o.Balance == 0 {
		o.Balance = defaultBalance
	}
	return o
}

// confirmationDelay is the time between a push and the customer's answer on the phone.
func (o Options) confirmationDelay() time.Duration {
	if o.CompletionDelay < 0 {
		return defaultCompletionDelay
	}
	return o.CompletionDelay
}

func newWorld() world {
	return world{
		epoch:         make(chan struct{}),
		payments:      map[string]*payment{},
		byToken:       map[string]*payment{},
		paymentCalls:  map[string]int{},
		transfers:     map[string]*transfer{},
		transferCalls: map[string]int{},
		contacts:      map[string]bool{},
		sessions:      map[string]time.Time{},
		expelled:      map[string]bool{},
	}
}

// Start listens and serves in the background until Close. It returns the error
// of listening, and one for a server that was started or closed before.
func (s *Server) Start() error {
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

// Close ends the listener, running calls and pending notifications, and waits
// until no goroutine of the sandbox is left.
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

// Reset forgets payments, transfers, notifications, faults and sessions, and
// puts the clock back to real time.
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
	s.routeAPI(mux)
	s.routePage(mux)
	s.routeControl(mux)
	return mux
}
