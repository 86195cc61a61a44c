package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Health is how an account's plugin process stands.
type Health string

// The states of a plugin process.
const (
	HealthStarting Health = "starting"
	HealthReady    Health = "ready"
	HealthDegraded Health = "degraded"
	HealthDraining Health = "draining"
	HealthBackoff  Health = "backoff"
	HealthFailed   Health = "failed"
	HealthStopped  Health = "stopped"
)

// Standing is what may be known of an account now.
type Standing struct {
	Account string
	Plugin  string
	// Version and Checksum are the running binary's.
	Version, Checksum string
	Protocol          int
	Health            Health
	// Detail says why it is not ready.
	Detail string
	// Enabled false means no new attempts; questions and notifications go on.
	Enabled  bool
	Drained  bool
	Required bool
	// Generation counts the starts of its process and the changes of its settings.
	Generation   uint64
	Capabilities sdk.Capabilities
	Facts        map[sdk.Kind]sdk.Facts
	// Breaker says whether the account's own faults keep it from being asked.
	Breaker Breaker
	// Fees are what an attempt costs, a currency each; see Fee.Currency.
	Fees []Fee
	// Timeout bounds one call.
	Timeout time.Duration
	// LoggedUntil is how long its requests are logged; zero where they are not.
	LoggedUntil time.Time
	Counters    Counters
}

// BreakerState is whether an account is asked after technical faults.
type BreakerState string

// The states of a breaker. Only an open one keeps new attempts away; a half-open
// one lets a few through as trials.
const (
	BreakerClosed   BreakerState = "closed"
	BreakerOpen     BreakerState = "open"
	BreakerHalfOpen BreakerState = "half_open"
)

// Breaker is how an account's breaker stands. The zero value is a closed one.
type Breaker struct {
	State BreakerState
	// Reason says which faults opened it; empty while it is closed.
	Reason string
	// Since is when it came into its state, Until when an open one lets a trial through.
	Since, Until time.Time
}

// Obstacle says why a breaker lets no new attempt through; empty where it does. No
// secret is in it.
func (b Breaker) Obstacle() string {
	if b.State != BreakerOpen {
		return ""
	}
	why := "breaker open"
	if !b.Until.IsZero() {
		why += " until " + b.Until.UTC().Format("15:04:05") + " UTC"
	}
	return why + detail(b.Reason)
}

// Fee is what an account costs for attempts in one currency: a part of the
// amount and a fixed amount, both exact.
type Fee struct {
	// Currency is what the fee is for; the zero Currency is for all that have no Fee of their own.
	Currency money.Currency
	// Millionths of the amount: 25000 is 2.5 percent.
	Millionths int64
	// Fixed is the fixed part; the zero Amount is none.
	Fixed money.Amount
}

// Tally counts how attempts ended.
type Tally struct{ Succeeded, Failed uint64 }

// Counters count an account's calls since the engine started.
type Counters struct {
	Calls, Faults, InFlight, Restarts uint64
}

// Fee returns what an attempt in a currency costs: the fee of the currency, else
// that of all others. It returns false where neither is known.
func (s Standing) Fee(currency money.Currency) (Fee, bool) {
	var general Fee
	found := false
	for _, fee := range s.Fees {
		if fee.Currency == currency {
			return fee, true
		}
		if fee.Currency == 0 {
			general, found = fee, true
		}
	}
	return general, found
}

// Ready reports whether a new attempt may be made now, and if not, why.
func (s Standing) Ready() (bool, string) {
	switch {
	case !s.Enabled:
		return false, "disabled in the configuration"
	case s.Drained:
		return false, "drained by an operator"
	case s.Health != HealthReady && s.Health != HealthDegraded:
		return false, "plugin is " + string(s.Health) + detail(s.Detail)
	case s.Breaker.State == BreakerOpen:
		return false, s.Breaker.Obstacle()
	default:
		return true, ""
	}
}

// Obstacle is what Ready says as merchants and strangers may read it: without the
// detail, which may name files, settings and checksums. It is empty when ready.
func (s Standing) Obstacle() string {
	s.Detail = ""
	_, why := s.Ready()
	return why
}

func detail(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// Permit is the right to make one call at an account now. It must be released once.
type Permit struct {
	Account string
	Release func()
}

// Diagnostic is one fault in a file that a person wrote.
type Diagnostic struct {
	File    string
	Line    int
	Column  int
	Path    string
	Message string
	Warning bool
}

// Choice is what routing decided for a sample, with every reason.
type Choice struct {
	Rule       string
	Generation uint64
	Candidates []Candidate
	Removed    []Removed
	// Denied is the text of a deny rule, empty otherwise.
	Denied string
	// MaxAttempts and Deadline bound the attempts of one request; zero leaves it to the configuration.
	MaxAttempts int
	Deadline    time.Duration
	// Late lets a late no of a payout go on with the next account, where the provider documents it as final.
	Late bool
	// Cascade are the reasons of a create call's no that go on with the next account; nil are those of sdk.Reason.Cascades.
	Cascade []sdk.Reason
	Rules   []RuleVerdict
	// Errors are the rules whose condition could not be told. They did not match,
	// and somebody should look at them.
	Errors []RuleError
}

// Candidate is an account to try, with why it stands where it stands.
type Candidate struct {
	Account string
	Reason  string
}

// RuleVerdict says whether one rule matched, and why or why not.
type RuleVerdict struct {
	Name    string
	Matched bool
	Why     string
	// Clauses are the parts of its condition one by one; none of a rule that was not asked.
	Clauses []ClauseVerdict
}

// ClauseVerdict says of one part of a rule's condition whether it holds, and why or why not.
type ClauseVerdict struct {
	Held bool
	Why  string
}

// RuleError says why the condition of a rule could not be told.
type RuleError struct{ Rule, Why string }
