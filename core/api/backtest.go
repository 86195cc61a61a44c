package api

import (
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// BacktestBodyMax is the most bytes of the body of a backtest: the largest file of
// rules, 1 MiB, and what JSON adds to it.
const BacktestBodyMax = 4 << 20

// The bounds of how far a backtest looks back.
const (
	BacktestSinceDefault = 30 * 24 * time.Hour
	backtestSinceMin     = time.Minute
	backtestSinceMax     = 10 * 365 * 24 * time.Hour
)

// Backtest is the body of POST /v1/routing/backtest.
type Backtest struct {
	Rules string `json:"rules" doc:"The text of a routes.yaml, at most 1 MiB"`
	Since string `json:"since,omitempty" doc:"How far to look back, such as 720h or 30d; 720h where absent" example:"720h"`
}

// Backtested is what other rules would have done with what is stored. The rules
// before are the present ones; both decide again, with all accounts at their best.
type Backtested struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	Transactions uint64    `json:"transactions" doc:"Payments and payouts that were replayed"`
	AsRecorded   uint64    `json:"as_recorded" doc:"Of them those for which the present rules ask the account first that is recorded"`
	Unchanged    uint64    `json:"unchanged"`
	Reordered    uint64    `json:"reordered" doc:"The same account is asked first, others after it"`
	Moved        uint64    `json:"moved" doc:"Another account is asked first"`
	Neither      uint64    `json:"neither" doc:"Served by neither rules"`

	Lost   BacktestedServed `json:"lost" doc:"Would no longer be served"`
	Gained BacktestedServed `json:"gained" doc:"Would be served now. Requests that were refused are not stored, so that there may be more"`
	Moves  []BacktestedMove `json:"moves" nullable:"false" doc:"What moved, by the first accounts, the most frequent first"`
	Fees   []BacktestedFee  `json:"fees" nullable:"false" doc:"Of what moved, a currency each, by the configured fees"`
	Rules  []BacktestedRule `json:"rules" nullable:"false" doc:"How often each of the new rules matched"`
}

// Money is an amount.
type Money struct {
	Amount   string `json:"amount" doc:"Decimal in major units" example:"150000"`
	Currency string `json:"currency" doc:"ISO 4217 code" example:"XOF"`
}

// BacktestedServed are transactions that only one of both rules serves.
type BacktestedServed struct {
	Transactions uint64              `json:"transactions"`
	Sums         []Money             `json:"sums" nullable:"false"`
	Examples     []BacktestedExample `json:"examples" nullable:"false" doc:"The first of them"`
}

// BacktestedExample is one transaction, and the rule that does not serve it.
type BacktestedExample struct {
	Transaction string `json:"transaction"`
	Rule        string `json:"rule"`
	Why         string `json:"why"`
}

// BacktestedMove is what would go to another account.
type BacktestedMove struct {
	From         string             `json:"from"`
	To           string             `json:"to"`
	Transactions uint64             `json:"transactions"`
	Sums         []Money            `json:"sums" nullable:"false"`
	Success      *BacktestedSuccess `json:"success" doc:"null where too few attempts ended to say anything"`
}

// BacktestedSuccess compares how attempts really ended at both accounts in that time.
type BacktestedSuccess struct {
	Transactions  uint64 `json:"transactions" doc:"How many of them can be compared: at both accounts 100 attempts or more of the same kind, country, method and network ended"`
	BeforePercent string `json:"before_percent" doc:"The share that succeeds at the account they leave" example:"91.37"`
	AfterPercent  string `json:"after_percent" doc:"The share that succeeds at the account they go to" example:"93.80"`
	EndsBefore    uint64 `json:"ends_before" doc:"How many attempts stand behind before_percent"`
	EndsAfter     uint64 `json:"ends_after" doc:"How many attempts stand behind after_percent"`
}

