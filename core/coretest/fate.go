package coretest

import (
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// fates draws what happens to each order at each account. A fate is a function
// of the seed, the order and the account, whenever the call comes.
type fates struct {
	seed uint64
	// lasting says that what was paid stays paid.
	lasting bool
}

// fate is a plan being drawn.
type fate struct {
	*rand.Rand
	plan Plan
}

func (f fates) script(account string) func(Creation) Plan {
	return func(c Creation) Plan {
		words := c.Description
		if c.Kind == sdk.KindRefund {
			words = "refund of " + c.Amount.String() + " for " + words
		}
		drawn := f.draw(account + "/" + words)
		drawn.call()
		if day := f.draw(words); day.oneIn(6) {
			drawn.slowly()
		}
		drawn.future(c)
		drawn.questions()
		if c.Kind == sdk.KindPayout {
			drawn.decisions()
		}
		if end := f.draw("end of " + account + "/" + words); !f.lasting && end.oneIn(6) {
			drawn.reversal(end)
		}
		return drawn.plan
	}
}

// draw returns a fate that is the same for the same words.
func (f fates) draw(words string) *fate {
	sum := fnv.New64a()
	sum.Write([]byte(words))
	return &fate{Rand: rand.New(rand.NewPCG(f.seed, sum.Sum64()))}
}

// oneIn reports true once in n draws.
func (f *fate) oneIn(n int) bool { return f.IntN(n) == 0 }

// between draws a time.
func (f *fate) between(least, most time.Duration) time.Duration {
	return least + time.Duration(f.Int64N(int64(most-least)))
}

// likely are the answers, each as often as it is drawn.
var likely = []Answer{
	AnswerLink, AnswerLink, AnswerLink, AnswerLink, AnswerLink, AnswerLink, AnswerPending, AnswerPending, AnswerPaid,
	AnswerLostRequest, AnswerLostResponse, AnswerLostResponse, AnswerLostResponse, AnswerNotSent,
	AnswerRejected, AnswerRejected, AnswerDeclined, AnswerDeclined, AnswerDeclinedFinal, AnswerGarbage, AnswerPanic,
}

// cascading are reasons for which the next account is tried.
var cascading = []sdk.Reason{
	sdk.ReasonDeclined, sdk.ReasonLimitExceeded, sdk.ReasonProviderUnavailable, sdk.ReasonRateLimited, sdk.ReasonAuthentication,
}

// call draws how the create call goes: mostly at once, at times so slowly that
// nobody waits for the end, or with a request that arrives when it is given up.
func (f *fate) call() {
	f.plan.Answer = likely[f.IntN(len(likely))]
	f.plan.Reason = cascading[f.IntN(len(cascading))]
	if f.oneIn(10) {
		f.plan.Reason = sdk.ReasonInvalidRequest
	}
	f.plan.Takes = f.between(50*time.Millisecond, 2*time.Second)
	switch f.IntN(10) {
	case 0, 1:
		f.plan.Takes = f.between(5*time.Second, 29*time.Second)
	case 2:
		f.plan.Takes = f.between(29*time.Second, 40*time.Second)
	}
	if f.oneIn(5) {
		f.plan.Arrives = f.between(0, f.plan.Takes)
	}
	if f.oneIn(30) {
		f.plan.Arrives = f.between(time.Minute, 10*time.Minute)
	}
}

// slowly makes a call of a bad day: every account takes long to refuse, so that
// the request is answered, or given up, while the next one is still asked.
func (f *fate) slowly() {
	f.plan.Takes, f.plan.Arrives = f.between(10*time.Second, 29*time.Second), 0
	if !f.oneIn(4) {
		f.plan.Answer, f.plan.Reason = AnswerRejected, sdk.ReasonLimitExceeded
	}
}

// future draws what becomes of what was created. An attempt that was declined
// and went on elsewhere is not asked about again: its late success is announced.
func (f *fate) future(c Creation) {
	soon, late := f.between(0, 50*time.Minute), f.between(time.Hour, 40*time.Hour)
	if f.oneIn(6) {
		soon = f.between(0, f.plan.Takes)
	}
	declined := f.plan.Answer == AnswerDeclined || f.plan.Answer == AnswerDeclinedFinal
	switch draw := f.IntN(20); {
	case declined && draw < 5:
		f.then(Turn{After: late, Becomes: Paid, Notify: []time.Duration{f.between(0, time.Minute)}})
	case declined:
	case draw < 10:
		f.then(Turn{After: soon, Becomes: Paid, Notify: f.notices()})
	case draw < 13:
		f.then(Turn{After: soon, Becomes: Declined, Notify: f.notices()})
	case draw < 15: // Declined, then paid; the news may come the other way round.
		f.then(Turn{After: soon, Becomes: Declined, Notify: f.notices()})
		f.then(Turn{After: soon + f.between(time.Minute, 2*time.Hour), Becomes: Paid, Notify: f.notices()})
	case draw < 16:
		f.then(Turn{After: late, Becomes: Paid, Notify: f.notices()})
	case draw < 17:
		f.then(Turn{After: soon, Becomes: Expired, Notify: f.notices()})
	case draw < 18:
		less := money.Of(max(c.Amount.Minor()/2, 1), c.Amount.Currency())
		f.then(Turn{After: soon, Becomes: Paid, Amount: less, Notify: f.notices()})
	}
}

func (f *fate) then(turn Turn) { f.plan.Then = append(f.plan.Then, turn) }

// notices draws when a turn is announced: once, never, three times, or so late
// that a later turn overtakes it.
func (f *fate) notices() []time.Duration {
	switch f.IntN(6) {
	case 0:
		return nil
	case 1:
		return []time.Duration{0, time.Second, 90 * time.Second}
	case 2:
		return []time.Duration{f.between(10*time.Minute, 3*time.Hour)}
	case 3:
		return []time.Duration{0, 0, 0}
	default:
		return []time.Duration{f.between(0, 5*time.Second)}
	}
}

// questions draws how questions go.
func (f *fate) questions() {
	if f.oneIn(3) {
		f.plan.Silent = 1 + f.IntN(4)
	}
	if f.oneIn(5) {
		f.plan.Hidden = f.between(time.Second, 3*time.Minute)
	}
	f.plan.VerdictLost = f.oneIn(4)
	if f.oneIn(5) {
		f.plan.Lag = f.between(time.Second, 20*time.Minute)
	}
}

// decisions draws whether a payout is held, and what becomes of the decision.
func (f *fate) decisions() {
	f.plan.Held = f.oneIn(2)
	if f.oneIn(4) {
		f.plan.Deaf = 1 + f.IntN(2)
	}
	if f.oneIn(4) {
		decided := []Status{Paid, Declined, Expired}[f.IntN(3)]
		f.plan.Portal = []Turn{{After: f.between(time.Minute, 3*time.Hour), Becomes: decided, Notify: f.notices()}}
	}
}

// reversal takes back what was paid, and announces it.
func (f *fate) reversal(end *fate) {
	for _, turn := range f.plan.Then {
		if turn.Becomes == Paid {
			f.then(Turn{After: turn.After + end.between(time.Second, 6*time.Hour), Becomes: Reversed, Notify: []time.Duration{0, end.between(0, time.Hour)}})
			return
		}
	}
}
