package main

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/paymux/paymux/sdk/httpx"
)

// waitMax bounds how long we hold back by ourselves.
const waitMax = 60 * time.Second

// patience is how long to wait where EnovePay says that we call too often and
// not for how long: 1, 2, 4 ... 60 s, from the start again once it answers well.
type patience struct{ refusals atomic.Int32 }

func (p *patience) after(a answer) time.Duration {
	if !a.limited() {
		p.refusals.Store(0)
		return a.RetryAfter()
	}
	refusals := p.refusals.Add(1)
	if told := a.RetryAfter(); told > 0 {
		return told
	}
	return httpx.Backoff(int(refusals), time.Second, waitMax)
}

// limited reports whether the answer says that we call too often.
func (a answer) limited() bool {
	return a.code() == codeRateLimit || !a.enveloped() && a.Status == http.StatusTooManyRequests
}
