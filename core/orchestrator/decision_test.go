package orchestrator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

var operator = core.Caller{Actor: "ops", Operator: true}

// refuses is a provider that refuses every create call after a time.
func refuses(name string, after time.Duration) *coretest.Provider {
	return bank(name, coretest.Plan{Answer: coretest.AnswerRejected, Reason: sdk.ReasonLimitExceeded, Takes: after})
}

// ways are the ways in which attempts begin, each with what it answers in the end.
func ways() map[string]func(*testing.T, *works) core.Transaction {
	return map[string]func(*testing.T, *works) core.Transaction{
		"a payment": func(t *testing.T, w *works) core.Transaction { return w.mustPay(t, order("7")) },
		"a payout":  func(t *testing.T, w *works) core.Transaction { return w.mustPayOut(t, payoutOrder("7")) },
		"a payout that was approved": func(t *testing.T, w *works) core.Transaction {
			w.HoldPayout = func(money.Amount) bool { return true }
			held := w.mustPayOut(t, payoutOrder("7"))
			time.Sleep(time.Hour)
			tx, err := w.Approve(context.Background(), operator, held.ID, "looked at")
			if err != nil {
				t.Fatal(err)
			}
			return tx
		},
	}
}

// However the attempts of a request began: the rule's number bounds them. The
// control is the same request under a rule with room for one more.
func TestARuleBoundsTheAttempts(t *testing.T) {
	for name, begin := range ways() {
		for most, want := range map[int]int{2: 2, 3: 3, 0: 3} {
			one, two, three, four := refuses("one", 0), refuses("two", 0), refuses("three", 0), refuses("four", 0)
			inTheWorks(t, ruled(core.Choice{MaxAttempts: most}, "one", "two", "three", "four"), nil, func(t *testing.T, w *works) {
				tx := begin(t, w)
				if len(tx.Attempts) != want || tx.State != core.StateFailed || received(four) != 0 {
					t.Errorf("%s, at most %d: %d attempts, want %d, it is %s", name, most, len(tx.Attempts), want, tx.State)
				}
				last := core.Removed{Account: "four", Reason: "the most attempts, " + string('0'+rune(want)) + ", were made", Attempt: want + 1}
				removed := w.now(t, tx.ID).Route.Removed
				if len(removed) == 0 || removed[len(removed)-1] != last {
					t.Errorf("%s, at most %d: removed are %v, want %v in the end", name, most, removed, last)
				}
			}, one, two, three, four)
		}
	}
}

// However they began: no attempt begins after the rule's deadline, and the answer
// comes with it. The control is the same request under a rule with more time.
func TestARuleBoundsTheTimeOfARequest(t *testing.T) {
	for name, begin := range ways() {
		for deadline, want := range map[time.Duration]int{4 * time.Second: 2, 7 * time.Second: 3} {
			one, two, three := refuses("one", 3*time.Second), refuses("two", 3*time.Second), pays("three")
			inTheWorks(t, ruled(core.Choice{Deadline: deadline}, "one", "two", "three"), nil, func(t *testing.T, w *works) {
				tx := begin(t, w)
				time.Sleep(time.Minute)
				stored := w.now(t, tx.ID)
				if len(stored.Attempts) != want {
					t.Errorf("%s within %s: %d attempts, want %d", name, deadline, len(stored.Attempts), want)
				}
				if stored.Route.Deadline != deadline {
					t.Errorf("%s: the deadline kept is %s, want %s", name, stored.Route.Deadline, deadline)
				}
			}, one, two, three)
		}
	}
}

func TestTheAnswerComesAtTheRulesDeadline(t *testing.T) {
	one := refuses("one", 20*time.Second)
	inTheWorks(t, ruled(core.Choice{Deadline: 4 * time.Second}, "one"), nil, func(t *testing.T, w *works) {
		began := time.Now()
		if tx := w.mustPay(t, order("7")); tx.State != core.StateProcessing || time.Since(began) != 4*time.Second {
			t.Errorf("it is %s after %s", tx.State, time.Since(began))
		}
	}, one)
}

func (w *works) retried(t *testing.T, id string) (core.Transaction, error) {
	t.Helper()
	return w.Resolve(context.Background(), operator, id, core.Resolution{Verb: "retry", Reason: "the portal shows nothing"})
}

