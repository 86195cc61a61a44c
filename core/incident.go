package core

import "time"

// Incident is the last time that a plugin's process ended unasked or did not
// start. It holds no secret of the settings.
type Incident struct {
	At time.Time
	// Generation is the start that went wrong.
	Generation uint64
	// Reason says what the engine saw.
	Reason string
	// Exit is how the process ended, such as "exit status 3"; empty if it is not known.
	Exit string
	// Cause is the line in which a Go process said why it ends, such as "fatal
	// error: runtime: out of memory"; empty if it said nothing.
	Cause string
	// Lines are the last lines that the process wrote on stderr, oldest first.
	Lines []string
}
