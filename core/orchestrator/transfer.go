package orchestrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// claimEarly and claimLate widen an order's time: clocks differ, and a transfer
// may be on its way when the time is over.
const claimEarly, claimLate = time.Minute, 10 * time.Minute

// Transfers are what pull-only providers reported, and who has a right to it.
type Transfers interface {
	// Transfer returns the transfer with id, or ErrNotFound.
	Transfer(ctx context.Context, id string) (core.Transfer, error)
	// TransferByRef returns the transfer that the account's provider calls ref, or ErrNotFound.
	TransferByRef(ctx context.Context, account, ref string) (core.Transfer, error)
	// Claims returns the claims of an account's customer.
	Claims(ctx context.Context, account, customer string) ([]core.Claim, error)
}

// claims adds to a commit the right to a transfer that an attempt now waits for,
// and gives back that of one that was paid. A canceled order's ends now.
func (o *Orchestrator) claims(ctx context.Context, before, after core.Transaction, commit *core.Commit) error {
	for i, a := range after.Attempts {
		waited := i < len(before.Attempts) && before.Attempts[i].Match != nil
		switch {
		case a.Match == nil:
		case !waited && a.State == core.AttemptRequiresAction:
			commit.Claims = append(commit.Claims, claimOf(after.ID, a))
		case waited && before.Attempts[i].State.Live() && a.State == core.AttemptCanceled:
			if err := o.endClaim(ctx, after.ID, a, commit); err != nil {
				return err
			}
		}
	}
	return nil
}

func claimOf(transaction string, a core.Attempt) core.Claim {
	return core.Claim{
		Account: a.Account, Customer: a.Match.Customer, Amount: a.Match.Amount,
		From: a.Match.From.Add(-claimEarly), Until: a.Match.Until.Add(claimLate), Transaction: transaction,
	}
}

// endClaim closes a canceled order's time at this moment: a transfer made before
// is a late success, one made after it belongs to nobody.
func (o *Orchestrator) endClaim(ctx context.Context, transaction string, a core.Attempt, commit *core.Commit) error {
	held, err := o.claimsHeld(ctx, transaction, a)
	if err != nil {
		return err
	}
	commit.ClaimsFreed = append(commit.ClaimsFreed, held...)
	for _, claim := range held {
		if now := o.Now(); claim.From.Before(now) {
			claim.Until = now
			commit.Claims = append(commit.Claims, claim)
		}
	}
	return nil
}

// claimsHeld are the claims of an attempt: one, or none once it is given back.
func (o *Orchestrator) claimsHeld(ctx context.Context, transaction string, a core.Attempt) ([]core.Claim, error) {
	if a.Match == nil {
		return nil, nil
	}
	claims, err := o.Transfers.Claims(ctx, a.Account, a.Match.Customer)
	if err != nil {
		return nil, fmt.Errorf("orchestrator: claims: %w", err)
	}
	return slices.DeleteFunc(claims, func(claim core.Claim) bool {
		return claim.Transaction != transaction || claim.Amount != a.Match.Amount
	}), nil
}

// duplicateOrder is what an attempt gets whose transfer could not be told from
// that of another open order. Nothing was shown to the customer.
func duplicateOrder() sdk.Result {
	return sdk.Result{
		Outcome: sdk.OutcomeRejected, Reason: core.ReasonDuplicateOpenOrder,
		Message: "another open order waits for the same amount from the same customer",
	}
}

