package coretest

import (
	"context"
	"errors"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
)

// triesMax is how often a merchant sends a request until it gives up.
const triesMax = 15

// errand is a request that a merchant sends until it is answered, always with
// the same key.
type errand struct {
	world *world
	// request is what is sent: a core.PaymentRequest, PayoutRequest or RefundRequest.
	request any
	// pauses are how long the merchant waits before it sends the request again.
	pauses []time.Duration
}

func drawPauses(draw *fate) []time.Duration {
	pauses := make([]time.Duration, 0, triesMax)
	for range triesMax {
		pauses = append(pauses, draw.between(time.Second, 40*time.Second))
	}
	return pauses
}

// run sends the request until it is accepted or refused. The error is the
// refusal, or what the merchant heard last when it gave up. Patience is how long
// it waits for an answer; zero means to the end.
func (e errand) run(patience time.Duration) (core.Transaction, error) {
	var err error
	for _, pause := range e.pauses {
		var answer core.Answer
		if answer, err = e.once(patience); err == nil || !transient(err) {
			return answer.Transaction, err
		}
		time.Sleep(pause)
	}
	return core.Transaction{}, err
}

// transient reports whether a request may be sent again after this error.
func transient(err error) bool {
	var problem *core.Problem
	return errors.Is(err, core.ErrIdempotencyInFlight) || errors.Is(err, core.ErrProviderUnavailable) || !errors.As(err, &problem)
}

// once sends the request. A merchant without patience hangs up and learns nothing.
func (e errand) once(patience time.Duration) (core.Answer, error) {
	if patience == 0 {
		patience = rest
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var answer core.Answer
	err := e.world.with(func(running *engine.Engine) (err error) {
		answer, err = e.send(ctx, running)
		return err
	})
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil {
		e.world.told(e.request, answer)
	}
	return answer, err
}

func (e errand) send(ctx context.Context, running *engine.Engine) (core.Answer, error) {
	switch req := e.request.(type) {
	case core.PaymentRequest:
		return running.Pay(ctx, req)
	case core.PayoutRequest:
		return running.Payout(ctx, req)
	case core.RefundRequest:
		return running.Refund(ctx, req)
	default:
		return core.Answer{}, errors.New("coretest: not a request")
	}
}
