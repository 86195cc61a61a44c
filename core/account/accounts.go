package account

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.opentelemetry.io/otel/metric"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// The limits of an account that names none.
const (
	DefaultConcurrency = 64
	DefaultTimeout     = 30 * time.Second
)

// Processes are the plugin processes and what is known of them.
type Processes interface {
	// Provider returns the account as its process serves it, and false if no
	// process is meant to serve it.
	Provider(account string) (sdk.FullProvider, bool)
	// Standing returns how the account's process stands, and false if there is none.
	Standing(account string) (core.Standing, bool)
}

// Options are what New needs.
type Options struct {
	// Accounts are the accounts by name.
	Accounts map[string]Account
	// Processes serve the accounts that have no Inside; nil if all have one.
	Processes Processes
	// Logger gets panics of plugins inside this process; nil for none.
	Logger hclog.Logger
	// Meter measures the calls; nil for nothing.
	Meter metric.Meter
}

// Account is one provider account as it was configured.
type Account struct {
	// Inside is a plugin in this process; nil for an account that Processes serve.
	Inside sdk.Plugin
	// Plugin is the name and Settings the settings of an account with an Inside.
	Plugin   string
	Settings sdk.Settings
	// Enabled false means no new attempts; questions and notifications go on.
	Enabled bool
	// Drained is how an operator left it; Drain and Resume change it, and Next keeps
	// what they said.
	Drained  bool
	Required bool
	// Concurrency is how many calls may be made at once; zero means DefaultConcurrency.
	Concurrency int
	// Rate bounds the calls of a period; the zero Rate is no bound.
	Rate Rate
	// Timeout bounds one call; zero means DefaultTimeout.
	Timeout time.Duration
	// Fees are what an attempt costs, a currency each.
	Fees []core.Fee
	// Revision stands for the plugin and the settings: Next closes the breaker of an
	// account that has another one, and opens its Inside anew.
	Revision string
}

// Accounts are all provider accounts of an engine. Its methods may be called concurrently.
type Accounts struct {
	entries   map[string]*entry
	processes Processes
	meter     *meter
}

// entry is an account as it is configured now, with what was learned of it.
type entry struct {
	name    string
	account Account
	limits  limits
	inside  *inside // Nil for an account that Processes serve.
	*memory
}

// memory is what was learned of an account. It outlives a change of the configuration.
type memory struct {
	drained  atomic.Bool
	calls    atomic.Uint64
	faults   atomic.Uint64
	inFlight atomic.Int64
	breaker  *breaker
	tallies  tallies
	requests requestLog
}

func newMemory(name string, account Account, log hclog.Logger) *memory {
	m := &memory{breaker: newBreaker(name, log), tallies: tallies{cells: map[cellKey]*cell{}}}
	m.requests.account, m.requests.log = name, log.Named("requests")
	m.drained.Store(account.Drained)
	return m
}

// New returns the accounts. An account whose Inside cannot be opened does not
// keep the others from working: it is not ready and its standing says why. The
// error joins every option that is wrong.
func New(options Options) (*Accounts, error) { return (&Accounts{}).Next(options) }

// Next returns the accounts of another configuration. What was learned of those
// that stay goes on and is shared with a: counters, slots in use, drain, measured
// success, and the breaker unless the Revision is another. So permits and calls
// of before end well, also those of an account that is gone. The receiver
// keeps working. The error is that of New, and then nothing changed.
func (a *Accounts) Next(options Options) (*Accounts, error) {
	log := options.Logger
	if log == nil {
		log = hclog.NewNullLogger()
	}
	meter, err := newMeter(options.Meter)
	if err != nil {
		return nil, err
	}
	next := &Accounts{entries: make(map[string]*entry, len(options.Accounts)), processes: options.Processes, meter: meter}
	configured := make(map[string]Account, len(options.Accounts))
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(options.Accounts)) {
		account := options.Accounts[name].withDefaults()
		if err := account.check(options.Processes != nil); err != nil {
			faults = append(faults, fmt.Errorf("account: %s: %w", name, err))
		}
		configured[name] = account
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		next.entries[name] = a.entries[name].next(name, configured[name], log)
	}
	return next, nil
}