// An operator's retry is one attempt more, whatever the bound; what it leads to
// goes on within the bound and the time of the rule.
func TestAnOperatorsRetryGoesOnByTheRule(t *testing.T) {
	lost := coretest.Plan{Answer: coretest.AnswerLostRequest}
	for name, test := range map[string]struct {
		choice core.Choice
		want   []string
	}{
		"with room for more":      {core.Choice{MaxAttempts: 3}, []string{"one abandoned", "two rejected", "three succeeded"}},
		"with none left":          {core.Choice{MaxAttempts: 1}, []string{"one abandoned", "two rejected"}},
		"after the rule's time":   {core.Choice{MaxAttempts: 3, Deadline: time.Second}, []string{"one abandoned", "two rejected"}},
		"for what does not go on": {core.Choice{MaxAttempts: 3, Cascade: []sdk.Reason{}}, []string{"one abandoned", "two rejected"}},
	} {
		t.Run(name, func(t *testing.T) {
			one, two, three := bank("one", lost), refuses("two", 2*time.Second), pays("three")
			inTheWorks(t, ruled(test.choice, "one", "two", "three"), nil, func(t *testing.T, w *works) {
				tx := w.mustPay(t, order("7"))
				time.Sleep(10 * time.Second)
				if _, err := w.retried(t, tx.ID); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				var got []string
				for _, a := range w.now(t, tx.ID).Attempts {
					got = append(got, a.Account+" "+a.State.String())
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("attempts (-want +got):\n%s", diff)
				}
			}, one, two, three)
		})
	}
}

