package api

import (
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Incident is the last time that an account's process ended unasked or did not start.
type Incident struct {
	At         time.Time `json:"at"`
	Generation uint64    `json:"generation" doc:"The start that went wrong"`
	Reason     string    `json:"reason"`
	Exit       string    `json:"exit" doc:"How the process ended, empty where that is not known" example:"exit status 3"`
	Cause      string    `json:"cause" doc:"Why it ended by its own words, empty where it said nothing"`
	Lines      []string  `json:"lines" nullable:"false" doc:"The last lines that it wrote on stderr, oldest first, without secrets and long numbers"`
}

// WithIncident returns p with what last went wrong.
func (p Provider) WithIncident(i core.Incident) Provider {
	shown := Incident{
		At: i.At.UTC(), Generation: i.Generation, Reason: readable(i.Reason), Exit: i.Exit, Cause: readable(i.Cause),
		Lines: make([]string, 0, len(i.Lines)),
	}
	for _, line := range i.Lines {
		shown.Lines = append(shown.Lines, readable(line))
	}
	p.Incident = &shown
	return p
}

// readable returns a process's words without what an operator need not see either:
// nobody knows what a plugin writes when it falls.
func readable(words string) string { return sdk.ReadableText(core.WithoutCards(words)) }
