package sandbox

import (
	"net/http"
	"time"
)

// lateDelay is the time between a refusal and the success that follows
// on the same page, and between a transfer's NOS and its end.
const lateDelay = 30 * time.Second

// trigger is the behaviour that an amount chooses. The zero value with the
// verdict accepted is a payment without surprises.
type trigger struct {
	verdict       verdict
	waits         bool          // never completes
	acceptedAfter time.Duration // late success after the refusal

	copies      int       // notifications of each decision
	token       TokenKind // of the notifications
	waitingLast bool      // a waiting notification after the final one
	noCustom    bool      // cpm_custom is absent
	ahead       time.Duration

	failedChecks  int   // check answers 500 so often
	amountOff     int64 // check tells so much more
	otherCurrency bool  // check tells another currency

	refusal int  // init answers this status and creates nothing
	dropped bool // init creates and answers nothing
}

// triggerOf is the trigger table of payments, by amount modulo 1000.
func triggerOf(amount int64) trigger {
	t := trigger{verdict: accepted(), copies: 1, token: TokenGood}
	switch amount % 1000 {
	case 105:
		t.verdict = refused("600")
	case 115:
		t.verdict = refused("602")
	case 125:
		t.verdict = refused("604")
	case 135:
		t.verdict = refused(codeCanceled)
	case 145:
		t.waits = true
	case 155:
		t.verdict, t.acceptedAfter = refused(codeCanceled), lateDelay
	case 165:
		t.copies = 3
	case 175:
		t.waitingLast = true
	case 185:
		t.token = TokenBad
	case 195:
		t.token = TokenNone
	case 205:
		t.verdict = verdict{statusValidated, codePaid, true}
	case 215:
		t.verdict = refused(codePaid)
	case 225:
		t.amountOff = -5
	case 235:
		t.otherCurrency = true
	case 245:
		t.copies = 0
	case 255:
		t.failedChecks = 3
	case 265:
		t.dropped = true
	case 275:
		t.refusal = http.StatusTooManyRequests
	case 285:
		t.refusal = http.StatusInternalServerError
	case 295:
		t.ahead = 2 * time.Hour
	case 305:
		t.noCustom = true
	}
	return t
}

// stage is a treatment_status that comes after a delay from the send call.
type stage struct {
	delay  time.Duration
	status string
}

// transferTrigger is the behaviour that a receiver's phone chooses.
type transferTrigger struct {
	first string // treatment_status of the send answer
	then  []stage

	unconfirmed bool  // sending_status stays PENDING
	unordered   bool  // three notifications, the end first
	amountOff   int64 // check/money tells so much more

	refusal  int    // send answers this status and creates nothing
	callCode string // send refuses the whole call with this code
	itemCode string // send refuses the item with this code
	expels   bool   // send answers 706 the first time
	dropped  bool   // send creates and answers nothing
}

// transferTriggerOf is the trigger table of transfers, by the last three digits of the phone. With
// a negative completion delay no stage comes by itself.
func transferTriggerOf(phone string, completion time.Duration) transferTrigger {
	t := transferTrigger{first: statusNew, then: []stage{{completion / 2, statusReceived}, {completion, statusPaidOut}}}
	switch lastDigits(phone) {
	case "101":
		t.first = statusRejected
	case "102":
		t.then = nil
	case "103":
		t.first, t.then = statusSent, []stage{{lateDelay, statusPaidOut}}
	case "104":
		t.first, t.then = statusSent, []stage{{lateDelay, statusRejected}}
	case "105":
		t.dropped = true
	case "106":
		t.refusal = http.StatusTooManyRequests
	case "107":
		t.refusal = http.StatusInternalServerError
	case "108":
		t.callCode = "602"
	case "109":
		t.itemCode = "721"
	case "110":
		t.unordered = true
	case "111":
		t.amountOff = -5
	case "112":
		t.unconfirmed, t.then = true, nil
	case "113":
		t.expels = true
	}
	if completion < 0 {
		t.then = nil
	}
	return t
}