// next returns the entry as it is configured from now on. The receiver is nil for
// a new account.
func (e *entry) next(name string, account Account, log hclog.Logger) *entry {
	if e == nil {
		made := &entry{name: name, account: account, memory: newMemory(name, account, log)}
		made.limits = newLimits(account.Concurrency, account.Rate)
		made.inside = open(account, log)
		return made
	}
	next := &entry{name: name, account: account, memory: e.memory, inside: e.inside}
	next.limits = e.limits.next(account.Concurrency, account.Rate)
	if e.account.Revision != account.Revision || (e.inside == nil) != (account.Inside == nil) {
		next.inside = open(account, log)
		next.breaker.close()
	}
	return next
}

func (a Account) withDefaults() Account {
	if a.Concurrency == 0 {
		a.Concurrency = DefaultConcurrency
	}
	if a.Timeout == 0 {
		a.Timeout = DefaultTimeout
	}
	return a
}

func (a Account) check(processes bool) error {
	switch {
	case a.Inside == nil && !processes:
		return errors.New("has no plugin: neither a process nor one inside this process serves it")
	case a.Concurrency < 0:
		return fmt.Errorf("concurrency is %d, must be 1 or more", a.Concurrency)
	case a.Timeout < 0:
		return fmt.Errorf("timeout is %v, must be positive", a.Timeout)
	default:
		return a.Rate.check()
	}
}

// Has reports whether there is such an account.
func (a *Accounts) Has(account string) bool {
	_, ok := a.entries[account]
	return ok
}

// Standing returns what may be known of an account now, and false if there is
// no such account.
func (a *Accounts) Standing(account string) (core.Standing, bool) {
	e, ok := a.entries[account]
	if !ok {
		return core.Standing{}, false
	}
	return a.standing(e), true
}

// Standings returns the standing of every account, by name.
func (a *Accounts) Standings() map[string]core.Standing {
	standings := make(map[string]core.Standing, len(a.entries))
	for name, e := range a.entries {
		standings[name] = a.standing(e)
	}
	return standings
}

func (a *Accounts) standing(e *entry) core.Standing {
	s := a.health(e)
	s.Account = e.name
	s.Enabled = e.account.Enabled
	s.Drained = e.drained.Load()
	s.Required = e.account.Required
	s.Breaker = e.breaker.view(s.Generation)
	s.Fees = e.account.Fees
	s.Timeout = e.account.Timeout
	s.LoggedUntil = e.requests.loggedUntil()
	s.Counters.Calls = e.calls.Load()
	s.Counters.Faults = e.faults.Load()
	s.Counters.InFlight = uint64(max(e.inFlight.Load(), 0))
	return s
}

func (a *Accounts) health(e *entry) core.Standing {
	if e.inside != nil {
		return e.inside.standing()
	}
	if s, ok := a.processes.Standing(e.name); ok {
		return s
	}
	return core.Standing{Health: core.HealthFailed, Detail: "no plugin process serves this account"}
}

// Facts returns what the account's provider guarantees for a kind, and false if
// there is no such account, its plugin has not described itself yet, or the
// kind is not served.
func (a *Accounts) Facts(account string, kind sdk.Kind) (sdk.Facts, bool) {
	e, ok := a.entries[account]
	if !ok {
		return sdk.Facts{}, false
	}
	facts, ok := a.health(e).Facts[kind]
	return facts, ok
}

// Drain stops new attempts at an account; questions and notifications go on. It
// holds until Resume or the end of the process; whoever calls it makes it last. It
// returns core.ErrNotFound if there is no such account.
func (a *Accounts) Drain(account string) error { return a.setDrained(account, true) }

// Resume takes back Drain. It returns core.ErrNotFound if there is no such account.
func (a *Accounts) Resume(account string) error { return a.setDrained(account, false) }

func (a *Accounts) setDrained(account string, drained bool) error {
	e, ok := a.entries[account]
	if !ok {
		return fmt.Errorf("account: %s: %w", account, core.ErrNotFound)
	}
	e.drained.Store(drained)
	return nil
}
