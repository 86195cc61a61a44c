package api

import (
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// StatementRowsMax is the most rows of one request, AdoptMax the most that one adopts.
	StatementRowsMax = 2000
	AdoptMax         = 20
	// StatementBodyMax is the most bytes of a request with rows.
	StatementBodyMax = 4 << 20
	// StatementMax is the longest time that is compared at once: a month of 31 days,
	// and the hour more that the one has in which summer time ends.
	StatementMax = 31*24*time.Hour + time.Hour
	// moneyMax is more characters than any amount has.
	moneyMax = 40
)

// CompareStatement is the body of POST /v1/providers/{account}/statement.
type CompareStatement struct {
	From time.Time      `json:"from" doc:"The statement's time: from then on, RFC 3339"`
	To   time.Time      `json:"to" doc:"And before then; 31 days at most"`
	Rows []StatementRow `json:"rows,omitempty" maxItems:"2000" doc:"Rows of a file. Where absent the provider's own list is read"`
}

// StatementRow is one line of what a provider says happened.
type StatementRow struct {
	Line              int        `json:"line,omitempty" doc:"Its line in a file"`
	Reference         string     `json:"reference,omitempty" doc:"The ref of an attempt, as the provider was given it"`
	ProviderReference string     `json:"provider_reference,omitempty" doc:"The provider's own id"`
	Kind              string     `json:"kind,omitempty" enum:"payment,payout,refund"`
	State             string     `json:"state" enum:"succeeded,failed,canceled,expired,pending,reversed,unknown"`
	Status            string     `json:"status,omitempty" doc:"The provider's own word"`
	Amount            string     `json:"amount,omitempty" doc:"Decimal in major units, as the provider wrote it"`
	Currency          string     `json:"currency,omitempty" doc:"ISO 4217 code; where absent it is taken for ours"`
	CreatedAt         *time.Time `json:"created_at,omitempty"`
}

// Record is what the engine has of something that a statement may show.
type Record struct {
	ID                string    `json:"id" doc:"att_ or trf_ id"`
	Transaction       string    `json:"transaction" doc:"Of a transfer what it paid, empty where it is nobody's yet"`
	Attempt           int       `json:"attempt" doc:"Its number, 0 for a transfer"`
	Reference         string    `json:"reference" doc:"The ref that the provider was given"`
	ProviderReference string    `json:"provider_reference"`
	Kind              string    `json:"kind"`
	State             string    `json:"state" doc:"The attempt's state, or a transfer's outcome"`
	Amount            string    `json:"amount"`
	Currency          string    `json:"currency"`
	At                time.Time `json:"at" doc:"When the attempt began, or the transfer was made"`
}

// Finding is one row of a comparison.
type Finding struct {
	Class     string        `json:"class" enum:"equal,known,missing_here,missing_there,different_amount,different_state,duplicate"`
	Row       *StatementRow `json:"row" doc:"What the statement says, null for what is missing there"`
	Record    *Record       `json:"record" doc:"What is recorded, null for what is missing here"`
	Why       string        `json:"why" doc:"In words, with what to do; empty where they are equal"`
	Adoptable bool          `json:"adoptable" doc:"Asking the provider may mend it"`
}

