package main

import (
	"testing"
)

// What provably never left goes on to the next account. The control is a plugin
// that proves nothing: then nobody goes on.
func TestWhatNeverLeftGoesOnToTheNextAccount(t *testing.T) {
	t.Parallel()
	s := openStreet(t, neverLeft(), nil)
	good := s.walk()
	for _, failure := range s.failures {
		t.Error(failure)
	}
	control := openStreet(t, neverLeft(), map[string]any{"lost": "sent"})
	without := control.walk()
	if without != 0 {
		t.Errorf("%d rows pass with a plugin that proves nothing: nobody looks at the proof", without)
	}
	t.Logf("chaos 11: %d of %d calls without a connection went on to the next account, %d charged twice; control without the proof: %d of %d",
		good, len(s.names), s.paidTwice(), without, len(s.names))
}

// Every other signal means what the table of signals says. The control is a plugin
// that takes a lost answer for a request that never left.
func TestEverySignalMeansWhatTheTableSays(t *testing.T) {
	t.Parallel()
	s := openStreet(t, anythingElse(), nil)
	good, twice := s.walk(), s.paidTwice()
	for _, failure := range s.failures {
		t.Error(failure)
	}
	if twice != 0 {
		t.Errorf("%d orders are charged twice", twice)
	}
	control := openStreet(t, lostAnswers(), map[string]any{"lost": "not sent"})
	noticed := len(control.names) - control.walk()
	if noticed == 0 || control.paidTwice() == 0 {
		t.Error("a plugin that takes lost answers for requests never sent is not noticed")
	}
	t.Logf("chaos 13: %d of %d signals mean what they must, %d charged twice; control that takes a lost answer for not sent: %d rows fail, %d charged twice",
		good, len(s.names), twice, noticed, control.paidTwice())
}
