package main

import (
	"context"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
)

const (
	// tokenLife is assumed where the login does not tell expires_in.
	tokenLife = 3600 * time.Second
	// tokenLifeMax bounds what is believed of expires_in.
	tokenLifeMax = 24 * time.Hour
	// renewBefore is how long before its end a token is not used any more.
	renewBefore = 60 * time.Second
)

// credentials is the body of auth.
type credentials struct {
	ClientID        string `json:"client_id"`
	ClientSecretKey string `json:"client_secret_key"`
}

// session is the token of auth_mode login. One call at a time fetches it, and
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

// denied is the error of a login that EnovePay refused, so that the call it was
// for was never made.
type denied struct {
	answer answer
	reason sdk.Reason
	alert  string
}

// Error says so, without the answer's text.
func (d *denied) Error() string { return "enovepay: the login was refused: " + string(d.reason) }

// bearer returns the token for a call and the exchanges that it took to get it.
// A token that was refused is not returned again. The errors are denied, and an
// sdk.Error that says NotSent, because the call that needs the token was not made.
func (p *provider) bearer(ctx context.Context, refused sdk.Secret) (sdk.Secret, []sdk.Exchange, error) {
	if !p.settings.login {
		return p.settings.apiToken, nil, nil
	}
	s := p.session
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return sdk.Secret{}, nil, notLoggedIn("the time is over", ctx.Err(), nil)
	}
	defer func() { <-s.turn }()
	if s.now().Before(s.until) && s.token.Reveal() != refused.Reveal() {
		return s.token, nil, nil
	}
	a, err := p.logIn(ctx)
	if err != nil {
		return sdk.Secret{}, nil, err
	}
	s.token, s.until = sdk.NewSecret(a.fields.text("access_token")), s.now().Add(a.lifetime()-renewBefore)
	return s.token, a.Exchanges, nil
}

// logIn calls auth. Although it is a POST it creates nothing that matters.
func (p *provider) logIn(ctx context.Context) (answer, error) {
	req, err := request(p.settings.url(opAuth, nil), credentials{p.settings.clientID, p.settings.clientSecret.Reveal()})
	if err != nil {
		return answer{}, err
	}
	resp, err := p.http.Ask(ctx, req)
	if err != nil {
		return answer{}, notLoggedIn("no answer", err, exchangesOf(err))
	}
	a := read(resp, sdk.Secret{})
	if a.grants() {
		return a, nil
	}
	v := a.createdVerdict(opAuth)
	if v.outcome != sdk.OutcomeRejected {
		return answer{}, notLoggedIn("the answer holds no token", nil, a.Exchanges)
	}
	if v.reason == sdk.ReasonInvalidRequest {
		// A login sends nothing but the credentials, so they are meant and not the order.
		v.reason, v.alert = sdk.ReasonAuthentication, alertCredentials
	}
	return answer{}, &denied{a, v.reason, v.alert}
}

// grants reports whether the answer of auth holds a token.
func (a answer) grants() bool {
	accepted := a.code() == codeHandled || a.code() == "" && a.OK()
	return accepted && !a.redirected() && a.fields.text("access_token") != ""
}

// lifetime is how long the token of the answer holds.
func (a answer) lifetime() time.Duration {
	seconds, err := strconv.ParseInt(a.fields.text("expires_in"), 10, 32)
	if err != nil || seconds <= 0 {
		return tokenLife
	}
	return min(time.Duration(seconds)*time.Second, tokenLifeMax)
}

func notLoggedIn(why string, err error, exchanges []sdk.Exchange) error {
	return &sdk.Error{
		Kind: sdk.KindUnavailable, Message: "login: " + why + ", the call was not made",
		Sent: sdk.NotSent, Err: err, Exchanges: exchanges,
	}
}
