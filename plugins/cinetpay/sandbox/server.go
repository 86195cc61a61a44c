package sandbox

import (
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
	*sandboxkit.Server
	options Options
	stage   *sandboxkit.Stage
	world   // guarded by the stage's lock
}

// world is everything that Reset forgets.
type world struct {
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
}

// New returns a Server that listens on nothing yet. It starts no goroutine.
func New(options Options) *Server {
	s := &Server{options: options.withDefaults(), world: newWorld()}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: options.Addr, Now: options.Now, Operations: operations(),
		State: func() any { return s.State() }, Forget: func() { s.world = newWorld() },
		UserAgent: "CinetPay-Sandbox/1.0", Pauses: []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute},
		Transport: options.Transport, Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.routeAPI()
	s.routePage()
	s.routeControl()
	return s
}

func (o Options) withDefaults() Options {
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
