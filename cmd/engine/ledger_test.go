package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// line is a row of a provider's ledger, whoever the provider is.
type line struct {
	kind, ref, amount, currency string
	paid                        bool
	// created is how many there are under ref, and calls how often it was asked for.
	created, calls int
}

// ledgers are what the providers and the engine wrote down of the same money.
type ledgers struct {
	lines []line
	// uncreated counts by ref the calls that created nothing.
	uncreated    map[string]int
	transactions []api.Transaction
	// pull is the account whose orders come to the provider only by being paid.
	pull string
}

// differences are sentences; none means that both sides agree about every order:
// who asked for how much, that it was asked for and created once, and that it is
// paid there if and only if it succeeded here.
func (l ledgers) differences() []string {
	var found []string
	seen := map[string]int{}
	for _, row := range l.lines {
		if seen[row.ref]++; seen[row.ref] > 1 {
			found = append(found, row.ref+" stands twice")
			continue
		}
		tx, a, known := l.attempt(row.ref)
		if !known {
			found = append(found, fmt.Sprintf("a %s of %s %s, paid %t, is nobody's", row.kind, row.amount, row.currency, row.paid))
			continue
		}
		found = append(found, row.against(tx, a)...)
	}
	for ref, calls := range l.uncreated {
		if tx, _, known := l.attempt(ref); !known || calls != 1 {
			found = append(found, fmt.Sprintf("%q was asked for %d times in vain", tx.Reference, calls))
		}
	}
	found = append(found, l.missing(seen)...)
	slices.Sort(found)
	return found
}

func (l ledgers) attempt(ref string) (api.Transaction, api.Attempt, bool) {
	for _, tx := range l.transactions {
		for _, a := range tx.Attempts {
			if a.Ref == ref {
				return tx, a, true
			}
		}
	}
	return api.Transaction{}, api.Attempt{}, false
}

// against compares a row with the engine's attempt.
func (r line) against(tx api.Transaction, a api.Attempt) []string {
	var found []string
	if r.created != 1 || r.calls != 1 {
		found = append(found, fmt.Sprintf("%s was asked for %d times and created %d times", tx.Reference, r.calls, r.created))
	}
	if r.kind != tx.Kind || r.amount != tx.Amount || r.currency != tx.Currency {
		found = append(found, fmt.Sprintf("%s is a %s of %s %s there", tx.Reference, r.kind, r.amount, r.currency))
	}
	if r.paid != (a.State == "succeeded") {
		found = append(found, fmt.Sprintf("%s is paid %t there and %s here", tx.Reference, r.paid, tx.State))
	}
	if a.State == "succeeded" && (tx.State != "succeeded" || tx.AmountReceived != r.amount) {
		found = append(found, fmt.Sprintf("%s is %s with %s received here", tx.Reference, tx.State, tx.AmountReceived))
	}
	return found
}

// missing are attempts that the engine takes for known to a provider, and that none has.
func (l ledgers) missing(there map[string]int) []string {
	var found []string
	for _, tx := range l.transactions {
		for _, a := range tx.Attempts {
			created := !slices.Contains([]string{"not_sent", "rejected", "declined", "unknown", "abandoned"}, a.State)
			waits := a.Provider == l.pull && a.State == "requires_action"
			if created && !waits && there[a.Ref] == 0 {
				found = append(found, fmt.Sprintf("%s is %s here and not there", tx.Reference, a.State))
			}
		}
	}
	return found
}

// check compares the ledgers, in which only what is wanted may differ. The
// control: whatever of one row is altered, the comparison notices.
func (l ledgers) check(t *testing.T, want ...string) {
	t.Helper()
	before := l.differences()
	slices.Sort(want)
	if diff := cmp.Diff(want, before); diff != "" {
		t.Errorf("differences of the ledgers (-want +got):\n%s", diff)
	}
	if len(l.lines) == 0 {
		t.Fatal("the provider's ledger is empty")
	}
	alterations := map[string]func(*line){
		"paid":       func(r *line) { r.paid = !r.paid },
		"amount":     func(r *line) { r.amount = "1" + r.amount },
		"currency":   func(r *line) { r.currency = "XXX" },
		"reference":  func(r *line) { r.ref = "x" + r.ref },
		"created":    func(r *line) { r.created++ },
		"asked for":  func(r *line) { r.calls++ },
		"stands not": func(r *line) { *r = line{} },
	}
	for i, row := range l.lines {
		if _, _, known := l.attempt(row.ref); !known {
			continue // It is a difference already.
		}
		for name, alter := range alterations {
			altered := l
			altered.lines = slices.Clone(l.lines)
			alter(&altered.lines[i])
			if slices.Equal(before, altered.differences()) {
				t.Errorf("%s altered in %+v, and nobody noticed", name, row)
			}
		}
	}
	t.Logf("%d transactions, %d rows at the providers, %d differences that were meant; every altered row was noticed",
		len(l.transactions), len(l.lines), len(want))
}

// alongside are the ledgers with those of another provider.
func (l ledgers) alongside(other ledgers) ledgers {
	l.lines = append(slices.Clone(l.lines), other.lines...)
	merged := map[string]int{}
	for _, uncreated := range []map[string]int{l.uncreated, other.uncreated} {
		for ref, calls := range uncreated {
			merged[ref] += calls
		}
	}
	l.uncreated = merged
	return l
}

func ledgerOfCinetPay(state cinetpay.State) ledgers {
	l := ledgers{uncreated: state.Uncreated}
	for _, p := range state.Payments {
		l.lines = append(l.lines, line{"payment", p.Ref, p.Amount, p.Currency, p.Paid, p.Created, p.CreateCalls})
	}
	for _, t := range state.Transfers {
		l.lines = append(l.lines, line{"payout", t.Ref, t.Amount, t.Currency, t.Paid, t.Created, t.CreateCalls})
	}
	return l
}

func ledgerOfEnovePay(state enovepay.State) ledgers {
	l := ledgers{uncreated: state.Uncreated}
	for _, t := range state.Transactions {
		l.lines = append(l.lines, line{t.Kind, t.Ref, t.Amount, t.Currency, t.Paid, t.Created, t.CreateCalls})
	}
	return l
}

func ledgerOfNumipay(state numipay.State) ledgers {
	l := ledgers{uncreated: state.Uncreated}
	for _, t := range state.Transactions {
		l.lines = append(l.lines, line{t.Kind, t.Ref, t.Amount, t.Currency, t.Paid, t.Created, t.CreateCalls})
	}
	return l
}
