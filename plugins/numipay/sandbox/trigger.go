package sandbox

import (
	"net/http"
	"time"

	"github.com/paymux/paymux/sdk/money"
)

const (
	// lateDelay is the time between a rejection and the success that follows, and
	// by which status lags behind the webhook.
	lateDelay = 30 * time.Second
	// offBy is by how many minor units a wrong amount is wrong.
	offBy = 100
)

// trigger is the behaviour that an amount chooses. The zero value with the
// verdict successful is a transaction without surprises.
type trigger struct {
	verdict   verdict
	waits     bool          // never ends
	needsPage bool          // ends only after the page is posted
	paidAfter time.Duration // late success after the verdict
	lag       time.Duration // status tells an end so much later

	wrongSignature bool
	pretty         bool // the webhook's body is indented, its signature is not
	reordered      bool // successful twice, then pending
	silent         bool // no webhook
	amountOff      int64
	otherCurrency  bool
	dayBefore      bool // created_at is on the day before

	refusal     int  // the creating call answers this status and creates nothing
	failure     bool // the creating call creates and answers 500
	dropped     bool // the creating call creates and answers nothing
	onlyURL     bool // the creating call's answer holds nothing but url
	early       bool // the webhook comes before the creating call's answer
	dropsAnswer bool // approve and reject act and answer nothing
}

func (t trigger) signature() SignatureKind {
	if t.wrongSignature {
		return SignatureBad
	}
	return SignatureGood
}

// triggerOf is the trigger table, by the decimals of the amount.
func triggerOf(amount money.Amount) trigger {
	t := trigger{verdict: successful()}
	switch amount.Minor() % 100 {
	case 1:
		t.verdict = rejected("Insufficient funds")
	case 2:
		t.verdict = rejected("Do not honor")
	case 3:
		t.verdict = verdict{word: wordExpired}
	case 4:
		t.waits = true
	case 5:
		t.needsPage = true
	case 6:
		t.failure = true
	case 7:
		t.refusal = http.StatusTooManyRequests
	case 8:
		t.wrongSignature = true
	case 9:
		t.reordered = true
	case 10:
		t.pretty = true
	case 11:
		t.dropped = true
	case 12:
		t.amountOff = offBy
	case 13:
		t.verdict, t.paidAfter = rejected("Do not honor"), lateDelay
	case 14:
		t.refusal = http.StatusInternalServerError
	case 15:
		t.onlyURL = true
	case 16:
		t.early = true
	case 17:
		t.verdict = verdict{word: wordStrange}
	case 18:
		t.dropsAnswer = true
	case 19:
		t.otherCurrency = true
	case 20:
		t.lag = lateDelay
	case 21:
		t.silent = true
	case 22:
		t.dayBefore = true
	}
	return t
}
