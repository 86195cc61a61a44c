package host

import "time"

// Incident is the last time that a plugin's process ended unasked or did not
// start. It holds no secret of the settings.
type Incident struct {
	At time.Time
	// Generation is the start that went wrong.
	Generation uint64
	// Reason says what the host saw.
	Reason string
	// Exit is how the process ended, such as "exit status 3"; empty if it is not known.
	Exit string
	// Cause is the line in which a Go process said why it ends, such as "fatal
	// error: runtime: out of memory"; empty if it said nothing.
	Cause string
	// Lines are the last lines that the process wrote on stderr, oldest first.
	Lines []string
}

// Incident returns what last went wrong with an account's process, and false if
// nothing did.
func (h *Host) Incident(account string) (Incident, bool) {
	p, ok := h.now.Load().serving[account]
	if !ok {
		return Incident{}, false
	}
	last := p.state().incident
	if last == nil {
		return Incident{}, false
	}
	return *last, true
}

// happened keeps and logs what went wrong. It is a warning as long as the
// process is going to be started again.
func (p *process) happened(c *child, number uint64, why error) {
	i := &Incident{
		At: time.Now(), Generation: number, Reason: c.secrets.Hide(why.Error()),
		Exit: c.exit(), Cause: c.lines.ending(), Lines: c.lines.all(),
	}
	p.update(func(s *state) { s.incident = i })
	p.launcher.log.Warn("plugin process is gone", "plugin", p.plugin, "generation", number,
		"reason", i.Reason, "exit", i.Exit, "cause", i.Cause, "last_lines", c.lines.text())
}
