package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/paymux/paymux/core/api"
)

// The operations of a history. Told is what an answer says beside what it did: it
// is a read, at some moment while its request was under way.
const (
	opCreate  = "create"
	opTold    = "told"
	opGet     = "get"
	opFind    = "find"
	opPay     = "pay"
	opCancel  = "cancel"
	opResolve = "resolve as failed"
	opRefund  = "refund"
)

// refundsMost refunds of refundAmount each are asked for, of which orderAmount has
// room for fewer.
const (
	orderAmount, refundAmount = 5000, 2000
	refundsMost               = 3
)

// errand is what a client asked for.
type errand struct {
	op string
	// refund says which one is meant.
	refund int
}

// reply is what it was answered. All fields are empty where the answer was lost.
type reply struct {
	// lost says that the connection broke: it happened before that, or never.
	lost bool
	// refused is the code of a problem.
	refused string
	// id is of what was created, and text all that was answered.
	id, text string
	// seen is the payment as it was shown, nil where it was not there or not shown.
	seen *sight
}

// sight is a payment as somebody saw it.
type sight struct {
	id, state          string
	updated            int64 // In milliseconds.
	received, refunded int
	// history has a line for each transition; wholly says that it was shown.
	history string
	wholly  bool
}

// truth is the sequential model: what is certain of one payment after a number of
// operations. The engine and the bank move it on by themselves, so that it says
// from where on, and what must have been asked for before.
type truth struct {
	id, answer string // Empty before it is created, unheard where nobody was told.
	state      string
	updated    int64
	history    string
	// ended says that it has left the states that are left by themselves.
	ended bool
	// paid, canceled and settled say that somebody did so, or asked for it.
	paid, canceled, settled bool
	// given is what was given back at least.
	given    int
	refunds  [refundsMost]string
	refunded [refundsMost]bool
}

// unheard stands for the id of what was created while the answer was lost.
const unheard = "?"

// model is of one payment under its idempotency key.
var model = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{truth{}} },
	Step: func(state, input, output any) []any {
		before, asked, answer := state.(truth), input.(errand), output.(reply)
		if answer.lost {
			return before.perhaps(asked)
		}
		if after, ok := before.after(asked, answer); ok {
			return []any{after}
		}
		return nil
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v -> %v", input, output) },
	DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
}).ToModel()

// perhaps are the truths after an operation whose answer was lost.
func (b truth) perhaps(asked errand) []any {
	never := []any{b}
	after, ok := b, false
	switch asked.op {
	case opCreate:
		after.id, ok = unheard, b.id == ""
	case opCancel:
		after.canceled, ok = true, b.id != ""
	case opResolve:
		after.settled, after.ended, ok = true, true, b.id != "" && !b.ended
	case opRefund:
		after, ok = b.gives(asked.refund, unheard)
	}
	if !ok {
		return never
	}
	return append(never, after)
}

// after is the truth after an operation that was answered, and whether it could be
// answered so.
func (b truth) after(asked errand, answer reply) (truth, bool) {
	switch {
	case asked.op == opCreate:
		return b.creates(answer)
	case asked.op == opFind && answer.seen == nil && answer.refused == "":
		return b, b.id == ""
	case asked.op == opPay:
		b.paid = true
		return b, true
	case b.id == "":
		return b, answer.refused == "not_found"
	case answer.refused != "":
		return b.refuses(asked, answer.refused)
	case asked.op == opRefund:
		return b.gives(asked.refund, answer.id)
	case asked.op == opTold && answer.seen == nil:
		b.refunded[asked.refund] = true
		return b, true
	case asked.op == opCancel:
		b.canceled = true
		return b, true
	case asked.op == opResolve:
		was := b.ended
		b.settled, b.ended = true, true
		return b, !was // Whoever settles it second is refused.
	default:
		return b.sees(*answer.seen)
	}
}

// creates answers under the idempotency key: the first time, and always the same after.
func (b truth) creates(answer reply) (truth, bool) {
	switch answer.refused {
	case "":
	case "idempotency_in_flight":
		return b, b.id != ""
	case "provider_unavailable":
		return b, b.id == ""
	default:
		return b, false
	}
	ok := (b.id == "" || b.id == unheard || b.id == answer.id) && (b.answer == "" || b.answer == answer.text)
	b.id, b.answer = answer.id, answer.text
	return b, ok
}

