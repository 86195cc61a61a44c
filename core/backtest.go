package core

import (
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// BacktestEndsMin is how many attempts of a kind must have ended at an account
// before its share of successes is compared with another's: with fewer the share
// is off by more than ten points too often.
const BacktestEndsMin = 100

// Backtest is what other routing rules would have done with the transactions that
// are stored. Both rules decide over every one of them in the same market: all
// accounts at their best, and successes as they had been counted until then.
// Requests that were refused are not stored, so that nothing is known of them.
type Backtest struct {
	From, To time.Time
	// Transactions counts the payments and payouts that were replayed.
	Transactions uint64
	// AsRecorded counts those for which the rules before put that account first which
	// is recorded: it says how far the replay is to be trusted.
	AsRecorded uint64
	// Moved counts those that another account would be asked first for, Reordered those
	// with the same first account and others behind it, Unchanged the rest of the served.
	Moved, Reordered, Unchanged uint64
	// Neither counts those that neither rules serve.
	Neither uint64
	// Lost are those that would no longer be served, Gained those that would be now.
	Lost, Gained BacktestServed
	// Moves are what Moved counts, the most frequent first.
	Moves []BacktestMove
	// Fees are those of all that moved, a currency each.
	Fees []BacktestFee
	// Rules are how often each of the new rules matched, in their order.
	Rules []BacktestRule
}

// BacktestServed are transactions that only one of both rules serves.
type BacktestServed struct {
	Transactions uint64
	// Sums are their amounts, a currency each.
	Sums []money.Amount
	// Examples are the first of them.
	Examples []BacktestExample
}

// BacktestExample is one transaction that the rules named serve or not.
type BacktestExample struct {
	Transaction string
	// Rule is the one that does not serve it, and Why says why.
	Rule, Why string
}

// BacktestMove is what another account would be asked first for.
type BacktestMove struct {
	// From and To are the first accounts by the rules before and after.
	From, To     string
	Transactions uint64
	Sums         []money.Amount
	Success      BacktestSuccess
}

// BacktestSuccess compares how attempts really ended at both accounts in that time,
// for transactions of the same kind, country, method and network.
type BacktestSuccess struct {
	// Transactions counts those that moved and can be compared: at both accounts at
	// least BacktestEndsMin attempts such as theirs ended. The rest is zero without any.
	Transactions uint64
	// Before and After are how many of a million of them would have succeeded, by the
	// shares of the account they leave and of the one they go to.
	Before, After uint64
	// EndsBefore and EndsAfter count the attempts behind these shares.
	EndsBefore, EndsAfter uint64
}

// BacktestFee is what all that moved costs in one currency, by the configured fees.
type BacktestFee struct {
	// Transactions counts those of which the fees at both accounts are configured, Unknown the others.
	Transactions, Unknown uint64
	// Before and After are the fees of Transactions.
	Before, After money.Amount
}

// BacktestRule is how often a rule matched.
type BacktestRule struct {
	Name    string
	Matched uint64
}
