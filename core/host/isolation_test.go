package host_test

import (
	"testing"

	"github.com/paymux/paymux/core/host"
)

// isolated gives an account a process of its own, or one that it shares.
func isolated(o host.Options, account string, is bool) host.Options {
	o = changed(o)
	one := o.Accounts[account]
	one.Isolated = is
	o.Accounts[account] = one
	return o
}

// An account moves into a process of its own and back while payments are made. There
// is no moment at which neither process serves it.
func TestAMoveBetweenProcessesIsNotNoticed(t *testing.T) {
	o, ledger := booked(t, options(t))
	h := mustStart(t, o)
	moving, staying := drive(h, t, "a", "a"), drive(h, t, "b", "b")
	moves, answered := rounds(60, 400), 0
	for i := range moves {
		h.mustReload(t, isolated(o, "a", i%2 == 0))
	}
	moving.end()
	staying.end()
	for _, one := range []*traffic{moving, staying} {
		found := one.audit(t, ledger)
		if found.unknown+found.notSent+found.lost+found.twice > 0 || found.answered == 0 {
			t.Errorf("%s: of the payments %d were answered, %d are unknown, %d not sent, %d lost or twice; want all answered",
				one.prefix, found.answered, found.unknown, found.notSent, found.lost+found.twice)
		}
		answered += found.answered
	}
	t.Logf("chaos 18: %d moves of an account between processes under load: %d payments, all answered", moves, answered)
}
