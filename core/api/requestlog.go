package api

import "time"

// LogRequests is the body of POST /v1/providers/{account}/log.
type LogRequests struct {
	For    string `json:"for" doc:"How long, at most 1h; 0s ends it" example:"10m"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why; kept in the audit"`
}

// LogRequestsMax is the longest time for which requests are logged.
const LogRequestsMax = time.Hour

// LogRequests reads the body of a log, and for how long it is. It returns a
// core.ErrInvalidRequest that names every wrong field.
func (b Body) LogRequests() (LogRequests, time.Duration, error) {
	f := fieldsOf(b)
	asked := LogRequests{For: f.word("for"), Reason: f.text("reason", descriptionMax)}
	f.require("for", "is required: a time such as 10m, or 0s to end it")
	length, err := time.ParseDuration(asked.For)
	if asked.For != "" && (err != nil || length < 0 || length > LogRequestsMax) {
		f.refuseWord("for", asked.For, "must be a time from 0s to 1h, such as 10m")
	}
	f.rest()
	return asked, length, f.problem()
}