// gives takes a refund on: one more, or the same again.
func (b truth) gives(n int, id string) (truth, bool) {
	known := b.refunds[n]
	if known != "" {
		same := known == id || known == unheard || id == unheard
		if known == unheard {
			b.refunds[n] = id
		}
		return b, same
	}
	b.refunds[n] = id
	b.state, b.ended = "succeeded", true
	return b, b.paid && b.reserved() <= orderAmount
}

func (b truth) reserved() int {
	sum := 0
	for _, id := range b.refunds {
		if id != "" {
			sum += refundAmount
		}
	}
	return sum
}

// refuses says whether something may be refused with the code.
func (b truth) refuses(asked errand, code string) (truth, bool) {
	switch code {
	case "not_found":
		return b, false
	case "provider_unavailable":
		return b, true
	case "idempotency_in_flight":
		return b, b.refunds[asked.refund] != ""
	case "already_final":
		b.ended = true
		return b, b.paid || b.canceled || b.settled
	case "not_supported":
		return b, asked.op == opCancel
	case "not_allowed":
		return b, asked.op == opResolve || b.state != "succeeded"
	case "invalid_request":
		return b, b.reserved()+refundAmount > orderAmount
	default:
		return b, false
	}
}

// sees is the truth once the payment was seen so, and whether it can be seen so.
func (b truth) sees(s sight) (truth, bool) {
	sum := 0
	for _, known := range b.refunded {
		if known {
			sum += refundAmount
		}
	}
	ok := (b.id == unheard || b.id == s.id) && s.updated >= b.updated && b.reaches(s) && s.sound() &&
		s.refunded >= max(b.given, sum) && s.refunded <= b.reserved()
	if s.wholly {
		ok = ok && strings.HasPrefix(s.history, b.history)
		b.history = s.history
	}
	b.id, b.state, b.updated, b.given, b.ended = s.id, s.state, s.updated, s.refunded, s.ended()
	return b, ok
}

// reaches reports whether the payment may have come to where it is seen: nothing
// ends by itself, no success is lost, and what ended is only left for a success.
func (b truth) reaches(s sight) bool {
	did := map[string]bool{"succeeded": b.paid, "canceled": b.canceled, "failed": b.settled}
	made, ends := did[s.state]
	switch {
	case ends && !made, b.ended && !ends, b.state == "succeeded" && s.state != "succeeded":
		return false
	case strings.Contains(s.history, "decision(cancel)") && !b.canceled, strings.Contains(s.history, "resolve(") && !b.settled:
		return false
	case b.state == "canceled" || b.state == "failed":
		return s.state == b.state || s.state == "succeeded"
	default:
		return true
	}
}

func (s sight) ended() bool {
	return s.state == "succeeded" || s.state == "canceled" || s.state == "failed"
}

// sound reports whether what was seen is of one moment.
func (s sight) sound() bool {
	if s.wholly && !strings.HasSuffix(s.history, ">"+s.state+"\n") {
		return false
	}
	return s.received == map[bool]int{true: orderAmount}[s.state == "succeeded"]
}

// sightOf is what was shown, with its history where that was asked for.
func sightOf(tx api.Transaction) *sight {
	received, _ := strconv.Atoi(tx.AmountReceived)
	refunded, _ := strconv.Atoi(tx.RefundedAmount) // What is no number is no sight that fits.
	var history strings.Builder
	for _, h := range tx.History {
		fmt.Fprintf(&history, "%d %s %s>%s\n", h.Sequence, h.Event, h.From, h.To)
	}
	return &sight{
		id: tx.ID, state: tx.State, updated: tx.UpdatedAt.UnixMilli(), received: received, refunded: refunded,
		history: history.String(), wholly: tx.History != nil,
	}
}

func (w errand) String() string {
	if w.op == opRefund {
		return w.op + " " + strconv.Itoa(w.refund)
	}
	return w.op
}

func (r reply) String() string {
	switch {
	case r.lost:
		return "lost"
	case r.refused != "":
		return r.refused
	case r.seen != nil:
		return fmt.Sprintf("%s %s at %s, received %d, refunded %d, after %d transitions", r.seen.id, r.seen.state,
			time.UnixMilli(r.seen.updated).UTC().Format("05.000"), r.seen.received, r.seen.refunded, strings.Count(r.seen.history, "\n"))
	case r.id != "":
		return r.id
	default:
		return "done"
	}
}