// Comparison is how a statement and the records compare.
type Comparison struct {
	Provider string    `json:"provider"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Data     []Finding `json:"data" nullable:"false"`
	Unread   string    `json:"unread" doc:"Why a part of the provider's list was not read, so that nothing is called missing there; empty where all was"`
}

// Adopt is the body of POST /v1/providers/{account}/adopt.
type Adopt struct {
	Attempts  []AdoptAttempt  `json:"attempts,omitempty" maxItems:"20" doc:"The provider is asked about them now"`
	Transfers []AdoptTransfer `json:"transfers,omitempty" maxItems:"20" doc:"They are received as the provider's list shows them now"`
}

// AdoptAttempt names an attempt.
type AdoptAttempt struct {
	Transaction string `json:"transaction"`
	Attempt     int    `json:"attempt"`
}

// AdoptTransfer names a transfer of a provider that only lists.
type AdoptTransfer struct {
	ProviderReference string    `json:"provider_reference"`
	CreatedAt         time.Time `json:"created_at" doc:"Where in the list it is"`
}

// Adopted is what came of one adoption.
type Adopted struct {
	Transaction       string `json:"transaction" doc:"Of a transfer what it paid, empty where it is nobody's"`
	Attempt           int    `json:"attempt"`
	ProviderReference string `json:"provider_reference"`
	Before            string `json:"before" doc:"The state before, empty for a transfer that was not known"`
	After             string `json:"after"`
	Problem           string `json:"problem" doc:"Why nobody could be asked, empty where somebody was"`
}

// Adoptions is what came of all.
type Adoptions struct {
	Data []Adopted `json:"data" nullable:"false"`
}

// statementOutcomes are what the states of a row mean.
var statementOutcomes = map[string]sdk.Outcome{
	"succeeded": sdk.OutcomeSucceeded, "failed": sdk.OutcomeDeclined, "canceled": sdk.OutcomeCanceled,
	"expired": sdk.OutcomeExpired, "pending": sdk.OutcomePending, "reversed": sdk.OutcomeReversed, "unknown": sdk.OutcomeUnknown,
}

// StatementStates returns the states that a row may have.
func StatementStates() []string {
	return []string{"succeeded", "failed", "canceled", "expired", "pending", "reversed", "unknown"}
}

// ComparisonOf returns what operators may see of a comparison.
func ComparisonOf(about core.Statement, c core.Comparison) Comparison {
	out := Comparison{
		Provider: about.Account, From: shown(about.From), To: shown(about.To), Data: make([]Finding, 0, len(c.Findings)),
		Unread: masker{}.text(c.Unread),
	}
	for _, f := range c.Findings {
		out.Data = append(out.Data, findingOf(f))
	}
	return out
}

func findingOf(f core.Finding) Finding {
	var words masker
	out := Finding{Class: string(f.Class), Adoptable: f.Adoptable}
	if f.Held != nil {
		words.phone = f.Held.Phone
		record := recordOf(*f.Held)
		out.Record = &record
	}
	if f.Row != nil {
		row := rowOf(*f.Row, words)
		out.Row = &row
	}
	out.Why = words.text(f.Why)
	return out
}

func rowOf(row core.StatementRow, words masker) StatementRow {
	return StatementRow{
		Line: row.Line, Reference: words.reference(row.Ref), ProviderReference: words.reference(row.ProviderRef), Kind: string(row.Kind),
		State: stateOf(row.Outcome), Status: words.text(row.Status), Amount: words.text(row.Amount), Currency: words.text(row.Currency),
		CreatedAt: shownOrNull(row.At),
	}
}

// reference is a reference as it may be shown: one that is written as a phone is none.
func (m masker) reference(text string) string {
	digits, plus := strings.CutPrefix(text, "+")
	if plus && len(digits) >= 8 && strings.Trim(digits, "0123456789 ") == "" {
		return MaskPhone(text)
	}
	return m.text(text)
}

func stateOf(outcome sdk.Outcome) string {
	alike := map[sdk.Outcome]string{
		sdk.OutcomeDeclinedFinal: "failed", sdk.OutcomeRejected: "failed", sdk.OutcomeNotSent: "failed", sdk.OutcomeRequiresAction: "pending",
	}
	if state, ok := alike[outcome]; ok {
		return state
	}
	states := StatementStates()
	at := slices.IndexFunc(states, func(state string) bool { return statementOutcomes[state] == outcome })
	if at < 0 {
		return "unknown"
	}
	return states[at]
}

func recordOf(held core.Held) Record {
	words := masker{phone: held.Phone}
	return Record{
		ID: held.ID, Transaction: held.Transaction, Attempt: held.Attempt, Reference: held.Ref,
		ProviderReference: words.reference(held.ProviderRef), Kind: string(held.Kind), State: held.State,
		Amount: held.Amount.Decimal(), Currency: held.Amount.Currency().String(), At: shown(held.At),
	}
}

// RecordsOf returns what operators may see of a page of records.
func RecordsOf(page core.Page[core.Held]) List[Record] {
	list := List[Record]{Data: make([]Record, 0, len(page.Items)), NextCursor: wordOrNull(page.Next)}
	for _, held := range page.Items {
		list.Data = append(list.Data, recordOf(held))
	}
	return list
}

// AdoptionsOf returns what operators may see of what came of adoptions.
func AdoptionsOf(all []core.Adopted) Adoptions {
	out := Adoptions{Data: make([]Adopted, 0, len(all))}
	for _, one := range all {
		out.Data = append(out.Data, Adopted{
			Transaction: one.Transaction, Attempt: one.Attempt, ProviderReference: masker{}.reference(one.ProviderRef),
			Before: one.Before, After: one.After, Problem: masker{}.text(one.Problem),
		})
	}
	return out
}
