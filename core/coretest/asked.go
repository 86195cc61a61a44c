package coretest

import (
	"slices"
	"time"
)

// asked names everything that is asked for.
func (w *world) asked() []string {
	var all []string
	for _, o := range w.orders {
		all = append(all, o.request.Description)
	}
	for _, p := range w.payouts {
		all = append(all, p.request.Description)
	}
	for _, d := range w.deposits {
		all = append(all, d.order.request.Description)
	}
	return all
}

// keep leaves out what is not named. Everything was drawn before.
func (w *world) keep(names []string) {
	left := func(name string) bool { return !slices.Contains(names, name) }
	w.orders = slices.DeleteFunc(w.orders, func(o *order) bool { return left(o.request.Description) })
	w.payouts = slices.DeleteFunc(w.payouts, func(p *payout) bool { return left(p.request.Description) })
	w.deposits = slices.DeleteFunc(w.deposits, func(d *deposit) bool { return left(d.order.request.Description) })
}

// faults counts what went wrong at the providers.
func (w *world) faults() int {
	sum := 0
	for _, p := range w.providers {
		sum += p.faults()
	}
	if w.bank != nil {
		sum += w.bank.faults()
	}
	return sum
}

func (p *Provider) faults() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	sum := 0
	for _, plan := range p.plans {
		sum += plan.faults()
	}
	return sum
}

// faults counts what of the plan goes wrong, and is no answer that a provider
// gives on a good day.
func (p Plan) faults() int {
	sum := p.Silent + p.Deaf
	for _, wrong := range []bool{
		slices.Contains([]Answer{AnswerLostRequest, AnswerLostResponse, AnswerNotSent, AnswerGarbage, AnswerPanic}, p.Answer),
		p.Takes > 5*time.Second, p.Arrives > p.Takes, p.Hidden > 0, p.Lag > 0, p.VerdictLost,
	} {
		if wrong {
			sum++
		}
	}
	for i, turn := range p.Then {
		if len(turn.Notify) != 1 || i > 0 { // Unannounced, announced again, or another word.
			sum++
		}
	}
	return sum
}

func (b *Bank) faults() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.troubles
}
