package httpx

import (
	"net/http"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
)

// retryAfterMax bounds what a provider may ask us to wait.
const retryAfterMax = time.Hour

// Response is an answer, read whole. Its status may be any.
type Response struct {
	Status int
	Header http.Header
	// Body is at most AnswerMax bytes.
	Body []byte
	// Exchanges are the tries that were made, the answered one last.
	Exchanges []sdk.Exchange
}

// OK reports whether the status is 2xx.
func (r Response) OK() bool { return r.Status >= 200 && r.Status <= 299 }

// RetryAfter returns how long the provider asks us to wait, at most an hour, and
// zero where it does not say. A date counts from the answer's own Date, so that
// no clock of ours matters.
func (r Response) RetryAfter() time.Duration {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, retryAfterMax)
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), retryAfterMax)
}
