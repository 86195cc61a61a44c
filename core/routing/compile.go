package routing

import (
	"fmt"
	"maps"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
)

// Compile checks a file against the configured accounts and makes Rules of it.
// It returns what it found besides the faults of Parse, and no Rules if there is
// an error among either. An account without operations has not said yet what it
// can do, so that only its name is checked. Nil accounts check no account: for
// rules without a configuration.
func Compile(f *File, accounts map[string]core.Standing) (*Rules, []core.Diagnostic) {
	var found []core.Diagnostic
	if accounts != nil {
		found = f.checkAccounts(accounts)
	}
	if core.Failed(f.source.Faults()) || core.Failed(found) {
		return nil, found
	}
	r := &Rules{tests: f.tests, accounts: accounts}
	for _, rule := range f.rules {
		r.matches = append(r.matches, rule.match)
		r.plans = append(r.plans, rule.use.plan(rule.name))
	}
	r.plans = append(r.plans, f.fallback.plan(nameDefault))
	return r, found
}

// checkAccounts reports accounts that are not configured, and those that can
// never do what a rule sends them.
func (f *File) checkAccounts(accounts map[string]core.Standing) []core.Diagnostic {
	check := accountCheck{accounts: accounts, names: slices.Sorted(maps.Keys(accounts))}
	for i := range f.rules {
		check.use(&f.rules[i].use, &f.rules[i].match, f.rules[i].sound)
	}
	check.use(&f.fallback, &match{}, true)
	return check.found
}

type accountCheck struct {
	accounts map[string]core.Standing
	names    []string
	found    []core.Diagnostic
}

func (a *accountCheck) use(u *use, m *match, sound bool) {
	useless := 0
	for _, c := range u.accounts {
		standing, ok := a.accounts[c.account]
		if !ok {
			a.report(c.node, false, yamlfile.Quote(c.account)+" is not a configured account"+yamlfile.Hint(c.account, a.names))
			continue
		}
		if !sound || len(standing.Capabilities.Operations) == 0 {
			continue
		}
		if reason := never(&standing.Capabilities, m); reason != "" {
			useless++
			a.report(c.node, true, fmt.Sprintf("%s can never serve this rule: %s", c.account, reason))
		}
	}
	if useless > 0 && useless == len(u.accounts) {
		a.report(u.node, false, "no account of this rule can ever serve it")
	}
	a.checkLate(u)
	a.checkFees(u, m)
}

// checkFees warns of accounts that cheapest puts last for want of a fee.
func (a *accountCheck) checkFees(u *use, m *match) {
	if u.strategy != "cheapest" {
		return
	}
	for _, c := range u.accounts {
		standing, ok := a.accounts[c.account]
		if ok && len(standing.Fees) == 0 {
			a.report(c.node, true, c.account+" has no fees in the configuration, so that it comes last")
		}
		for _, s := range m.currencies {
			if _, known := standing.Fee(s.currency); len(standing.Fees) > 0 && !known {
				a.report(c.node, true, c.account+" has no fee for "+s.currency.String()+", so that it comes last there")
			}
		}
	}
}

func (a *accountCheck) report(node yamlfile.Node, warning bool, message string) {
	a.found = append(a.found, node.Diagnostic(warning, message))
}

// never returns why an account can serve nothing that a rule matches, "" if it
// may serve something. It ignores the step: some amount always fits.
func never(c *sdk.Capabilities, m *match) string {
	missed, nearest := clauseNone, -1
	for i := range c.Corridors {
		clause := apart(c, &c.Corridors[i], m)
		if clause == clauseNone {
			return ""
		}
		if clause > missed {
			missed, nearest = clause, i
		}
	}
	if nearest < 0 || missed == clauseKind {
		return "it serves no " + either(kinds.words(m.kinds))
	}
	return "it serves only " + only(&c.Corridors[nearest], missed)
}
