package sandbox

import (
	"strconv"
	"time"
)

const (
	// refundDelay is the time between a success and its refund.
	refundDelay = 10 * time.Second
	// lateDelay is the time between a failure and the success that follows, and
	// by which status lags behind a webhook.
	lateDelay = 30 * time.Second
)

// BodyKind is the form of a webhook's body.
type BodyKind string

// The forms of a body.
const (
	BodyJSON BodyKind = "json"
	BodyForm BodyKind = "form"
	// BodyJavaScript is written as the documents' samples: bare names, single quotes.
	BodyJavaScript BodyKind = "javascript"
)

func (k BodyKind) known() bool {
	switch k {
	case BodyJSON, BodyForm, BodyJavaScript:
		return true
	}
	return false
}

// step is a status word that comes after a delay from the creating call.
type step struct {
	delay time.Duration
	word  string
}

// trigger is the behaviour that a phone or account number chooses.
type trigger struct {
	code    int  // the creating call answers it at once
	failure bool // it answers HTTP 500 without an envelope
	creates bool // although it answers a code or HTTP 500
	dropped bool // it creates and answers nothing
	early   bool // the webhook comes before the answer

	steps []step
	lag   time.Duration // status lags behind

	copies       int // webhooks of each step
	progressLast bool
	wordless     bool   // code 100 without transaction_status
	claim        string // what webhooks say instead of the truth
	token        TokenKind
	body         BodyKind
	amountOff    int64 // status and webhooks tell so many whole units more
}

func lastDigits(number string) string { return number[max(len(number)-3, 0):] }

// triggerOf is the trigger table. With a negative completion delay no step comes
// by itself.
func triggerOf(number string, completion time.Duration) trigger {
	t := trigger{creates: true, copies: 1, token: TokenGood, body: BodyJSON, steps: []step{{completion, wordSuccess}}}
	ends, err := strconv.Atoi(lastDigits(number))
	if err != nil {
		ends = 0
	}
	switch {
	case ends >= 101 && ends <= 111, ends == codeShort, ends == 115, ends == 116:
		t.code, t.creates = ends, ends == codeDuplicate || ends == codeUnclear
	case ends >= 120 && ends <= 129:
		t.troubleOfStatus(ends, completion)
	case ends >= 130 && ends <= 137:
		t.troubleOfWebhook(ends, completion)
	case ends == codeFailed:
		t.steps = []step{{completion, wordFailed}}
	case ends == codePending:
		t.steps = nil
	}
	if completion < 0 {
		t.steps = nil
	}
	return t
}

func (t *trigger) troubleOfStatus(ends int, completion time.Duration) {
	switch ends {
	case 120:
		t.steps = append(t.steps, step{completion + refundDelay, wordRefunded})
	case 121:
		t.copies = 0
	case 122:
		t.copies = 3
	case 123:
		t.progressLast = true
	case 124:
		t.token = TokenBad
	case 125:
		t.amountOff = 5
	case 126:
		t.dropped = true
	case 127:
		t.failure = true
	case 128:
		t.steps = []step{{completion, wordFailed}, {completion + lateDelay, wordSuccess}}
	case 129:
		t.failure, t.creates = true, false
	}
}

func (t *trigger) troubleOfWebhook(ends int, completion time.Duration) {
	switch ends {
	case 130:
		t.wordless = true
	case 131:
		t.body = BodyForm
	case 132:
		t.body = BodyJavaScript
	case 133:
		t.early = true
	case 134:
		t.lag = lateDelay
	case 135:
		t.claim = wordFailed
	case 136:
		t.claim, t.steps = wordSuccess, []step{{completion, wordFailed}}
	case 137:
		t.token = TokenNone
	}
}