func TestARetryKeepsWhatWasDecidedBefore(t *testing.T) {
	lost := coretest.Plan{Answer: coretest.AnswerLostRequest}
	one, two, three := bank("one", lost), pays("two"), bank("three", lost)
	never := core.Removed{Account: "four", Reason: "country CI is not offered"}
	r := ruled(core.Choice{Removed: []core.Removed{never}}, "one", "two", "three")
	inTheWorks(t, r, nil, func(t *testing.T, w *works) {
		tx := w.mustPay(t, order("7"))
		if err := w.accounts.Drain("two"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if _, err := w.retried(t, tx.ID); err != nil {
			t.Fatal(err)
		}
		want := core.Route{
			Rule: "the rule", Generation: 7, MaxAttempts: 3,
			Candidates: []string{"one", "three"}, Reasons: []string{"tried as attempt 1", "three is in the rule"},
			Removed: []core.Removed{
				never,
				{Account: "four", Reason: "country CI is not offered", Attempt: 2},
				{Account: "one", Reason: "already tried", Attempt: 2},
				{Account: "two", Reason: "drained by an operator", Passing: true, Attempt: 2},
			},
		}
		got := w.now(t, tx.ID).Route
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(core.Route{}, "At")); diff != "" {
			t.Errorf("route (-want +got):\n%s", diff)
		}
		time.Sleep(10 * time.Second)
		if err := w.accounts.Resume("two"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.retried(t, tx.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.now(t, tx.ID); got.State != core.StateSucceeded || got.Attempts[2].Account != "two" {
			t.Errorf("it is %s with %d attempts", got.State, len(got.Attempts))
		}
	}, one, two, three)
}

func TestARetryWithoutAnAccountLeftIsRefused(t *testing.T) {
	one := bank("one", coretest.Plan{Answer: coretest.AnswerLostRequest})
	inTheWorks(t, ruled(core.Choice{}, "one"), nil, func(t *testing.T, w *works) {
		tx := w.mustPay(t, order("7"))
		time.Sleep(10 * time.Second)
		if _, err := w.retried(t, tx.ID); !errors.Is(err, core.ErrNotAllowed) {
			t.Errorf("refused with %v, want not_allowed", err)
		}
	}, one)
}

// The whole decision is in the record: the order with its reasons, everybody who
// was left out by the rules or had no room, and who asked for an account.
func TestTheWholeDecisionIsKept(t *testing.T) {
	never := core.Removed{Account: "zero", Reason: "country CI is not offered"}
	choice := core.Choice{
		Rule: "ivory-coast", Generation: 3, Removed: []core.Removed{never}, MaxAttempts: 5, Deadline: 9 * time.Second,
		Late: true, Cascade: []sdk.Reason{sdk.ReasonLimitExceeded},
	}
	one, two, three, four := pays("one"), refuses("two", 0), pays("three"), pays("four")
	inTheWorks(t, ruled(choice, "one", "two", "three", "four"), nil, func(t *testing.T, w *works) {
		for _, name := range []string{"one", "three"} {
			if err := w.accounts.Drain(name); err != nil {
				t.Fatal(err)
			}
		}
		req := order("7")
		req.Provider = "two"
		tx := w.mustPay(t, req)
		const drained = "drained by an operator"
		want := core.Route{
			Rule: "ivory-coast", Generation: 3, AskedBy: "key_1", MaxAttempts: 5, Deadline: 9 * time.Second,
			Candidates: []string{"two", "three", "four"},
			Reasons:    []string{"two is in the rule", "three is in the rule", "four is in the rule"},
			Removed: []core.Removed{
				never, {Account: "one", Reason: drained, Passing: true}, {Account: "three", Reason: drained, Passing: true, Attempt: 2},
			},
			Late: true, Cascade: []sdk.Reason{sdk.ReasonLimitExceeded},
		}
		if diff := cmp.Diff(want, w.now(t, tx.ID).Route); diff != "" {
			t.Errorf("route (-want +got):\n%s", diff)
		}
		if tx.State != core.StateSucceeded {
			t.Errorf("it is %s", tx.State)
		}
	}, one, two, three, four)
}

// What routing saw comes out of the record again, so that a decision can be replayed.
func TestWhatRoutingSawComesOutOfTheRecord(t *testing.T) {
	cases := ways()
	cases["a payment with everything"] = func(t *testing.T, w *works) core.Transaction {
		req := order("7")
		req.Method, req.Network, req.Provider, req.Description, req.Language = "mobile_money", "ORANGE", "one", "Basket", "fr"
		req.Customer = sdk.Customer{ID: "c-7", Name: "Awa", Phone: "+2250700000000", Email: "awa@example.com", ZIPCode: "00225"}
		req.ReturnURL, req.Metadata = "https://shop.example/return", map[string]string{"tier": "vip"}
		return w.mustPay(t, req)
	}
	cases["a card"] = func(t *testing.T, w *works) core.Transaction {
		req := order("7")
		req.Card = &sdk.Card{Number: "4242424242424242"}
		return w.mustPay(t, req)
	}
	cases["a payout to a bank"] = func(t *testing.T, w *works) core.Transaction {
		req := payoutOrder("7")
		req.BankAccount, req.Metadata = &sdk.BankAccount{IBAN: "FR7630006000011234567890189"}, map[string]string{"tier": "vip"}
		return w.mustPayOut(t, req)
	}
	for name, begin := range cases {
		r := ruled(core.Choice{}, "one")
		inTheWorks(t, r, nil, func(t *testing.T, w *works) {
			tx := w.now(t, begin(t, w).ID)
			last := r.seen[len(r.seen)-1]
			if last.ID != tx.ID {
				t.Errorf("%s: decided about %s, it is %s", name, last.ID, tx.ID)
			}
			if diff := cmp.Diff(last, tx.Sample(), cmpopts.EquateEmpty(), cmp.Comparer(money.Amount.Equal)); diff != "" {
				t.Errorf("%s (-seen +stored):\n%s", name, diff)
			}
		}, pays("one"))
	}
}

// The card itself is gone when an operator tries again, so that routing is not told of one.
func TestARetryHasNoCard(t *testing.T) {
	one, two := bank("one", coretest.Plan{Answer: coretest.AnswerLostRequest}), pays("two")
	r := ruled(core.Choice{}, "one", "two")
	inTheWorks(t, r, nil, func(t *testing.T, w *works) {
		req := order("7")
		req.Card = &sdk.Card{Number: "4242424242424242"}
		tx := w.mustPay(t, req)
		time.Sleep(10 * time.Second)
		if _, err := w.retried(t, tx.ID); err != nil {
			t.Fatal(err)
		}
		if !r.seen[0].Card || r.seen[1].Card {
			t.Errorf("routing was told of a card: %v, then %v", r.seen[0].Card, r.seen[1].Card)
		}
		if diff := cmp.Diff(r.seen[1], w.now(t, tx.ID).Sample(), cmpopts.IgnoreFields(core.Sample{}, "Tried"), cmpopts.EquateEmpty(), cmp.Comparer(money.Amount.Equal)); diff != "" {
			t.Errorf("the sample of the later decision (-seen +stored):\n%s", diff)
		}
	}, one, two)
}
