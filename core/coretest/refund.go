package coretest

import (
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// refund is a wish to give a payment back: whole, in part, or more than is left.
type refund struct {
	// number is which one of its payment it is.
	number int
	// at is how long after the answer to the payment.
	at time.Duration
	// tenths of the payment's amount, 0 for all that is left.
	tenths int64
	// attempt is the number of the attempt that took the money, 0 for the first success.
	attempt int
	pauses  []time.Duration
}

// drawRefunds draws what is given back of an order: mostly nothing, at times so
// much in several parts that not all of it can be.
func drawRefunds(draw *fate) []refund {
	var all []refund
	if !draw.oneIn(2) {
		return nil
	}
	together := draw.between(time.Minute, 30*time.Hour)
	for i := range 1 + draw.IntN(4) {
		r := refund{number: i + 1, at: together, tenths: int64(draw.IntN(8)), pauses: drawPauses(draw)}
		if draw.oneIn(2) {
			r.at = draw.between(time.Second, 40*time.Hour)
		}
		if draw.oneIn(4) {
			r.attempt = 1 + draw.IntN(2)
		}
		all = append(all, r)
	}
	return all
}

// give asks for the refund. What was not paid, or not enough, is refused.
func (r refund) give(o *order, payment core.Transaction) {
	time.Sleep(r.at)
	req := core.RefundRequest{
		Caller: o.request.Caller, Payment: payment.ID, Reason: "returned",
		IdempotencyKey: fmt.Sprintf("%s refund %d", o.request.IdempotencyKey, r.number),
	}
	if r.tenths > 0 {
		req.Amount = money.Of(max(payment.Amount.Minor()*r.tenths/10, 1), payment.Amount.Currency())
	}
	if r.attempt > 0 && r.attempt <= len(payment.Attempts) {
		req.Attempt = payment.Attempts[r.attempt-1].ID
	}
	_, err := errand{o.world, req, r.pauses}.run(0)
	refusals := []error{core.ErrNotAllowed, core.ErrInvalidRequest}
	if err == nil || transient(err) || errors.Is(err, refusals[0]) || errors.Is(err, refusals[1]) {
		return
	}
	o.world.report(SameAnswer, req.IdempotencyKey, "refused: "+err.Error())
}
