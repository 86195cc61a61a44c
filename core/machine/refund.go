package machine

import (
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// Refund returns the payment as it is once its refund went from before to after
// (before is the zero Transaction for a new one). What refunds of an attempt
// reserve never passes what its provider confirmed; both transactions are
// changed in one commit. It returns ErrNotAllowed where the payment cannot be
// refunded, and ErrInvalidRequest where the amount is too much.
func Refund(payment, before, after core.Transaction) (core.Transaction, error) {
	payment.Attempts = append([]core.Attempt(nil), payment.Attempts...)
	a := attemptByID(payment.Attempts, after.ParentAttempt)
	if a == nil {
		return payment, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: fmt.Sprintf("%s has no attempt %s", payment.ID, after.ParentAttempt)}
	}
	if before.State == core.StateNone {
		if err := refundable(payment, *a); err != nil {
			return payment, err
		}
	}
	nothing := money.Zero(payment.Amount.Currency())
	reserved, err := shift(a.Reserved, reserves(before, nothing), reserves(after, nothing))
	if err != nil {
		return payment, err
	}
	if over, err := reserved.Compare(a.Confirmed); err != nil || over > 0 {
		return payment, &core.Problem{
			Code:   core.ErrInvalidRequest.Code,
			Detail: fmt.Sprintf("refunds of %s would be %s, and its provider confirmed %s", a.ID, reserved, a.Confirmed),
		}
	}
	a.Reserved = reserved
	payment.Refunded, err = shift(payment.Refunded, refunded(before, nothing), refunded(after, nothing))
	return payment, err
}

func attemptByID(attempts []core.Attempt, id string) *core.Attempt {
	for i := range attempts {
		if attempts[i].ID == id {
			return &attempts[i]
		}
	}
	return nil
}

func refundable(payment core.Transaction, a core.Attempt) error {
	paidTwice := payment.State == core.StateReview && payment.Reason != nil && payment.Reason.Code == core.ReasonDuplicateSuccess
	if (payment.State == core.StateSucceeded || paidTwice) && a.State == core.AttemptSucceeded {
		return nil
	}
	return &core.Problem{
		Code:   core.ErrNotAllowed.Code,
		Detail: fmt.Sprintf("%s is %s and its attempt %s; only what succeeded can be refunded", payment.ID, payment.State, a.State),
	}
}

// shift takes away what was and adds what is.
func shift(sum, was, is money.Amount) (money.Amount, error) {
	rest, err := sum.Sub(was)
	if err != nil {
		return sum, err
	}
	return rest.Add(is)
}

// reserves is what a refund keeps from being refunded again. One that ended
// without money gave its part back. In review, because money moved after all, it
// has its part again, unless others have it by now.
func reserves(refund core.Transaction, nothing money.Amount) money.Amount {
	if last, _ := refund.Last(); refund.State == core.StateReview && !refund.EndedAt.IsZero() && !last.Reserved.IsPositive() {
		return nothing
	}
	switch refund.State {
	case core.StateNone, core.StateFailed, core.StateCanceled, core.StateExpired:
		return nothing
	case core.StateCreated, core.StateAwaitingApproval, core.StateProcessing, core.StateRequiresAction,
		core.StateUnknown, core.StateReview, core.StateSucceeded, core.StateReversed:
		return refund.Amount
	default:
		return refund.Amount
	}
}

func refunded(refund core.Transaction, nothing money.Amount) money.Amount {
	if refund.State == core.StateSucceeded {
		return refund.Amount
	}
	return nothing
}