// BacktestedFee is what all that moved costs in one currency.
type BacktestedFee struct {
	Currency     string `json:"currency"`
	Transactions uint64 `json:"transactions" doc:"Of which the fees at both accounts are configured"`
	Unknown      uint64 `json:"unknown" doc:"The others"`
	Before       string `json:"before" example:"1250"`
	After        string `json:"after" example:"1100"`
	Difference   string `json:"difference" doc:"after less before; below zero is cheaper" example:"-150"`
}

// BacktestedRule is how often a rule matched.
type BacktestedRule struct {
	Name    string `json:"name"`
	Matched uint64 `json:"matched"`
}

// Backtest reads the body of a backtest. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Backtest() (rules []byte, since time.Duration, err error) {
	f := fieldsOf(b)
	f.require("rules", "is required: the text of a routes.yaml")
	rules, since = []byte(f.word("rules")), BacktestSinceDefault
	if text := f.word("since"); text != "" {
		since, err = ParseSince(text)
		if err != nil {
			f.refuseWord("since", text, err.Error())
		}
	}
	f.rest()
	return rules, since, f.problem()
}

// ParseSince reads how far a backtest looks back, such as 720h or 30d.
func ParseSince(text string) (time.Duration, error) {
	d, err := parseDays(text)
	if err != nil {
		d, err = time.ParseDuration(text)
	}
	if err != nil || d < backtestSinceMin || d > backtestSinceMax {
		return 0, fmt.Errorf("must be from 1m to 87600h, written like 720h or 30d")
	}
	return d, nil
}

// BacktestedOf returns the public form of b.
func BacktestedOf(b core.Backtest) Backtested {
	shown := Backtested{
		From: b.From.UTC(), To: b.To.UTC(), Transactions: b.Transactions, AsRecorded: b.AsRecorded,
		Unchanged: b.Unchanged, Reordered: b.Reordered, Moved: b.Moved, Neither: b.Neither,
		Lost: servedOf(b.Lost), Gained: servedOf(b.Gained),
		Moves: []BacktestedMove{}, Fees: []BacktestedFee{}, Rules: []BacktestedRule{},
	}
	for _, m := range b.Moves {
		shown.Moves = append(shown.Moves, BacktestedMove{
			From: m.From, To: m.To, Transactions: m.Transactions, Sums: moneyOf(m.Sums), Success: successOf(m.Success),
		})
	}
	for _, fee := range b.Fees {
		shown.Fees = append(shown.Fees, feeOf(fee))
	}
	for _, rule := range b.Rules {
		shown.Rules = append(shown.Rules, BacktestedRule(rule))
	}
	return shown
}

func servedOf(s core.BacktestServed) BacktestedServed {
	shown := BacktestedServed{Transactions: s.Transactions, Sums: moneyOf(s.Sums), Examples: []BacktestedExample{}}
	for _, example := range s.Examples {
		shown.Examples = append(shown.Examples, BacktestedExample{
			Transaction: example.Transaction, Rule: example.Rule, Why: masker{}.text(example.Why),
		})
	}
	return shown
}

func moneyOf(sums []money.Amount) []Money {
	shown := make([]Money, len(sums))
	for i, a := range sums {
		shown[i] = Money{Amount: a.Decimal(), Currency: a.Currency().String()}
	}
	return shown
}

func successOf(s core.BacktestSuccess) *BacktestedSuccess {
	if s.Transactions == 0 {
		return nil
	}
	return &BacktestedSuccess{
		Transactions: s.Transactions, BeforePercent: percent(s.Before), AfterPercent: percent(s.After),
		EndsBefore: s.EndsBefore, EndsAfter: s.EndsAfter,
	}
}

// percent writes a share of a million with two decimals, half of the last one up.
func percent(share uint64) string {
	hundredths := (share + 50) / 100
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

func feeOf(fee core.BacktestFee) BacktestedFee {
	shown := BacktestedFee{
		Currency: fee.Before.Currency().String(), Transactions: fee.Transactions, Unknown: fee.Unknown,
		Before: fee.Before.Decimal(), After: fee.After.Decimal(),
	}
	if difference, err := fee.After.Sub(fee.Before); err == nil { // Both are of one currency and not below zero.
		shown.Difference = difference.Decimal()
	}
	return shown
}
