package host

import (
	"time"

	"github.com/paymux/paymux/core"
)

// Incident returns what last went wrong with an account's process, and false if
// nothing did.
func (h *Host) Incident(account string) (core.Incident, bool) {
	p, ok := h.now.Load().serving[account]
	if !ok {
		return core.Incident{}, false
	}
	last := p.state().incident
	if last == nil {
		return core.Incident{}, false
	}
	return *last, true
}

// happened keeps and logs what went wrong. It is a warning as long as the
// process is going to be started again.
func (p *process) happened(c *child, number uint64, why error) {
	i := &core.Incident{
		At: time.Now(), Generation: number, Reason: c.hide(why.Error()),
		Exit: c.exit(), Cause: c.lines.ending(), Lines: c.lines.all(),
	}
	p.update(func(s *state) { s.incident = i })
	p.launcher.log.Warn("plugin process is gone", "plugin", p.plugin, "generation", number,
		"reason", i.Reason, "exit", i.Exit, "cause", i.Cause, "last_lines", c.lines.text())
}
