package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
)

func TestStatesAreTheirWords(t *testing.T) {
	want := []string{
		"created", "awaiting_approval", "processing", "requires_action", "unknown", "review",
		"succeeded", "failed", "canceled", "expired", "reversed",
	}
	var got []string
	for _, s := range core.States() {
		got = append(got, s.String())
		if parsed, err := core.ParseState(s.String()); err != nil || parsed != s {
			t.Errorf("ParseState(%q) = %v, %v", s, parsed, err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoStateIsRefused(t *testing.T) {
	for _, word := range []string{"", "none", "Created", "pending", "State(99)"} {
		if s, err := core.ParseState(word); err == nil || s != core.StateNone {
			t.Errorf("ParseState(%q) = %v, %v, want none and an error", word, s, err)
		}
	}
	if got := core.State(99).String(); got != "State(99)" {
		t.Errorf("a state of a later version is called %q", got)
	}
	if core.State(99).Final() {
		t.Error("a state of a later version is final")
	}
}

func TestWhatStatesMean(t *testing.T) {
	type meaning struct{ Final, HoldsReference bool }
	want := map[string]meaning{
		"none":              {false, false},
		"created":           {false, true},
		"awaiting_approval": {false, true},
		"processing":        {false, true},
		"requires_action":   {false, true},
		"unknown":           {false, true},
		"review":            {false, true},
		"succeeded":         {true, true},
		"failed":            {true, false},
		"canceled":          {true, false},
		"expired":           {true, false},
		"reversed":          {true, true},
	}
	got := map[string]meaning{}
	for _, s := range append(core.States(), core.StateNone) {
		got[s.String()] = meaning{s.Final(), s.HoldsReference()}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("meanings (-want +got):\n%s", diff)
	}
}

func TestAttemptStatesAreTheirWordsAndFourAreLive(t *testing.T) {
	want := map[string]bool{
		"sent": true, "requires_action": true, "pending": true, "unknown": true,
		"succeeded": false, "not_sent": false, "rejected": false, "declined": false, "canceled": false,
		"expired": false, "reversed": false, "mismatch": false, "abandoned": false,
	}
	got := map[string]bool{}
	for s := core.AttemptSent; s <= core.AttemptAbandoned; s++ {
		got[s.String()] = s.Live()
		if parsed, err := core.ParseAttemptState(s.String()); err != nil || parsed != s {
			t.Errorf("ParseAttemptState(%q) = %v, %v", s, parsed, err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("live (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoAttemptStateIsRefused(t *testing.T) {
	for _, word := range []string{"", "Sent", "processing", "AttemptState(99)"} {
		if s, err := core.ParseAttemptState(word); err == nil {
			t.Errorf("ParseAttemptState(%q) = %v, want an error", word, s)
		}
	}
	if later := core.AttemptState(99); later.String() != "AttemptState(99)" || later.Live() {
		t.Errorf("an attempt state of a later version is %s, live %v", later, later.Live())
	}
}
