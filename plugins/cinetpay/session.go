package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// tokenLife is how long a login token is used. CinetPay documents 5 minutes,
// which may have begun before its answer reached us.
const tokenLife = 4 * time.Minute

// session is the token of the transfer API. One call at a time fetches it, and
// the others wait for that one.
type session struct {
	now func() time.Time
	// turn holds a value while somebody reads or fetches the token.
	turn  chan struct{}
	token sdk.Secret
	until time.Time
}

func newSession(now func() time.Time) *session {
	return &session{now: now, turn: make(chan struct{}, 1)}
}

// denied is the error of a login or a contact that CinetPay refused, so that
// the call it was for was never made.
type denied struct{ result sdk.Result }

// Error says so, without the answer's text.
func (d *denied) Error() string {
	return "cinetpay: refused before the transfer: " + string(d.result.Reason)
}

// login returns the token for a call and the exchanges that it took to get it.
// A token that was refused is not returned again. The errors are denied, and an
// sdk.Error that says NotSent, because the call that needs the token was not made.
func (p *provider) login(ctx context.Context, refused sdk.Secret) (sdk.Secret, []sdk.Exchange, error) {
	s := p.session
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return sdk.Secret{}, nil, notMade("login: the time is over", ctx.Err())
	}
	defer func() { <-s.turn }()
	if s.now().Before(s.until) && s.token.Reveal() != refused.Reveal() {
		return s.token, nil, nil
	}
	start := s.now()
	r, err := p.logIn(ctx)
	if err != nil {
		return sdk.Secret{}, nil, err
	}
	s.token, s.until = r.token, start.Add(tokenLife)
	return s.token, r.Exchanges, nil
}

// logIn calls login. Although it is a POST it creates nothing that matters.
func (p *provider) logIn(ctx context.Context) (reply, error) {
	form := url.Values{"apikey": {p.settings.apiKey.Reveal()}, "password": {p.settings.transferPassword.Reveal()}}
	resp, err := p.http.Ask(ctx, httpx.Request{
		Method: http.MethodPost, URL: p.settings.transferURL + "/v1/auth/login",
		Header: formHeader(), Body: []byte(form.Encode()),
	})
	if err != nil {
		return reply{}, notMade("login: no answer", err)
	}
	r := readReply(resp, sdk.Secret{})
	r.token = sdk.NewSecret(r.data.text("token"))
	if r.done() && !r.token.Empty() {
		return r, nil
	}
	return reply{}, p.turnedAway("login", r)
}

// turnedAway is why a login or a contact did not let the transfer through:
// denied for a refusal, and an sdk.Error for an answer that says nothing.
func (p *provider) turnedAway(call string, r reply) error {
	result := p.remittanceResult(r)
	result.Reason = r.entryReason()
	if result.Reason == sdk.ReasonNone {
		fault := notMade(call+": CinetPay answered HTTP "+strconv.Itoa(r.Status)+" without a usable answer", nil)
		fault.ProviderCode, fault.RetryAfter, fault.Exchanges = result.ProviderCode, result.RetryAfter, r.Exchanges
		return fault
	}
	result.Outcome = sdk.OutcomeRejected
	if result.Reason == sdk.ReasonAuthentication {
		result.Alert = transferDenied
	}
	return &denied{result}
}

// entryReason is why a login or a contact was refused, or ReasonNone where the
// answer says nothing. Codes that tell of a bad order or of a fault of CinetPay's
// keep that meaning; all others are about the account.
func (r reply) entryReason() sdk.Reason {
	codes := slices.DeleteFunc(r.codes(), func(code string) bool { return code == codeDone || code == codeKnownContact })
	switch {
	case r.unclear():
		return sdk.ReasonNone
	case len(codes) > 0:
		return entryReasonOf(codes[len(codes)-1])
	case !r.OK():
		return sdk.ReasonAuthentication
	default:
		return sdk.ReasonNone
	}
}

func entryReasonOf(code string) sdk.Reason {
	switch code {
	case "-1", "709", "710", "715":
		return sdk.ReasonProviderUnavailable
	}
	if reason := sendRefusal(code); reason != sdk.ReasonNone {
		return reason
	}
	return sdk.ReasonAuthentication
}

// notMade is a fault before the call that moves money, which was not made.
func notMade(why string, err error) *sdk.Error {
	var fault *sdk.Error
	if errors.As(err, &fault) {
		why += ": " + fault.Message
	}
	return &sdk.Error{Kind: sdk.KindUnavailable, Message: why, Sent: sdk.NotSent, Err: err, Exchanges: exchangesOf(err)}
}

func exchangesOf(err error) []sdk.Exchange {
	var refused *denied
	if errors.As(err, &refused) {
		return refused.result.Exchanges
	}
	return sdk.ExchangesOf(err)
}
