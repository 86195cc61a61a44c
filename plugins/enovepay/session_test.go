package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

var loginMode = map[string]any{"auth_mode": "login", "client_id": testClient, "api_token": ""}

// gate is EnovePay with logins: it counts them, and takes the latest token only.
type gate struct {
	mu     sync.Mutex
	logins int
	calls  []string
	grant  string // what auth answers, with the number of the login in place of %d
	status int
	closed bool // calls are refused with 101 whatever the token
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.URL.Path == "/v1/auth/token" {
		g.logins++
		body, _ := io.ReadAll(r.Body)
		g.calls = append(g.calls, "login "+string(body)+r.Header.Get("Authorization"))
		if g.status != 0 {
			w.WriteHeader(g.status)
		}
		fmt.Fprint(w, strings.ReplaceAll(g.grant, "%d", fmt.Sprint(g.logins)))
		return
	}
	g.calls = append(g.calls, r.Header.Get("Authorization"))
	if g.closed || r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", g.logins) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, says("101"))
		return
	}
	fmt.Fprint(w, says("100"))
}

const granting = `{"success":true,"status_code":100,"access_token":"token-%d","expires_in":3600}`

func TestALoginIsMadeOnceForManyCalls(t *testing.T) {
	g := &gate{grant: granting}
	p := local(t, loginMode, g.ServeHTTP)
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if got, err := p.CreatePayment(t.Context(), collection(nil)); err != nil || got.Outcome != action {
				t.Errorf("got %v, %v", got.Outcome, err)
			}
		})
	}
	calls.Wait()
	if g.logins != 1 {
		t.Errorf("%d logins", g.logins)
	}
	if want := `login {"client_id":"sandbox-client","client_secret_key":"test_client_secret_key"}`; g.calls[0] != want {
		t.Errorf("want %s, got %s", want, g.calls[0])
	}
}

func TestATokenIsRenewedAMinuteBeforeItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		expiresIn string
		life      time.Duration
	}{
		"as told": {`,"expires_in":600`, 10 * time.Minute}, "a text": {`,"expires_in":"600"`, 10 * time.Minute},
		"not told": {"", time.Hour}, "nonsense": {`,"expires_in":-1`, time.Hour}, "a year": {`,"expires_in":31536000`, 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gate{grant: `{"status_code":100,"access_token":"token-%d"` + c.expiresIn + `}`}
			p := local(t, loginMode, g.ServeHTTP)
			now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			p.session.now = func() time.Time { return now }
			for _, step := range []struct {
				passes time.Duration
				logins int
			}{{0, 1}, {c.life - time.Minute - 1, 1}, {1, 2}} {
				now = now.Add(step.passes)
				if _, err := p.QueryStatus(t.Context(), asked()); err != nil {
					t.Fatal(err)
				}
				if g.logins != step.logins {
					t.Errorf("after %s: want %d logins, got %d", step.passes, step.logins, g.logins)
				}
			}
		})
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	g := &gate{grant: granting}
	p := local(t, loginMode, g.ServeHTTP)
	p.session.token, p.session.until = sdk.NewSecret("stale"), time.Now().Add(time.Hour)
	got, err := p.CreatePayment(t.Context(), collection(nil))
	if err != nil || got.Outcome != action || g.logins != 1 || len(got.Exchanges) != 3 {
		t.Errorf("want REQUIRES_ACTION after call, login, call, got %v after %d logins and %d exchanges, %v",
			got.Outcome, g.logins, len(got.Exchanges), err)
	}
	g.closed = true
	got, err = p.CreatePayment(t.Context(), collection(nil))
	if err != nil || got.Outcome != refused || got.Reason != auth || got.Alert == "" || g.logins != 2 {
		t.Errorf("want REJECTED after one more login, got %v (%s), %d logins, %v", got.Outcome, got.Reason, g.logins, err)
	}
	if asked, err := p.QueryStatus(t.Context(), asked()); err != nil || asked.Outcome != unknown || asked.Alert == "" {
		t.Errorf("a question: want UNKNOWN with an alert, got %v, %v", asked.Outcome, err)
	}
}

