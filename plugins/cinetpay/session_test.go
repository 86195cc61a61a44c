package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/sdk"
)

func TestALoginIsSharedByConcurrentPayouts(t *testing.T) {
	g := newGate(t)
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if got, err := g.account.CreatePayout(t.Context(), payout(nil)); err != nil || got.Outcome != sdk.OutcomePending {
				t.Errorf("got %v, %v", got.Outcome, err)
			}
		})
	}
	calls.Wait()
	if g.logins != 1 || g.called(sendPath) != 8 {
		t.Errorf("%d logins for %d transfers", g.logins, g.called(sendPath))
	}
}

func TestATokenIsUsedForFourMinutes(t *testing.T) {
	g := newGate(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	g.account.session.now = func() time.Time { return now }
	for _, step := range []struct {
		passes time.Duration
		logins int
	}{{0, 1}, {4*time.Minute - 1, 1}, {1, 2}} {
		now = now.Add(step.passes)
		if _, err := g.account.QueryStatus(t.Context(), payout(nil).Attempt); err != nil {
			t.Fatal(err)
		}
		if g.logins != step.logins {
			t.Errorf("after %s: want %d logins, got %d", step.passes, step.logins, g.logins)
		}
	}
}

func TestARefusedTokenIsRenewedOnceAndTheSameSentAgain(t *testing.T) {
	for _, code := range []string{"705", "706"} {
		t.Run(code, func(t *testing.T) {
			g := newGate(t)
			sends := 0
			spoiled := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == sendPath {
					if sends++; sends == 1 {
						_, _ = io.Copy(io.Discard, r.Body)
						fmt.Fprint(w, refuses(code))
						return
					}
				}
				g.ServeHTTP(w, r)
			}))
			defer spoiled.Close()
			p := paying(t, spoiled.URL, nil)
			got, err := p.CreatePayout(t.Context(), payout(nil))
			if err != nil || got.Outcome != sdk.OutcomePending || g.logins != 2 || sends != 2 || len(got.Exchanges) != 5 {
				t.Errorf("want PENDING after 2 logins and 2 sends, got %v after %d and %d in %d exchanges, %v",
					got.Outcome, g.logins, sends, len(got.Exchanges), err)
			}
		})
	}
}

func TestATokenThatIsRefusedAgainIsTheAccountsFault(t *testing.T) {
	g := newGate(t)
	g.tell(sendPath, page{400, refuses("705")})
	got, err := g.pay(t)
	if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonAuthentication || got.Alert == "" {
		t.Errorf("want REJECTED (authentication) with an alert, got %v (%s), %v", got.Outcome, got.Reason, err)
	}
	if g.called(sendPath) != 2 || g.logins != 2 {
		t.Errorf("%d sends, %d logins", g.called(sendPath), g.logins)
	}
	g.closed = true
	asked, err := g.account.QueryStatus(t.Context(), payout(nil).Attempt)
	if err != nil || asked.Outcome != sdk.OutcomeUnknown || asked.Reason != "" || asked.Alert == "" {
		t.Errorf("a question: want UNKNOWN with an alert, got %v (%s), %v", asked.Outcome, asked.Reason, err)
	}
}

