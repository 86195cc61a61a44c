package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// accountTrigger is how the look-up of a phone goes. The zero value finds a user.
type accountTrigger struct {
	nobody  bool // 200 with userId null
	dropped bool
	status  int
	// retryAfter is in seconds.
	retryAfter int
	// listToo answers the next list reads in the same way, so often.
	listToo int
}

// accountTriggerOf is the trigger table of phones, by their last four digits.
func accountTriggerOf(phone string) accountTrigger {
	switch phone[max(len(phone)-4, 0):] {
	case "0000":
		return accountTrigger{status: http.StatusNotFound}
	case "0001":
		return accountTrigger{nobody: true}
	case "0002":
		return accountTrigger{dropped: true}
	case "0401":
		return accountTrigger{status: http.StatusUnauthorized}
	case "0429":
		return accountTrigger{status: http.StatusTooManyRequests, retryAfter: retryAfterSeconds, listToo: troubledReads}
	case "0500":
		return accountTrigger{status: http.StatusInternalServerError, listToo: troubledReads}
	}
	return accountTrigger{}
}

const (
	retryAfterSeconds = 2
	troubledReads     = 2
)

// The words of a transfer's status.
const (
	statusCompleted = "completed"
	statusPending   = "pending"
	statusFailed    = "failed"
	statusReversed  = "reversed"
	statusUnknown   = "under_review"
)

// stage is a status from a time after the creation on.
type stage struct {
	after  time.Duration
	status string
}

// transferTrigger is how a transfer goes and how it is listed.
type transferTrigger struct {
	stages    []stage
	unmarked  bool // status is missing in the list
	twice     bool // listed again on the next page
	reordered bool // the list is oldest first
	amountOff bool
	otherCurr bool
	ahead     time.Duration // createdAt is so much in the future
	late      bool          // listed only after the window is over
}

const (
	completedAfter = 30 * time.Second
	reversedAfter  = 10 * time.Second
	clockAhead     = 2 * time.Minute
)

// transferTriggerOf is the trigger table of transfers, by the decimals of the
// amount.
func transferTriggerOf(amount string) transferTrigger {
	t := transferTrigger{stages: []stage{{0, statusCompleted}}}
	_, decimals, _ := strings.Cut(amount, ".")
	switch decimals {
	case "01":
		t.stages = []stage{{0, statusFailed}}
	case "02":
		t.stages = []stage{{0, statusPending}}
	case "03":
		t.stages = []stage{{0, statusPending}, {completedAfter, statusCompleted}}
	case "04":
		t.stages = []stage{{0, statusCompleted}, {reversedAfter, statusReversed}}
	case "05":
		t.twice = true
	case "06":
		t.reordered = true
	case "07":
		t.amountOff = true
	case "08":
		t.otherCurr = true
	case "09":
		t.unmarked = true
	case "10":
		t.stages = []stage{{0, statusUnknown}}
	case "11":
		t.ahead = clockAhead
	case "12":
		t.late = true
	}
	return t
}
