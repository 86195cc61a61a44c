package sandboxkit

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Setup is what New has to know of a provider.
type Setup struct {
	// Addr is the address to listen on. Default: "127.0.0.1:0".
	Addr string
	// Now is the base clock. Default: time.Now.
	Now func() time.Time
	// Operations are the ones that a Fault may name, beside OpAny.
	Operations []Operation
	// State returns the ledger, which is answered as JSON. The lock is not held.
	State func() any
	// Forget empties the ledger for Reset. The lock is held.
	Forget func()
	// Script and Charges are what a conformance run asks for. The lock is held for
	// Charges. Default: they are not served.
	Script  Script
	Charges func() []Charge

	// UserAgent is the header of that name in notifications.
	UserAgent string
	// Patience is how long a receiver may take to answer a notification, in real
	// time. Default: 5 s.
	Patience time.Duration
	// Pauses are the times after which a notification that was not taken is
	// tried again.
	Pauses []time.Duration
	// Transport carries the notifications. Default: a transport of its own, which
	// uses no proxy.
	Transport http.RoundTripper
}

const patienceDefault = 5 * time.Second

func (s Setup) withDefaults() Setup {
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Patience == 0 {
		s.Patience = patienceDefault
	}
	return s
}

// Stage is the inside of a sandbox. Its lock also guards what the sandbox keeps;
// each method says who holds it.
type Stage struct {
	setup  Setup
	mux    *http.ServeMux
	client *http.Client
	own    *http.Transport // nil when Setup.Transport is used

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

// world is what Reset forgets beside the sandbox's own.
type world struct {
	epoch     chan struct{} // closed by Reset
	sequence  int64
	faults    []*Fault
	redirects int
	tries     []Try
}

func newWorld() world { return world{epoch: make(chan struct{})} }

// New returns the inside of a sandbox that listens on nothing yet. It starts no
// goroutine.
func New(setup Setup) *Stage {
	s := &Stage{setup: setup.withDefaults(), mux: http.NewServeMux(), world: newWorld()}
	s.clock = clock{base: s.setup.Now, foreign: setup.Now != nil}
	s.done, s.stop = context.WithCancel(context.Background())
	s.idle = sync.NewCond(&s.mu)
	s.client = s.notifier()
	s.routeControl()
	s.routeScript()
	return s
}

// Server returns the face of the sandbox, to embed.
func (s *Stage) Server() *Server { return &Server{s} }

// HandleFunc serves a pattern of http.ServeMux. As there, a pattern that cannot
// be, or that meets another one, panics.
func (s *Stage) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	s.mux.HandleFunc(pattern, handler)
}

// Lock fires what is due and leaves the sandbox locked.
func (s *Stage) Lock() {
	s.mu.Lock()
	s.settle()
}

// Unlock is the end of Lock.
func (s *Stage) Unlock() { s.mu.Unlock() }

// Settle fires what has become due since Lock, such as what was planned for now.
// The caller holds the lock.
func (s *Stage) Settle() { s.settle() }

// Next counts from 1 again after each Reset, for ids that are the same in each
// run of a test. What is planned takes numbers too. The caller holds the lock.
func (s *Stage) Next() int64 {
	s.sequence++
	return s.sequence
}

// Ledger is the Stage's part of a sandbox's ledger.
type Ledger struct {
	Clock Clock
	// Faults are the ones that wait for their call.
	Faults []Fault
	// RedirectsFollowed counts the requests that a redirect fault led astray.
	RedirectsFollowed int
	// Tries are the requests of notifications, in the order in which they were made.
	Tries []Try
}

// Ledger returns a copy, whose lists are never nil. The caller holds the lock.
func (s *Stage) Ledger() Ledger {
	ledger := Ledger{
		Clock:             Clock{Now: s.Now(), SkewMS: s.clock.skew.Milliseconds()},
		Faults:            make([]Fault, len(s.faults)),
		RedirectsFollowed: s.redirects,
		Tries:             append([]Try{}, s.tries...),
	}
	for i, fault := range s.faults {
		ledger.Faults[i] = *fault
	}
	return ledger
}
