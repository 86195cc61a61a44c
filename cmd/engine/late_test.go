package main

import "testing"

// A rule that goes on after a late no is right where every plugin says that its no
// is final, and a fault where one does not.
func TestValidateKnowsWhoseLateNoIsFinal(t *testing.T) {
	final, _ := atBank(t, "first")
	other, _ := atBank(t, "second")
	for name, test := range map[string]struct {
		second account
		want   int
	}{
		"all do":       {other, 0},
		"one does not": {atCinetPay("second", newShop(t).first), 2},
	} {
		s := writeMarket(t, lateRules, final, test.second)
		if code, text := s.command("validate", "-c", s.setup.Config(), "--plugins"); code != test.want {
			t.Errorf("%s: engine validate --plugins exits with %d, want %d:\n%s", name, code, test.want, text)
		}
	}
}