// Received takes one transfer as a provider lists it. What is new or changed is
// stored, given to the one order that waits for it, and applied to that, all in
// one commit. What was known already changes nothing. One that can never be kept
// is left to a person, and hinders none of the others.
func (o *Orchestrator) Received(ctx context.Context, account string, item sdk.ListItem) error {
	if item.Kind != "" && item.Kind != sdk.KindPayment {
		return nil // Money that went out pays nothing.
	}
	for range conflictsMax {
		err := o.receive(ctx, account, item)
		if errors.Is(err, core.ErrInvalidRecord) || errors.Is(err, core.ErrIllegalTransition) {
			o.complain(account, item, err)
			return nil
		}
		if !errors.Is(err, core.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("orchestrator: transfer %s of %s: %w", item.ID, account, core.ErrConflict)
}

// complain tells once of a transfer that only a person can deal with.
func (o *Orchestrator) complain(account string, item sdk.ListItem, err error) {
	if _, said := o.unreadable.LoadOrStore(account+"\n"+item.ID, true); !said {
		o.Logger.Error("transfer cannot be kept: look into the provider's portal", "account", account, "provider_ref", item.ID, "error", err)
	}
}

func (o *Orchestrator) receive(ctx context.Context, account string, item sdk.ListItem) error {
	known, err := o.Transfers.TransferByRef(ctx, account, item.ID)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return fmt.Errorf("orchestrator: transfer: %w", err)
	}
	t, changed := o.listed(known, account, item)
	switch {
	case t.ID == "", !changed && (t.Transaction != "" || t.TopUp != ""):
		return nil
	case t.Transaction != "":
		return o.deliver(ctx, t, item)
	case t.TopUp != "":
		return o.apply(ctx, core.Commit{Transfers: []core.Transfer{t}})
	}
	claim, err := o.claimFor(ctx, t)
	switch {
	case err != nil:
		return err
	case claim != nil: // Perhaps only now: the one before it has failed, or the order is new.
		t.Transaction = claim.Transaction
		return o.deliver(ctx, t, item)
	case !changed:
		return nil
	}
	o.Logger.Warn("transfer of nobody's", "account", account, "transfer", t.ID, "outcome", t.Outcome)
	failpoint.At("keep a transfer: before")
	err = o.apply(ctx, core.Commit{Transfers: []core.Transfer{t}})
	failpoint.At("keep a transfer: after")
	return err
}

// listed is the transfer as it is now, and whether that is news. It is empty
// where its money cannot be read.
func (o *Orchestrator) listed(known core.Transfer, account string, item sdk.ListItem) (core.Transfer, bool) {
	outcome := item.Outcome.Known()
	amount, err := toldMoney(item.Told)
	if known.ID != "" {
		known.Was = known.Version
		if outcome == sdk.OutcomeUnknown && item.Status != known.Status {
			o.Logger.Warn("transfer has a status that nobody knows", "account", account, "transfer", known.ID, "status", item.Status)
		}
		if !follows(known.Outcome, outcome) {
			return known, false
		}
		known.Outcome, known.Status = outcome, item.Status
		if err == nil && known.Transaction == "" && known.TopUp == "" {
			known.Amount = amount // What arrived may be less than what was on its way.
		}
		return known, true
	}
	if err != nil {
		o.complain(account, item, err)
		return known, false
	}
	now := o.Now()
	return core.Transfer{
		ID: o.NewID(core.PrefixTransfer, now), Account: account, ProviderRef: item.ID, ProviderCustomer: item.Customer,
		Amount: amount, Outcome: outcome, Status: item.Status, CreatedAt: item.CreatedAt, SeenAt: now,
	}, true
}

// follows reports whether a transfer may go from one outcome to the other. A
// status that nobody knows keeps the one before; what has arrived can only be
// taken back, and what failed can only arrive all the same.
func follows(before, after sdk.Outcome) bool {
	switch {
	case before == sdk.OutcomeReversed:
		return false
	case before == sdk.OutcomeSucceeded:
		return after == sdk.OutcomeReversed
	case hasFailed(before):
		return after == sdk.OutcomeSucceeded || after == sdk.OutcomeReversed
	default:
		return after != sdk.OutcomeUnknown && after != before
	}
}

// hasFailed reports whether a transfer with this outcome moved no money.
func hasFailed(outcome sdk.Outcome) bool {
	return outcome == sdk.OutcomeDeclined || outcome == sdk.OutcomeDeclinedFinal ||
		outcome == sdk.OutcomeCanceled || outcome == sdk.OutcomeExpired
}

func toldMoney(told sdk.Told) (money.Amount, error) {
	currency, err := money.ParseCurrency(told.Currency)
	if err != nil {
		return money.Amount{}, err
	}
	return money.ParseTold(told.Amount, currency)
}

// claimFor finds the order that the transfer pays: same customer, amount and
// currency, made in its time, and no other transfer on its way. Of several the earliest.
func (o *Orchestrator) claimFor(ctx context.Context, t core.Transfer) (*core.Claim, error) {
	if t.ProviderCustomer == "" || t.Outcome != sdk.OutcomeSucceeded && t.Outcome != sdk.OutcomePending {
		return nil, nil
	}
	claims, err := o.Transfers.Claims(ctx, t.Account, t.ProviderCustomer)
	if err != nil {
		return nil, fmt.Errorf("orchestrator: claims: %w", err)
	}
	claims = slices.DeleteFunc(claims, func(c core.Claim) bool {
		return c.Amount != t.Amount || t.CreatedAt.Before(c.From) || t.CreatedAt.After(c.Until)
	})
	slices.SortFunc(claims, func(a, b core.Claim) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Transaction, b.Transaction))
	})
	for _, claim := range claims {
		tx, err := o.Ledger.Transaction(ctx, claim.Transaction)
		if err != nil {
			return nil, fmt.Errorf("orchestrator: %s: %w", claim.Transaction, err)
		}
		if !anotherIs(waitingAt(tx, t.Account), t, sdk.OutcomePending) {
			return &claim, nil
		}
	}
	return nil, nil
}

