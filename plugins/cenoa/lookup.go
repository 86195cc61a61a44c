package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
)

const (
	// triesMax bounds a look-up that is limited again and again.
	triesMax = 20
	// triesUnheard is how often a look-up is made that is answered by nothing useful.
	triesUnheard = 2
)

// found is a Cenoa account.
type found struct {
	userID, email string
	// at is the time of the answer on Cenoa's clock.
	at time.Time
}

// finding is how a look-up ended: with an account, with nobody, or in trouble.
type finding struct {
	account   *found
	nobody    bool
	trouble   trouble
	status    int // HTTP, zero where no answer came.
	message   string
	alert     string
	wait      time.Duration
	exchanges []sdk.Exchange
}

// find looks the phone up. While Cenoa limits calls or answers nothing useful it
// asks again, all within the timeout: a look-up creates nothing.
func (p *provider) find(ctx context.Context, phone string) finding {
	ctx, cancel := context.WithTimeout(ctx, p.settings.timeout)
	defer cancel()
	until := p.clock.now().Add(p.settings.timeout)
	at := p.settings.url(opAccount, map[string]string{valuePhone: phone})
	var before []sdk.Exchange
	for tries := 1; ; tries++ {
		a, err := p.ask(ctx, at, until)
		f := p.findingOf(a, err, phone)
		f.exchanges = slices.Concat(before, f.exchanges)
		if !f.again(tries) {
			return f
		}
		before = f.exchanges
	}
}

func (f finding) again(tries int) bool {
	if f.status == http.StatusTooManyRequests {
		return tries < triesMax
	}
	return f.trouble.again && tries < triesUnheard
}

func (p *provider) findingOf(a answer, err error, phone string) finding {
	if err != nil {
		return unheard(err, phone)
	}
	f := p.judged(a)
	f.status, f.wait = a.Status, a.wait
	f.alert = join(a.alert, f.trouble.alert)
	f.exchanges = withoutPhone(phone, a.Exchanges)
	return f
}

// unheard is a look-up without an answer. A lost connection is not tried again:
// httpx has done so.
func unheard(err error, phone string) finding {
	fault := &sdk.Error{Message: err.Error()}
	errors.As(err, &fault)
	return finding{
		trouble: trouble{kind: fault.Kind, again: fault.Kind == sdk.KindUnknown},
		message: hidePhone(phone, fault.Message), wait: fault.RetryAfter,
		exchanges: withoutPhone(phone, fault.Exchanges),
	}
}

// judged says what an answer of user_account means.
func (p *provider) judged(a answer) finding {
	if a.Status == http.StatusNotFound {
		return nobody()
	}
	if !a.OK() {
		return finding{trouble: troubleOf(a.Status), message: p.sentence(a)}
	}
	f, ok := readObject(a.Body)
	if !ok {
		return finding{trouble: unreadable(), message: p.sentence(a) + " without a JSON object"}
	}
	userID, readable := f.id("userId")
	switch {
	case !readable:
		return finding{trouble: unreadable(), message: p.sentence(a) + " with a userId that cannot be one"}
	case userID == "":
		return nobody()
	}
	email, _ := f.text("email")
	return finding{account: &found{userID: userID, email: masked(email), at: p.dated(a)}}
}

func nobody() finding {
	return finding{nobody: true, message: "Cenoa has no account for this phone number"}
}

// dated is when Cenoa answered, by its own clock where it says so. It has just
// taken our stamp: a Date that is further off is that of a copy, or of a proxy.
func (p *provider) dated(a answer) time.Time {
	ours := p.clock.theirs()
	if at, err := http.ParseTime(a.Header.Get("Date")); err == nil && at.Sub(ours).Abs() <= stampAge {
		return at
	}
	return ours
}

// signup is where a customer may open an account; nil where no setting says so.
func (p *provider) signup() *sdk.NextAction {
	if p.settings.signupURL == "" {
		return nil
	}
	return &sdk.NextAction{
		Type: sdk.ActionSignup, URL: p.settings.signupURL, Message: "Open a Cenoa account with this phone number first.",
	}
}

// answered is the finding as the answer of CreatePayment. Instructions were
// shown to nobody, so what was not heard counts as not sent.
func (p *provider) answered(req sdk.PaymentRequest, f finding) sdk.Result {
	result := sdk.Result{
		Outcome: sdk.OutcomeNotSent, Message: f.message, Alert: f.alert, RetryAfter: f.wait, Exchanges: f.exchanges,
	}
	if f.status != 0 && f.account == nil {
		result.ProviderCode = strconv.Itoa(f.status)
	}
	switch {
	case f.account != nil:
		result = p.ordered(req, *f.account)
		result.Alert, result.Exchanges = f.alert, f.exchanges
	case f.nobody:
		result.Outcome, result.Reason, result.NextAction = sdk.OutcomeRejected, sdk.ReasonCustomerUnknown, p.signup()
	case f.trouble.reason != sdk.ReasonNone:
		result.Outcome, result.Reason = sdk.OutcomeRejected, f.trouble.reason
	}
	return result
}

// customer is the finding as the answer of LookupCustomer, which has no place
// for an alert: it goes to the log.
func (p *provider) customer(ctx context.Context, phone string, f finding) (sdk.Customer, error) {
	if f.alert != "" {
		slog.WarnContext(ctx, f.alert)
	}
	if f.account != nil {
		return sdk.Customer{Phone: phone, ProviderCustomer: f.account.userID, Email: f.account.email}, nil
	}
	if next := p.signup(); f.nobody && next != nil {
		return sdk.Customer{Phone: phone, NextAction: next}, nil
	}
	fault := &sdk.Error{Kind: f.trouble.kind, Message: f.message, RetryAfter: f.wait, Exchanges: f.exchanges}
	if f.nobody {
		fault.Kind = sdk.KindNotFound
	}
	if f.status != 0 {
		fault.ProviderCode = strconv.Itoa(f.status)
	}
	return sdk.Customer{}, fault
}
