package machine

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// Next returns the transaction after the event, and what must be done because
// of it. The transaction given is not changed. No effects and no error mean
// that there is nothing to write: the same was asked before.
//
// It returns an IllegalTransitionError for what cannot happen, and a Problem
// (ErrDecisionMade, ErrAlreadyFinal, ErrNotSupported, ErrNotAllowed) where a
// person asked for what is refused. Either way nothing changes.
func Next(tx core.Transaction, e core.Event) (core.Transaction, []core.Effect, error) {
	s := begin(tx, e)
	signals, err := s.classify()
	if err != nil {
		return tx, nil, err
	}
	for _, signal := range signals {
		if err := s.take(signal); err != nil {
			return tx, nil, err
		}
	}
	if len(signals) > 0 {
		s.setTimers()
		s.returnUnusedStart()
	}
	return s.tx, s.effects, nil
}

// step is one event on its way through the machine.
type step struct {
	tx      core.Transaction
	e       core.Event
	effects []core.Effect
	// confirmed is what a paid answer confirmed, and mismatch why it is not believed.
	confirmed money.Amount
	mismatch  *core.Reason
	// unheard says that a decision's call was not answered.
	unheard bool
	// askNow brings the next question forward to this moment.
	askNow bool
	// called says that a decision is sent in this step.
	called bool
	// used says that the event's Start became an attempt.
	used bool
}

func begin(tx core.Transaction, e core.Event) *step {
	tx.Attempts = slices.Clone(tx.Attempts)
	tx.Timers = slices.Clone(tx.Timers)
	return &step{tx: tx, e: e}
}

// take carries out one signal: the action on the attempt, then the move.
func (s *step) take(signal Signal) error {
	from := s.tx.State
	to, ok := Step(from, signal)
	if !ok {
		return s.illegal(signal.String())
	}
	if act := actions[signal]; act != nil {
		act(s)
	}
	s.count()
	s.move(from, to)
	s.record(from, to, signal)
	return nil
}

func (s *step) illegal(what string) error {
	return &core.IllegalTransitionError{Transaction: s.tx.ID, State: s.tx.State, Signal: what}
}

// count adds up what the providers confirmed and still have.
func (s *step) count() {
	received := money.Zero(s.tx.Amount.Currency())
	for _, a := range s.tx.Attempts {
		if a.State != core.AttemptSucceeded && a.State != core.AttemptMismatch {
			continue
		}
		if sum, err := received.Add(a.Confirmed); err == nil {
			received = sum
		}
	}
	s.tx.Received = received
}

// move brings the transaction into its next state, with what every arrival there entails.
func (s *step) move(from, to core.State) {
	s.tx.State = to
	if from == to {
		return
	}
	s.tx.UpdatedAt = s.e.At
	if to.Final() {
		s.end(to)
	}
	if to == core.StateReview {
		s.alert("needs a decision: " + s.reasonCode())
	}
	if name := merchantEvent(s.tx, to); name != "" {
		s.effect(core.Effect{Type: core.EffectEmit, Name: name})
	}
}

// end closes the transaction: what was live is watched from now on.
func (s *step) end(to core.State) {
	if s.tx.EndedAt.IsZero() {
		s.tx.EndedAt = s.e.At
	}
	for i := range s.tx.Attempts {
		a := &s.tx.Attempts[i]
		if !a.State.Live() {
			continue
		}
		s.overtake(a, to)
	}
}

// overtake ends an attempt that is still live while its transaction ends. Once
// another one is paid it is canceled; whether its provider can be asked to is
// not known here, because the event's policy is that of the other's account.
func (s *step) overtake(a *core.Attempt, to core.State) {
	finish(a, core.AttemptAbandoned, s.e.At)
	a.WatchFrom = s.e.At
	if to == core.StateSucceeded {
		s.effect(core.Effect{Type: core.EffectCancel, Attempt: a.Number, Call: core.CallCancel})
	}
}

func (s *step) effect(e core.Effect) { s.effects = append(s.effects, e) }

func (s *step) alert(text string) {
	s.effect(core.Effect{Type: core.EffectAlert, Attempt: s.e.Attempt, Name: text})
}

func (s *step) reasonCode() string {
	if s.tx.Reason == nil {
		return "no reason recorded"
	}
	return string(s.tx.Reason.Code)
}

func (s *step) record(from, to core.State, signal Signal) {
	s.tx.Sequence++
	s.effect(core.Effect{Type: core.EffectRecord, Attempt: s.e.Attempt, Entry: core.HistoryEntry{
		Sequence: s.tx.Sequence, At: s.e.At, Event: eventWord(s.e), EventID: s.e.ID, From: from, To: to,
		Cause: s.cause(signal), Actor: s.e.Actor, Attempt: s.e.Attempt,
	}})
}

// eventWord names the event as the specification does, such as "outcome(query)".
func eventWord(e core.Event) string {
	switch e.Type {
	case core.EventOutcome:
		return string(e.Type) + "(" + string(e.Source) + ")"
	case core.EventDecision:
		return string(e.Type) + "(" + string(e.Decision) + ")"
	case core.EventDecisionResult:
		return string(e.Type) + "(" + e.Verdict.Verdict.String() + ")"
	case core.EventTimer:
		return string(e.Type) + "(" + string(e.Timer) + ")"
	case core.EventResolve:
		return string(e.Type) + "(" + e.Resolve.Verb + ")"
	default:
		return string(e.Type)
	}
}

// cause says in words why: the caller's words, else what the provider said.
func (s *step) cause(signal Signal) string {
	text := s.e.Cause
	if text == "" && (s.e.Type == core.EventOutcome || s.e.Type == core.EventMatched) {
		text = said(s.e)
	}
	if text == "" {
		return signal.String()
	}
	return signal.String() + ": " + text
}

func said(e core.Event) string {
	words := strings.TrimSpace(e.Result.ProviderCode + " " + e.Result.ProviderStatus)
	switch {
	case words != "":
		return e.Result.Outcome.String() + " (provider said " + words + ")"
	case e.Result.Message != "":
		return e.Result.Outcome.String() + " (" + e.Result.Message + ")"
	default:
		return e.Result.Outcome.String()
	}
}

// merchantEvent names what the merchant hears when a transaction arrives in to.
func merchantEvent(tx core.Transaction, to core.State) string {
	switch to {
	case core.StateNone, core.StateCreated, core.StateProcessing:
		return ""
	case core.StateAwaitingApproval, core.StateRequiresAction, core.StateUnknown, core.StateReview,
		core.StateSucceeded, core.StateFailed, core.StateCanceled, core.StateExpired, core.StateReversed:
		return string(tx.Kind) + "." + to.String()
	default:
		return ""
	}
}

// returnUnusedStart tells the caller that the permit it brought was not needed.
func (s *step) returnUnusedStart() {
	if s.e.Start != nil && !s.used {
		s.effect(core.Effect{Type: core.EffectAlone, Attempt: s.e.Attempt})
	}
}