func TestAStaticTokenIsNotRenewed(t *testing.T) {
	g := &gate{grant: granting, closed: true}
	p := local(t, nil, g.ServeHTTP)
	got, err := p.CreatePayment(t.Context(), collection(nil))
	if err != nil || got.Outcome != refused || g.logins != 0 || len(g.calls) != 1 || g.calls[0] != "Bearer "+testToken {
		t.Errorf("want REJECTED after one call, got %v after %v, %v", got.Outcome, g.calls, err)
	}
}

func TestALoginThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		grant  string
		want   seen // of a create; NOT_SENT is a fault
	}{
		"wrong details":         {401, says("111"), seen{refused, auth, true}},
		"wrong details as 200":  {200, says("111"), seen{refused, auth, true}},
		"suspended":             {403, says("109"), seen{refused, auth, true}},
		"invalid input":         {400, says("103"), seen{refused, auth, true}},
		"rate limit":            {429, says("102"), seen{refused, limited, false}},
		"maintenance":           {503, says("108"), seen{refused, downtime, false}},
		"401 without envelope":  {401, "", seen{refused, auth, true}},
		"no such path":          {404, "", seen{refused, downtime, true}},
		"server error":          {500, "", seen{Outcome: sdk.OutcomeNotSent}},
		"unclear":               {500, says("110"), seen{Outcome: sdk.OutcomeNotSent}},
		"no token":              {200, says("100"), seen{Outcome: sdk.OutcomeNotSent}},
		"no JSON":               {200, "<html>", seen{Outcome: sdk.OutcomeNotSent}},
		"a redirect":            {302, "moved", seen{Outcome: sdk.OutcomeNotSent}},
		"a token in a redirect": {302, granting, seen{Outcome: sdk.OutcomeNotSent}},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gate{grant: c.grant, status: c.status}
			p := local(t, loginMode, g.ServeHTTP)
			got, err := p.CreatePayment(t.Context(), collection(nil))
			if err != nil {
				got.Outcome = sdk.CreateOutcome(err)
			}
			if diff := cmp.Diff(c.want, seenIn(got)); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			answer, err := p.QueryStatus(t.Context(), asked())
			if answer.Outcome != unknown || sdk.CreateOutcome(err) != unknown {
				t.Errorf("a question: want UNKNOWN, got %v, %v", answer.Outcome, err)
			}
			if _, err := p.GetBalance(t.Context()); err == nil {
				t.Error("a balance without a login")
			}
			if len(g.calls) != g.logins {
				t.Errorf("something was called without a token: %v", g.calls)
			}
		})
	}
}

func TestALoginWithoutAnAnswerIsNotSent(t *testing.T) {
	p := local(t, loginMode, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := p.CreatePayment(t.Context(), collection(nil))
	if sdk.CreateOutcome(err) != sdk.OutcomeNotSent || len(exchangesOf(err)) != 2 {
		t.Errorf("want NOT_SENT after 2 tries of the login, got %v after %d", err, len(exchangesOf(err)))
	}
	if _, err := p.QueryStatus(t.Context(), asked()); err == nil || sdk.CreateOutcome(err) != unknown {
		t.Errorf("a question: want a fault that is not NOT_SENT, got %v", err)
	}
}

func TestWaitingForALoginEndsWithTheCall(t *testing.T) {
	p := open(t, with("http://127.0.0.1:1", loginMode))
	synctest.Test(t, func(t *testing.T) {
		busy := newSession(time.Now)
		busy.turn <- struct{}{}
		waiting := &provider{settings: p.settings, http: p.http, session: busy}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := waiting.CreatePayment(ctx, collection(nil))
		if sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
			t.Errorf("want NOT_SENT, got %v", err)
		}
	})
}

func TestTheTokenOfALoginIsShownNowhere(t *testing.T) {
	g := &gate{grant: granting}
	p := local(t, loginMode, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/auth/token" {
			g.ServeHTTP(w, r)
			return
		}
		fmt.Fprintf(w, `{"status_code":103,"message":"no %s"}`, r.Header.Get("Authorization"))
	})
	got, err := p.CreatePayment(t.Context(), collection(nil))
	if err != nil || len(got.Exchanges) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, secret := range []string{"token-1", testSecret} {
		if shown := fmt.Sprintf("%+v %+v %+v", got, p.settings, p.session.token); strings.Contains(shown, secret) {
			t.Errorf("%s shows in %s", secret, shown)
		}
	}
}
