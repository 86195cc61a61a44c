package record

import (
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// NameMax is the most bytes of a text that is part of a store's index:
// merchants, their references, accounts, customers and transfers.
const NameMax = 1024

// Check returns core.ErrInvalidRecord, in words, when t breaks an invariant:
//
//   - its id belongs to its kind, its state is one, its merchant is named;
//   - its attempts are numbered from 1 and each has the Ref of its number;
//   - at most one attempt is live, exactly one while processing, requires_action
//     or unknown, and none while created;
//   - an attempt that is live or watched has a timer;
//   - its amounts are of one currency and not below zero;
//   - it has an end once its state is final.
//
// Stores check on every write and on every read.
func Check(t core.Transaction) error {
	for _, check := range []func(core.Transaction) error{
		checkIdentity, checkAmounts, checkAttempts, checkState, checkTimers, checkTimes,
	} {
		if err := check(t); err != nil {
			return fmt.Errorf("record: %s: %w: %w", t.ID, core.ErrInvalidRecord, err)
		}
	}
	return nil
}

func checkIdentity(t core.Transaction) error {
	kind, err := core.KindOf(t.ID)
	if err != nil {
		return err
	}
	if _, err := core.ULIDOf(t.ID); err != nil {
		return err
	}
	if kind != t.Kind {
		return fmt.Errorf("kind is %q, its id is one of a %s", t.Kind, kind)
	}
	if t.Merchant == "" {
		return fmt.Errorf("no merchant")
	}
	return names("merchant", t.Merchant, "reference", t.Reference)
}

func checkAmounts(t core.Transaction) error {
	if !t.Amount.Currency().Valid() {
		return fmt.Errorf("amount has no currency")
	}
	if err := sameMoney(t, "amount", t.Amount); err != nil {
		return err
	}
	if err := sameMoney(t, "received", t.Received); err != nil {
		return err
	}
	if err := sameMoney(t, "refunded", t.Refunded); err != nil {
		return err
	}
	for _, a := range t.Attempts {
		if err := sameMoney(t, "confirmed", a.Confirmed); err != nil {
			return fmt.Errorf("attempt %d: %w", a.Number, err)
		}
		if err := sameMoney(t, "reserved", a.Reserved); err != nil {
			return fmt.Errorf("attempt %d: %w", a.Number, err)
		}
	}
	return nil
}

// sameMoney allows an amount that was never set.
func sameMoney(t core.Transaction, name string, a money.Amount) error {
	if a == (money.Amount{}) {
		return nil
	}
	if a.Minor() < 0 {
		return fmt.Errorf("%s is %s, below zero", name, a)
	}
	if a.Currency() != t.Amount.Currency() {
		return fmt.Errorf("%s is in %s, its amount in %s", name, a.Currency(), t.Amount.Currency())
	}
	return nil
}

func checkAttempts(t core.Transaction) error {
	for i, a := range t.Attempts {
		if err := checkAttempt(t.ID, i+1, a); err != nil {
			return fmt.Errorf("attempt %d: %w", i+1, err)
		}
	}
	return nil
}

func checkAttempt(transaction string, number int, a core.Attempt) error {
	if a.Number != number {
		return fmt.Errorf("its number is %d", a.Number)
	}
	if _, err := core.ULIDOf(a.ID); err != nil {
		return err
	}
	if a.Account == "" {
		return fmt.Errorf("no account")
	}
	if _, err := core.ParseAttemptState(a.State.String()); err != nil {
		return err
	}
	want, err := core.Ref(transaction, number)
	if err != nil {
		return err
	}
	if a.Ref != want {
		return fmt.Errorf("ref is %.40q, not the one of its number", a.Ref)
	}
	return names("account", a.Account)
}

func checkState(t core.Transaction) error {
	if _, err := core.ParseState(t.State.String()); err != nil {
		return err
	}
	live := 0
	for _, a := range t.Attempts {
		if a.State.Live() {
			live++
		}
	}
	switch {
	case live > 1:
		return fmt.Errorf("%d attempts are live, at most one may be", live)
	case live == 0 && needsLive(t.State):
		return fmt.Errorf("%s without a live attempt", t.State)
	case live > 0 && t.State == core.StateCreated:
		return fmt.Errorf("%s with a live attempt", t.State)
	}
	return nil
}

func needsLive(s core.State) bool {
	return s == core.StateProcessing || s == core.StateRequiresAction || s == core.StateUnknown
}

func checkTimers(t core.Transaction) error {
	timed := make(map[int]bool, len(t.Timers))
	for _, timer := range t.Timers {
		if timer.At.IsZero() {
			return fmt.Errorf("timer %s has no time", timer.Kind)
		}
		if timer.Attempt < 0 || timer.Attempt > len(t.Attempts) {
			return fmt.Errorf("timer %s is of attempt %d, which is none", timer.Kind, timer.Attempt)
		}
		timed[timer.Attempt] = true
	}
	for _, a := range t.Attempts {
		if (a.State.Live() || !a.WatchFrom.IsZero()) && !timed[a.Number] {
			return fmt.Errorf("attempt %d is %s and has no timer", a.Number, a.State)
		}
	}
	return nil
}

func checkTimes(t core.Transaction) error {
	if t.CreatedAt.IsZero() {
		return fmt.Errorf("no time of creation")
	}
	if t.State.Final() && t.EndedAt.IsZero() {
		return fmt.Errorf("%s without the time of its end", t.State)
	}
	all := []time.Time{t.CreatedAt, t.UpdatedAt, t.EndedAt, t.ExpiresAt, t.Route.At}
	if t.Decision != nil {
		all = append(all, t.Decision.At)
	}
	for _, timer := range t.Timers {
		all = append(all, timer.At)
	}
	for _, a := range t.Attempts {
		all = append(all, a.SendBy, a.StartedAt, a.AnsweredAt, a.EndedAt, a.WatchFrom)
		all = append(all, untilOf(a.NextAction), matchOf(a.Match).From, matchOf(a.Match).Until)
	}
	all = append(all, untilOf(t.Customer.NextAction))
	return times(all...)
}

func untilOf(a *sdk.NextAction) time.Time {
	if a == nil {
		return time.Time{}
	}
	return a.Until
}

func matchOf(m *sdk.Match) sdk.Match {
	if m == nil {
		return sdk.Match{}
	}
	return *m
}

// times refuses instants that would come back as others.
func times(all ...time.Time) error {
	for _, t := range all {
		if !storable(t) {
			return fmt.Errorf("the year %d is outside 1970 to 2261", t.Year())
		}
	}
	return nil
}

// names takes pairs of a word and a text, and refuses texts that no index can hold.
func names(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if len(pairs[i+1]) > NameMax {
			return fmt.Errorf("%s has %d bytes, the most is %d", pairs[i], len(pairs[i+1]), NameMax)
		}
		for _, c := range []byte(pairs[i+1]) {
			if c == 0 {
				return fmt.Errorf("%s holds a zero byte", pairs[i])
			}
		}
	}
	return nil
}