// anotherIs reports whether the latest that is known of the attempt is another
// transfer, with one of these outcomes.
func anotherIs(a core.Attempt, t core.Transfer, outcomes ...sdk.Outcome) bool {
	return a.Evidence != nil && a.Evidence.ProviderRef != t.ProviderRef && slices.Contains(outcomes, a.Evidence.Outcome)
}

// deliver commits the transfer with what it does to its transaction. An order
// whose transfer has arrived waits for no other.
func (o *Orchestrator) deliver(ctx context.Context, t core.Transfer, item sdk.ListItem) error {
	tx, err := o.Ledger.Transaction(ctx, t.Transaction)
	if err != nil {
		return fmt.Errorf("orchestrator: %s: %w", t.Transaction, err)
	}
	a := waitingAt(tx, t.Account)
	if anotherIs(a, t, sdk.OutcomeSucceeded, sdk.OutcomeReversed) {
		return o.keepAside(ctx, t)
	}
	var with core.Commit
	switch {
	case hasFailed(t.Outcome):
		t.Transaction = "" // It was none. Should it arrive all the same, the order may have another by then.
	case t.Outcome == sdk.OutcomeSucceeded || t.Outcome == sdk.OutcomeReversed:
		if with.ClaimsFreed, err = o.claimsHeld(ctx, tx.ID, a); err != nil {
			return err
		}
	}
	with.Transfers = []core.Transfer{t}
	event := core.Event{
		Type: core.EventMatched, Source: core.SourceTransfer, Attempt: a.Number, Actor: actorProvider,
		Cause: "transfer " + t.ID, Result: sdk.Result{Outcome: t.Outcome, Told: item.Told, ProviderStatus: t.Status},
		Evidence: &sdk.Evidence{Outcome: t.Outcome, ProviderRef: item.ID, Told: item.Told},
	}
	failpoint.At("match: before")
	_, err = o.Handle(ctx, tx.ID, event, with)
	failpoint.At("match: after")
	if errors.Is(err, core.ErrNotAllowed) { // Somebody gave it another one at this moment.
		return o.keepAside(ctx, t)
	}
	return err
}

// keepAside leaves a transfer unmatched whose transaction another one paid.
func (o *Orchestrator) keepAside(ctx context.Context, t core.Transfer) error {
	o.Logger.Warn("transfer of what another one paid", "transaction", t.Transaction, "transfer", t.ID, "outcome", t.Outcome)
	t.Transaction = ""
	return o.apply(ctx, core.Commit{Transfers: []core.Transfer{t}})
}

// waitingAt is the attempt of a transaction that a transfer of the account is for.
func waitingAt(tx core.Transaction, account string) core.Attempt {
	for _, a := range slices.Backward(tx.Attempts) {
		if a.Account == account {
			return a
		}
	}
	return core.Attempt{}
}

func (o *Orchestrator) audit(caller core.Caller, action, transaction, detail string) core.AuditEntry {
	now := o.Now()
	return core.AuditEntry{
		ID: o.NewID(core.PrefixEvent, now), At: now, Actor: caller.Actor, Action: action, Transaction: transaction, Detail: detail,
	}
}

func notAllowed(format string, args ...any) error {
	return &core.Problem{Code: core.ErrNotAllowed.Code, Detail: fmt.Sprintf(format, args...)}
}