func TestATokenThatCannotBeRenewedLeavesTheFirstAnswer(t *testing.T) {
	g := newGate(t)
	g.tell(sendPath, page{400, refuses("705")})
	if _, err := g.account.GetBalance(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.tell(loginPath, page{500, "oops"})
	got, err := g.pay(t)
	if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonAuthentication || g.called(sendPath) != 1 {
		t.Errorf("want REJECTED after one send, got %v (%s) after %d, %v", got.Outcome, got.Reason, g.called(sendPath), err)
	}
	if len(got.Exchanges) != 3 {
		t.Errorf("want the exchanges of contact, send and login, got %d", len(got.Exchanges))
	}
}

func TestAnUnclearRefusalOfATokenIsNotSentAgain(t *testing.T) {
	for name, answer := range map[string]page{
		"with HTTP 500":      {500, refuses("706")},
		"with HTTP 302":      {302, refuses("705")},
		"with a transfer":    {400, `{"code":"706","data":[[{"transaction_id":"EA1"}]]}`},
		"with an item done":  {400, `{"code":"706","data":[[{"code":0}]]}`},
		"with a word for it": {400, `{"code":"705","data":[{"treatment_status":"NEW"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			g.tell(sendPath, answer)
			got, err := g.pay(t)
			if got.Outcome != sdk.OutcomeUnknown || g.called(sendPath) != 1 {
				t.Errorf("want UNKNOWN after one send, got %v after %d, %v", got.Outcome, g.called(sendPath), err)
			}
		})
	}
}

func TestALoginWithoutATokenIsNotSent(t *testing.T) {
	g := newGate(t)
	g.tell(loginPath, page{200, says0(`{"token":""}`)})
	if got, err := g.pay(t); got.Outcome != sdk.OutcomeNotSent || len(g.calls) != 1 {
		t.Errorf("want NOT_SENT after the login, got %v after %v, %v", got.Outcome, g.calls, err)
	}
}

func TestAContactThatIsKnownWithHTTP500IsNotSent(t *testing.T) {
	g := newGate(t)
	g.tell(contactPath, page{500, refuses("726")})
	if got, err := g.pay(t); got.Outcome != sdk.OutcomeNotSent || g.called(sendPath) != 0 {
		t.Errorf("want NOT_SENT, got %v, %v", got.Outcome, err)
	}
}

func TestEveryExchangeIsReported(t *testing.T) {
	g := newGate(t)
	g.tell(sendPath, page{})
	_, err := g.pay(t)
	if sdk.CreateOutcome(err) != sdk.OutcomeUnknown || len(exchangesOf(err)) != 3 {
		t.Errorf("want UNKNOWN after login, contact and send, got %v after %d", err, len(exchangesOf(err)))
	}
	g = newGate(t)
	g.tell(loginPath, page{400, refuses("701")})
	got, err := g.account.send(t.Context(), transfer{}, []sdk.Exchange{{Method: http.MethodPost}})
	if err != nil || got.Outcome != sdk.OutcomeRejected || len(got.Exchanges) != 2 {
		t.Errorf("want REJECTED after the earlier call and the login, got %v after %d, %v", got.Outcome, len(got.Exchanges), err)
	}
}

func TestASecretThatHoldsAnotherIsHiddenWhole(t *testing.T) {
	p := paying(t, "", map[string]any{"transfer_password": testKey + " & more", "currency": "XOF"})
	for _, text := range []string{testKey + " & more", testKey + "+%26+more"} {
		if got := p.clean(text, wordMax); got != "[redacted]" {
			t.Errorf("%q shows as %q", text, got)
		}
	}
}

// TestWhatFailsBeforeSendIsNeverSent is the first row of the transfer outcomes.
func TestWhatFailsBeforeSendIsNeverSent(t *testing.T) {
	const notSent, rejected = sdk.OutcomeNotSent, sdk.OutcomeRejected
	const auth, invalidRequest = sdk.ReasonAuthentication, sdk.ReasonInvalidRequest
	for name, c := range map[string]struct {
		answer  page
		outcome sdk.Outcome
		reason  sdk.Reason
		alert   bool
	}{
		"500":                    {page{500, "oops"}, notSent, "", false},
		"503 with a code":        {page{503, refuses("701")}, notSent, "", false},
		"a lost answer":          {page{}, notSent, "", false},
		"no JSON":                {page{200, "<html>"}, notSent, "", false},
		"a redirect":             {page{302, says0(`{"token":"t"}`)}, notSent, "", false},
		"701":                    {page{400, refuses("701")}, rejected, auth, true},
		"701 as 200":             {page{200, refuses("701")}, rejected, auth, true},
		"702":                    {page{200, refuses("702")}, rejected, auth, true},
		"703":                    {page{200, refuses("703")}, rejected, auth, true},
		"708":                    {page{200, refuses("708")}, rejected, auth, true},
		"a code nobody knows":    {page{200, refuses("999")}, rejected, auth, true},
		"403":                    {page{403, "<html>"}, rejected, auth, true},
		"text 1010":              {page{403, "error code: 1010"}, rejected, auth, true},
		"429":                    {page{429, "slow down"}, rejected, sdk.ReasonRateLimited, false},
		"709, a fault of theirs": {page{200, refuses("709")}, rejected, sdk.ReasonProviderUnavailable, false},
		"716, a fault of ours":   {page{200, refuses("716")}, rejected, invalidRequest, false},
	} {
		for call, path := range map[string]string{"login ": loginPath, "contact ": contactPath} {
			t.Run(call+name, func(t *testing.T) {
				g := newGate(t)
				g.tell(path, c.answer)
				got, err := g.pay(t)
				if got.Outcome != c.outcome || got.Reason != c.reason || (got.Alert != "") != c.alert {
					t.Errorf("want %v (%s), got %v (%s) %q, %v", c.outcome, c.reason, got.Outcome, got.Reason, got.Alert, err)
				}
				if n := g.called(sendPath); n != 0 {
					t.Errorf("send was called %d times", n)
				}
			})
		}
		t.Run("login before a question "+name, func(t *testing.T) {
			g := newGate(t)
			g.tell(loginPath, c.answer)
			got, err := g.account.QueryStatus(t.Context(), payout(nil).Attempt)
			if got.Outcome != sdk.OutcomeUnknown || got.Reason != "" || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
				t.Errorf("want UNKNOWN, got %v (%s), %v", got.Outcome, got.Reason, err)
			}
			if _, err := g.account.GetBalance(t.Context()); err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
				t.Errorf("a balance: want a fault that is not NOT_SENT, got %v", err)
			}
		})
	}
}

func TestContactsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		answer page
		reason sdk.Reason
	}{
		"a bad phone":         {page{200, says0(`[[{"code":802,"status":"INVALID_PHONE"}]]`)}, sdk.ReasonInvalidRequest},
		"a bad form":          {page{417, `{"code":417,"message":"EXPECTATION_FAILED","data":[]}`}, sdk.ReasonInvalidRequest},
		"a bad form as text":  {page{417, "Expectation Failed"}, sdk.ReasonInvalidRequest},
		"no particular":       {page{200, says0(`[{"code":"717"}]`)}, sdk.ReasonInvalidRequest},
		"a code nobody knows": {page{200, says0(`[[{"code":999}]]`)}, sdk.ReasonAuthentication},
		"no contract":         {page{400, refuses("708")}, sdk.ReasonAuthentication},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			g.tell(contactPath, c.answer)
			got, err := g.pay(t)
			if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != c.reason || g.called(sendPath) != 0 {
				t.Errorf("want REJECTED (%s), got %v (%s) after %d sends, %v", c.reason, got.Outcome, got.Reason, g.called(sendPath), err)
			}
			if len(got.Exchanges) != 2 {
				t.Errorf("want the exchanges of login and contact, got %d", len(got.Exchanges))
			}
		})
	}
}

func TestWaitingForALoginEndsWithTheCall(t *testing.T) {
	p := paying(t, "http://127.0.0.1:1", nil)
	synctest.Test(t, func(t *testing.T) {
		for name, bound := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"the call's time": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			"send_by": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return sdk.WithSendBy(ctx, time.Now().Add(time.Second)), func() {}
			},
		} {
			busy := newSession(time.Now)
			busy.turn <- struct{}{}
			waiting := &provider{settings: p.settings, http: p.http, session: busy}
			ctx, cancel := bound(t.Context())
			start := time.Now()
			_, err := waiting.CreatePayout(ctx, payout(nil))
			if sdk.CreateOutcome(err) != sdk.OutcomeNotSent || time.Since(start) != time.Second {
				t.Errorf("%s: want NOT_SENT after a second, got %v after %s", name, err, time.Since(start))
			}
			cancel()
		}
	})
}

func TestAPayoutAfterSendByIsNotSent(t *testing.T) {
	g := newGate(t)
	late := sdk.WithSendBy(t.Context(), time.Now().Add(-time.Second))
	if _, err := g.account.CreatePayout(late, payout(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent || g.called(sendPath) != 0 {
		t.Errorf("want NOT_SENT, got %v after %d sends", err, g.called(sendPath))
	}
}

func TestNoOutputTellsThePasswordOrTheToken(t *testing.T) {
	const loud = "the token token-1 of sandbox.00000000 with sandbox-password"
	for name, change := range map[string]func(*gate){
		"nothing": func(*gate) {},
		"login": func(g *gate) {
			g.tell(loginPath, page{400, `{"code":"701","message":"` + loud + `","data":{"token":"token-1"}}`})
		},
		"contact": func(g *gate) { g.tell(contactPath, page{400, `{"code":"704","message":"` + loud + `"}`}) },
		"send": func(g *gate) {
			g.tell(sendPath, page{200, says0(`[[{"code":"802","status":"` + loud + `"}]]`)})
			g.tell(moneyPath, page{200, `{"code":"` + loud + `","message":"` + loud + `","description":"` + loud + `"}`})
			g.tell(balancePath, g.pages[moneyPath])
		},
		"a transfer": func(g *gate) {
			g.tell(sendPath, page{200, says0(`[[{"code":0,"treatment_status":"REJ","operator":"` + loud + `","transaction_id":"` + loud + `"}]]`)})
			g.tell(moneyPath, page{200, says0(`[{"treatment_status":"token-1","operator":"` + loud + `"}]`)})
			g.tell(balancePath, page{500, loud})
		},
		"a lost answer": func(g *gate) {
			g.tell(sendPath, page{})
			g.tell(moneyPath, page{})
			g.tell(balancePath, page{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			change(g)
			created, createErr := g.account.CreatePayout(t.Context(), payout(nil))
			asked, askErr := g.account.QueryStatus(t.Context(), payout(nil).Attempt)
			balance, balanceErr := g.account.GetBalance(t.Context())
			shown := fmt.Sprintf("%+v %+v %+v %+v %+v %+v %+v %+v %+v", created, createErr, asked, askErr, balance, balanceErr,
				exchangesOf(createErr), g.account.settings, g.account.session.token)
			for _, secret := range []string{"token-1", testPassword, testKey} {
				if strings.Contains(shown, secret) {
					t.Errorf("%s shows in %s", secret, shown)
				}
			}
		})
	}
}
