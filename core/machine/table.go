package machine

import "github.com/paymux/paymux/core"

// cell says what a signal does in a state: it moves the transaction, or leaves
// it where it is and records the fact. The zero cell means that it cannot happen.
type cell uint8

// One letter a state, so that the table can be read as a picture.
const (
	x cell = iota // illegal
	o             // stays
	C             // created
	A             // awaiting_approval
	P             // processing
	R             // requires_action
	U             // unknown
	V             // review
	S             // succeeded
	F             // failed
	N             // canceled
	E             // expired
	B             // reversed
)

// table is the whole state machine. Columns are the states in the order of
// package core, the first one being "does not exist yet".
var table = [signalCount][]cell{
	//                      -  C  A  P  R  U  V  S  F  N  E  B
	SignalCreate:          {C, x, x, x, x, x, x, x, x, x, x, x},
	SignalHold:            {A, x, x, x, x, x, x, x, x, x, x, x},
	SignalManual:          {S, x, x, x, x, x, x, x, x, x, x, x},
	SignalStart:           {x, P, x, x, x, x, x, x, x, x, x, x},
	SignalAction:          {x, x, o, R, o, R, o, x, x, x, x, x},
	SignalPending:         {x, x, o, o, o, P, o, x, x, x, x, x},
	SignalHeld:            {x, x, o, A, A, A, o, x, x, x, x, x},
	SignalPaid:            {x, x, S, S, S, S, S, x, x, x, x, x},
	SignalPaidLate:        {x, x, S, S, S, S, S, x, S, S, S, x},
	SignalPaidAgain:       {x, x, x, x, x, x, V, V, x, x, x, V},
	SignalDiffers:         {x, x, V, V, V, V, o, V, V, V, V, V},
	SignalAside:           {x, x, x, x, x, x, o, x, x, x, x, x},
	SignalNext:            {x, x, x, o, x, P, x, x, x, x, x, x},
	SignalNo:              {x, x, F, F, F, F, F, x, x, x, x, x},
	SignalCanceled:        {x, x, N, N, N, N, N, x, x, x, x, x},
	SignalExpired:         {x, x, E, E, E, E, E, x, x, x, x, x},
	SignalTakenBack:       {x, x, x, x, x, x, o, B, x, x, x, x},
	SignalOneTakenBack:    {x, x, x, x, x, x, o, o, x, x, x, x},
	SignalUnanswered:      {x, x, x, U, x, x, o, x, x, x, x, x},
	SignalSilent:          {x, x, o, o, o, o, o, o, o, o, o, o},
	SignalExhausted:       {x, x, x, V, V, V, x, x, x, x, x, x},
	SignalLateAnswer:      {x, x, o, o, o, o, o, o, o, o, o, o},
	SignalNoted:           {x, o, o, o, o, o, o, o, o, o, o, o},
	SignalClose:           {x, N, N, x, N, N, x, x, x, x, x, x},
	SignalAskCancel:       {x, x, o, o, o, o, x, x, x, x, x, x},
	SignalRelease:         {x, x, C, x, x, x, x, x, x, x, x, x},
	SignalDecide:          {x, x, P, o, P, P, x, x, x, x, x, x},
	SignalAccepted:        {x, x, o, o, o, o, o, x, x, x, x, x},
	SignalTurnedDown:      {x, x, x, A, x, x, o, x, x, x, x, x},
	SignalNotCanceled:     {x, x, o, o, o, o, o, x, x, x, x, x},
	SignalUnheard:         {x, x, o, o, o, o, o, x, x, x, x, x},
	SignalGivenUp:         {x, x, x, V, x, x, x, x, x, x, x, x},
	SignalApprovalOver:    {x, x, N, x, x, x, x, x, x, x, x, x},
	SignalSettleSucceeded: {x, x, x, x, x, S, S, x, x, x, x, x},
	SignalSettleFailed:    {x, x, x, x, x, F, F, x, x, x, x, x},
	SignalRetry:           {x, x, x, x, x, P, P, x, x, x, x, x},
	SignalRestored:        {x, V, V, V, V, V, o, x, x, x, x, x},
}

// states gives the state of each letter.
var states = [...]core.State{
	C: core.StateCreated, A: core.StateAwaitingApproval, P: core.StateProcessing,
	R: core.StateRequiresAction, U: core.StateUnknown, V: core.StateReview, S: core.StateSucceeded,
	F: core.StateFailed, N: core.StateCanceled, E: core.StateExpired, B: core.StateReversed,
}

// Step returns the state that signal leads to from state, and whether it can
// happen there at all. A signal that is recorded and ignored leads to the state itself.
func Step(from core.State, signal Signal) (core.State, bool) {
	if signal >= signalCount || int(from) >= len(table[signal]) {
		return from, false
	}
	switch to := table[signal][from]; to {
	case x:
		return from, false
	case o:
		return from, true
	default:
		return states[to], true
	}
}
