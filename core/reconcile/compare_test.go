package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/reconcile"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// noon is in the middle of the day that these tests compare.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func day() core.Statement {
	return core.Statement{Account: "a", From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour)}
}

// refOf is a reference in our form.
func refOf(t *testing.T, number int) string {
	t.Helper()
	ref, err := core.Ref("pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG", number)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// row is a payment of 5000 XOF that succeeded at noon.
func row(changes ...func(*core.StatementRow)) core.StatementRow {
	r := core.StatementRow{
		Ref: "r1", ProviderRef: "p1", Kind: sdk.KindPayment, Outcome: sdk.OutcomeSucceeded, Amount: "5000", Currency: "XOF", At: noon,
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

// held is the record of it.
func held(changes ...func(*core.Held)) core.Held {
	h := core.Held{
		ID: "att_1", Ref: "r1", ProviderRef: "p1", Transaction: "pay_1", Attempt: 1, Kind: sdk.KindPayment,
		Belief: core.BeliefPaid, State: "succeeded", Amount: money.Of(5000, money.XOF), At: noon,
	}
	for _, change := range changes {
		change(&h)
	}
	return h
}

func rowAt(at time.Time) func(*core.StatementRow) { return func(r *core.StatementRow) { r.At = at } }
func heldAt(at time.Time) func(*core.Held)        { return func(h *core.Held) { h.At = at } }
func says(o sdk.Outcome) func(*core.StatementRow) {
	return func(r *core.StatementRow) { r.Outcome = o }
}

func rowRef(ref string) func(*core.StatementRow) { return func(r *core.StatementRow) { r.Ref = ref } }
func believes(b core.Belief) func(*core.Held)    { return func(h *core.Held) { h.Belief = b } }
func heldAs(id, ref, theirs string) func(*core.Held) {
	return func(h *core.Held) { h.ID, h.Ref, h.ProviderRef = id, ref, theirs }
}

func rowAs(ref, theirs string) func(*core.StatementRow) {
	return func(r *core.StatementRow) { r.Ref, r.ProviderRef = ref, theirs }
}

func costs(amount, currency string) func(*core.StatementRow) {
	return func(r *core.StatementRow) { r.Amount, r.Currency = amount, currency }
}

// mismatched is a record whose provider told another amount.
func mismatched(h *core.Held) {
	h.Belief, h.State, h.Told = core.BeliefMismatch, "mismatch", sdk.Told{Amount: "4000", Currency: "XOF"}
}

func rows(all ...core.StatementRow) []core.StatementRow { return all }
func records(all ...core.Held) []core.Held              { return all }

// classes reads as "equal r1=att_1, missing_here r2".
func classes(findings []core.Finding) string {
	var words []string
	for _, f := range findings {
		word := string(f.Class)
		if f.Row != nil {
			word += " " + f.Row.Ref + f.Row.ProviderRef
		}
		if f.Held != nil {
			word += "=" + f.Held.ID
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func TestAStatementIsComparedWithWhatIsRecorded(t *testing.T) {
	t.Parallel()
	midnight := day().To
	for name, test := range map[string]struct {
		rows []core.StatementRow
		held []core.Held
		part bool
		want string
	}{
		"nothing":                         {want: ""},
		"the same":                        {rows: rows(row()), held: records(held()), want: "equal r1p1=att_1"},
		"by the provider's reference":     {rows: rows(row(rowAs("", "p1"))), held: records(held()), want: "equal p1=att_1"},
		"our reference counts before":     {rows: rows(row(rowAs("r1", "p2"))), held: records(held(), held(heldAs("att_2", "r2", "p2"), believes(core.BeliefNoMoney))), want: "equal r1p2=att_1"},
		"a reference of ours in its own":  {rows: rows(row(rowAs("merchant-7", "p1"))), held: records(held()), want: "equal merchant-7p1=att_1"},
		"empty references match nothing":  {rows: rows(row(rowAs("", ""))), held: records(held(heldAs("att_1", "", ""))), want: "missing_here , missing_there=att_1"},
		"missing here":                    {rows: rows(row()), want: "missing_here r1p1"},
		"missing there":                   {held: records(held()), want: "missing_there=att_1"},
		"of a part nothing is missing":    {held: records(held()), part: true, want: ""},
		"twice":                           {rows: rows(row(), row()), held: records(held()), want: "equal r1p1=att_1, duplicate r1p1=att_1"},
		"paid twice under one reference":  {rows: rows(row(rowAs("r1", "p9")), row()), held: records(held()), want: "duplicate r1p9=att_1, equal r1p1=att_1"},
		"a refusal, and then money":       {rows: rows(row(rowAs("r1", "p1"), says(sdk.OutcomeDeclined)), row(rowAs("r1", "p2"))), held: records(held(believes(core.BeliefNoMoney))), want: "equal r1p1=att_1, different_state r1p2=att_1"},
		"one row is one record":           {rows: rows(row()), held: records(held(), held(heldAs("att_2", "r2", "p1"))), want: "equal r1p1=att_1, missing_there=att_2"},
		"another kind is another thing":   {rows: rows(row(func(r *core.StatementRow) { r.Kind = sdk.KindPayout })), held: records(held()), want: "missing_here r1p1, missing_there=att_1"},
		"a kind that is not told":         {rows: rows(row(func(r *core.StatementRow) { r.Kind = "" })), held: records(held()), want: "equal r1p1=att_1"},
		"another amount":                  {rows: rows(row(costs("5001", "XOF"))), held: records(held()), want: "different_amount r1p1=att_1"},
		"a cent":                          {rows: rows(row(costs("50.01", "EUR"))), held: records(held(func(h *core.Held) { h.Amount = money.Of(5000, money.EUR) })), want: "different_amount r1p1=att_1"},
		"written otherwise":               {rows: rows(row(costs("5000.00", "XOF"))), held: records(held()), want: "equal r1p1=att_1"},
		"another currency":                {rows: rows(row(costs("5000", "XAF"))), held: records(held()), want: "different_amount r1p1=att_1"},
		"no currency":                     {rows: rows(row(costs("5000", ""))), held: records(held()), want: "equal r1p1=att_1"},
		"no amount":                       {rows: rows(row(costs("", ""))), held: records(held()), want: "equal r1p1=att_1"},
		"an amount that nobody can read":  {rows: rows(row(costs("5,000", "XOF"))), held: records(held()), want: "different_amount r1p1=att_1"},
		"a currency that nobody knows":    {rows: rows(row(costs("5000", "CFA"))), held: records(held()), want: "different_amount r1p1=att_1"},
		"a mismatch that was seen":        {rows: rows(row(costs("4000", "XOF"))), held: records(held(mismatched)), want: "known r1p1=att_1"},
		"a mismatch of another amount":    {rows: rows(row(costs("3000", "XOF"))), held: records(held(mismatched)), want: "different_amount r1p1=att_1"},
		"state before amount":             {rows: rows(row(costs("1", "XOF"))), held: records(held(believes(core.BeliefNoMoney))), want: "different_state r1p1=att_1"},
		"listed after midnight":           {rows: rows(row(rowAt(midnight.Add(time.Second)))), held: records(held(heldAt(midnight.Add(-time.Second)))), want: "equal r1p1=att_1"},
		"listed before midnight":          {rows: rows(row(rowAt(midnight.Add(-time.Second)))), held: records(held(heldAt(midnight.Add(time.Second)))), want: "equal r1p1=att_1"},
		"of the next day":                 {rows: rows(row(rowAt(midnight))), held: records(held(heldAt(midnight))), want: ""},
		"missing on the next day":         {rows: rows(row(rowAt(midnight))), want: ""},
		"recorded on the next day":        {held: records(held(heldAt(midnight))), want: ""},
		"the first moment counts":         {rows: rows(row(rowAt(day().From))), want: "missing_here r1p1"},
		"a row without a time":            {rows: rows(row(rowAt(time.Time{}))), want: "missing_here r1p1"},
		"refused there, rejected here":    {rows: rows(row(says(sdk.OutcomeDeclined))), held: records(held(believes(core.BeliefNothing))), want: "equal r1p1=att_1"},
		"rejected here and absent there":  {held: records(held(believes(core.BeliefNothing))), want: ""},
		"declined here and absent there":  {held: records(held(believes(core.BeliefNoMoney))), want: ""},
		"live here and absent there":      {held: records(held(believes(core.BeliefOpen))), want: "missing_there=att_1"},
		"reversed here and absent there":  {held: records(held(believes(core.BeliefReversed))), want: "missing_there=att_1"},
		"a mismatch that is absent there": {held: records(held(mismatched)), want: "missing_there=att_1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reconcile.Compare(day(), test.rows, test.held, !test.part)
			if diff := cmp.Diff(test.want, classes(got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range got {
				if (f.Why == "") != (f.Class == core.StatementEqual) {
					t.Errorf("%s says %q", f.Class, f.Why)
				}
			}
		})
	}
}

// TestEveryPairOfStates is the whole table: a column each for what is believed here.
func TestEveryPairOfStates(t *testing.T) {
	t.Parallel()
	beliefs := []core.Belief{
		core.BeliefUnclear, core.BeliefNothing, core.BeliefOpen, core.BeliefNoMoney, core.BeliefPaid, core.BeliefMismatch, core.BeliefReversed,
	}
	want := map[sdk.Outcome]string{
		//                            ? none open no paid mismatch reversed
		sdk.OutcomeSucceeded:      "ddddeed",
		sdk.OutcomeReversed:       "dddddde",
		sdk.OutcomePending:        "edeeddd",
		sdk.OutcomeRequiresAction: "edeeddd",
		sdk.OutcomeDeclined:       "eededdd",
		sdk.OutcomeDeclinedFinal:  "eededdd",
		sdk.OutcomeCanceled:       "eededdd",
		sdk.OutcomeExpired:        "eededdd",
		sdk.OutcomeNotSent:        "eededdd",
		sdk.OutcomeRejected:       "eededdd",
		sdk.OutcomeUnknown:        "ededddd",
	}
	for _, outcome := range sdk.Outcomes() {
		got := ""
		for _, belief := range beliefs {
			record := held(believes(belief))
			record.Told = sdk.Told{Amount: "5000", Currency: "XOF"}
			finding := reconcile.Compare(day(), rows(row(says(outcome))), records(record), true)[0]
			got += map[core.StatementClass]string{
				core.StatementEqual: "e", core.StatementKnown: "e", core.StatementDifferentState: "d",
			}[finding.Class]
		}
		if diff := cmp.Diff(want[outcome], got); diff != "" {
			t.Errorf("%s there (-want +got):\n%s", outcome, diff)
		}
	}
}

func TestWhatCanBeAdopted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rows []core.StatementRow
		held []core.Held
		want bool
		says string
	}{
		"money that we do not know of": {rows(row()), records(held(believes(core.BeliefNoMoney), func(h *core.Held) { h.State = "declined" })), true, "SUCCEEDED, it is declined here"},
		"an attempt missing there":     {nil, records(held()), true, "the statement lacks it"},
		"a reference in our form":      {rows(row(rowRef(refOf(t, 1)))), nil, false, "our form"},
		"made in the portal":           {rows(row(rowRef("by hand"))), nil, false, "portal"},
		"a mismatch that was seen":     {rows(row(costs("4000", "XOF"))), records(held(mismatched)), false, "tx resolve"},
		"another amount":               {rows(row(costs("4999", "XOF"))), records(held()), true, "4999 XOF, it is 5000 XOF here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reconcile.Compare(day(), test.rows, test.held, true)[0]
			if got.Adoptable != test.want || !strings.Contains(got.Why, test.says) {
				t.Errorf("adoptable %t: %q; want %t and %q", got.Adoptable, got.Why, test.want, test.says)
			}
		})
	}
}
