package reconcile

import (
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// compare holds rows against what is recorded. Each row is matched with one
// record at most, by our reference and then by the provider's. Pairs of which
// neither lies in the time of the statement are left out: they were only looked
// at so that nothing at an edge is called missing. Where whole is false the
// statement is only a part, and nothing is called missing there.
func compare(about core.Statement, rows []core.StatementRow, held []core.Held, whole bool) []core.Finding {
	pairs := newPairs(rows, held)
	var findings []core.Finding
	for i := range rows {
		row, record := &rows[i], pairs.of(i)
		switch {
		case record == nil && within(about, row, nil):
			findings = append(findings, missingHere(row))
		case record != nil && within(about, row, record):
			findings = append(findings, judge(row, record, pairs.twice[i]))
		}
	}
	for i := range held {
		if record := &held[i]; whole && !pairs.taken[i] && record.Belief.Expected() && about.Holds(record.At) {
			findings = append(findings, missingThere(record))
		}
	}
	return findings
}

// within reports whether a pair, or a row alone, belongs to the statement. A row
// without a time does.
func within(about core.Statement, row *core.StatementRow, record *core.Held) bool {
	return row.At.IsZero() || about.Holds(row.At) || record != nil && about.Holds(record.At)
}

func judge(row *core.StatementRow, record *core.Held, twice bool) core.Finding {
	f := core.Finding{Class: core.StatementEqual, Row: row, Held: record, Adoptable: true}
	there := beliefOf(row.Outcome)
	told, money := sameMoney(row, record)
	switch {
	case twice && (there != core.BeliefPaid || agrees(there, record.Belief)): // Money that is not here is more than a repetition.
		f.Class, f.Adoptable = core.StatementDuplicate, false
		f.Why = "the statement has it more than once: look whether the provider took the money twice"
	case !agrees(there, record.Belief):
		f.Class = core.StatementDifferentState
		f.Why = fmt.Sprintf("the provider says %s, it is %s here", wordOf(row), record.State)
		if money != "" {
			f.Why += "; and " + money
		}
	case money != "":
		f.Class, f.Why = core.StatementDifferentAmount, money
	case record.Belief == core.BeliefMismatch && told:
		f.Class, f.Adoptable = core.StatementKnown, false
		f.Why = "the amount is not the one asked for, and was seen: engine tx resolve"
	default:
		f.Adoptable = false
	}
	return f
}

func missingHere(row *core.StatementRow) core.Finding {
	f := core.Finding{Class: core.StatementMissingHere, Row: row}
	if _, _, err := core.ParseRef(row.Ref); err == nil {
		f.Why = "the reference has our form and is of no attempt at this account: look for another engine or store, or a backup older than it; cannot be adopted"
		return f
	}
	f.Why = "nothing of ours: made without the engine, such as in the provider's portal; settle it there; cannot be adopted"
	return f
}

func missingThere(record *core.Held) core.Finding {
	f := core.Finding{Class: core.StatementMissingThere, Held: record, Adoptable: record.Attempt > 0}
	f.Why = fmt.Sprintf("it is %s here and the statement lacks it: ask the provider before anything is delivered", record.State)
	if record.Belief == core.BeliefOpen {
		f.Why = fmt.Sprintf("it is %s here and the statement lacks it: perhaps it never arrived", record.State)
	}
	return f
}

// wordOf is what a row says: its meaning, and its own word where it has one.
func wordOf(row *core.StatementRow) string {
	if row.Status == "" {
		return row.Outcome.String()
	}
	return fmt.Sprintf("%s (%s)", row.Outcome, row.Status)
}

// beliefOf is what an outcome means for the money.
func beliefOf(outcome sdk.Outcome) core.Belief {
	switch outcome {
	case sdk.OutcomeSucceeded:
		return core.BeliefPaid
	case sdk.OutcomeReversed:
		return core.BeliefReversed
	case sdk.OutcomePending, sdk.OutcomeRequiresAction:
		return core.BeliefOpen
	case sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal, sdk.OutcomeCanceled, sdk.OutcomeExpired,
		sdk.OutcomeNotSent, sdk.OutcomeRejected:
		return core.BeliefNoMoney
	default:
		return core.BeliefUnclear
	}
}

// agrees reports whether what the provider says is what is believed here, as far
// as it matters to the money. What is open there and ended here moved none; it
// is watched. A word that nobody knows may mean money: it agrees only with what
// is not over here.
func agrees(there, here core.Belief) bool {
	switch there {
	case core.BeliefPaid:
		return here == core.BeliefPaid || here == core.BeliefMismatch
	case core.BeliefReversed:
		return here == core.BeliefReversed
	case core.BeliefOpen:
		return here == core.BeliefOpen || here == core.BeliefUnclear || here == core.BeliefNoMoney
	case core.BeliefNoMoney:
		return here == core.BeliefNoMoney || here == core.BeliefNothing || here == core.BeliefUnclear
	default:
		return here == core.BeliefUnclear || here == core.BeliefOpen
	}
}

// sameMoney says in words how the amounts differ, nothing where they do not or
// where the statement does not tell. Told says that it is what the provider told
// of a mismatch.
func sameMoney(row *core.StatementRow, record *core.Held) (told bool, differ string) {
	if row.Amount == "" {
		return true, ""
	}
	amount, err := moneyOf(row.Amount, row.Currency, record.Amount.Currency())
	if err != nil {
		return false, "the amount cannot be read: " + err.Error()
	}
	if record.Belief == core.BeliefMismatch {
		seen, err := moneyOf(record.Told.Amount, record.Told.Currency, record.Amount.Currency())
		if err == nil && seen == amount {
			return true, ""
		}
		return false, fmt.Sprintf("the statement says %s, the provider told us %s %s", amount, record.Told.Amount, record.Told.Currency)
	}
	if amount != record.Amount {
		return false, fmt.Sprintf("the statement says %s, it is %s here", amount, record.Amount)
	}
	return true, ""
}

// moneyOf reads an amount as a provider told it; ours is the currency where none was told.
func moneyOf(amount, currency string, ours money.Currency) (money.Amount, error) {
	if currency != "" {
		parsed, err := money.ParseCurrency(currency)
		if err != nil {
			return money.Amount{}, err
		}
		ours = parsed
	}
	return money.ParseTold(amount, ours)
}
