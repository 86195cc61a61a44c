package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	canaryNumber = "4111111111111111"
	canaryCode   = "code-739"
)

// acquirer takes raw card data, and fails or answers as it is told.
type acquirer struct {
	desk
	takes bool
	seen  []string
}

func (a *acquirer) Capabilities() sdk.Capabilities {
	c := a.desk.Capabilities()
	c.CardS2S = a.takes
	return c
}

func (a *acquirer) Open(sdk.Settings) (sdk.Provider, error) { return a, nil }

func (a *acquirer) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	a.will(func(*desk) {
		if req.Card != nil {
			a.seen = append(a.seen, req.Card.Number+" "+req.Card.CVV)
		}
	})
	return a.desk.CreatePayment(ctx, req)
}

// lines collects what an engine logs.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func TestCardDataIsInNoRecordLogOrLaterCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		plain := &acquirer{desk: desk{name: "plain", create: waiting}}
		first := &acquirer{desk: desk{name: "first", create: declined, status: declined}, takes: true}
		second := &acquirer{desk: desk{name: "second", create: sdk.Result{}}, takes: true}
		var log lines
		e, err := engine.New(t.Context(), engine.Options{
			Config: coretest.MustConfig(t, dir), Rules: coretest.Rules("plain", "first", "second"),
			Providers: map[string]engine.Provider{"plain": {Plugin: plain}, "first": {Plugin: first}, "second": {Plugin: second}},
			Logger:    hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: &log}),
		})
		if err != nil {
			t.Fatal(err)
		}
		req := core.PaymentRequest{
			IdempotencyKey: "k", Amount: money.Of(5000, money.XOF), Method: "card",
			Card: &sdk.Card{Number: canaryNumber, Holder: "A B", ExpMonth: 1, ExpYear: 2030, CVV: canaryCode},
		}
		answer, err := e.Pay(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		other := req
		other.Card = &sdk.Card{Number: "5555555555554444"}
		if again, err := e.Pay(t.Context(), other); err != nil || !again.Replayed {
			t.Errorf("the card is part of the fingerprint: %v", err)
		}
		time.Sleep(time.Hour)
		if _, err := e.Resolve(t.Context(), operator, answer.Transaction.ID, core.Resolution{Verb: "failed", Reason: "seen"}); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		want := []string{canaryNumber + " " + canaryCode}
		if fmt.Sprint(first.seen) != fmt.Sprint(want) || fmt.Sprint(second.seen) != fmt.Sprint(want) || len(plain.wasTold()) != 0 {
			t.Errorf("first saw %d cards, second %d, and the one that takes none was told %v", len(first.seen), len(second.seen), plain.wasTold())
		}
		stored, err := os.ReadFile(filepath.Join(dir, "paymux.db"))
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"store": string(stored), "log": log.text.String(), "answer": fmt.Sprintf("%+v", answer)} {
			if strings.Contains(text, canaryNumber) || strings.Contains(text, canaryCode) {
				t.Errorf("the %s holds card data", name)
			}
		}
		if !strings.Contains(string(stored), "second") || log.text.Len() == 0 {
			t.Error("nothing was looked through")
		}
	})
}

func TestACardGoesNowhereWhereNobodyTakesIt(t *testing.T) {
	plain := &desk{name: "plain", create: waiting, status: waiting}
	open(t, func(o *office) {
		_, err := o.engine.Pay(o.Context(), core.PaymentRequest{
			IdempotencyKey: "k", Amount: money.Of(5000, money.XOF), Card: &sdk.Card{Number: canaryNumber},
		})
		if !errors.Is(err, core.ErrNoRoute) || strings.Contains(err.Error(), canaryNumber) {
			o.Errorf("got %v, want no_route", err)
		}
	}, nil, plain)
}

// parrot repeats what it was sent, as providers do with what they refuse.
type parrot struct {
	acquirer
	fails bool
}

func (p *parrot) Open(sdk.Settings) (sdk.Provider, error) { return p, nil }

func (p *parrot) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	words := "card " + req.Card.Number + ", written 4111 1111 1111 1111 or 4111-1111-1111-1111, with " + req.Card.CVV
	if p.fails {
		return sdk.Result{}, sdk.Errorf(sdk.KindInvalid, "cannot read %s", words)
	}
	return sdk.Result{
		Outcome: sdk.OutcomeRequiresAction, Message: words, Alert: words, ProviderStatus: words, PaidWith: words,
		ProviderCode: req.Card.Number, ProviderRef: req.Card.Number, ProviderData: []byte(req.Card.Number),
		Told:       sdk.Told{Amount: req.Card.Number, Reference: req.Card.Number},
		NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://acs.example/" + req.Card.Number, Message: words},
	}, nil
}

func TestCardDataThatAProviderRepeatsIsNotKept(t *testing.T) {
	for name, fails := range map[string]bool{"in an answer": false, "in a fault": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				p := &parrot{acquirer: acquirer{desk: desk{name: "one", status: waiting}, takes: true}, fails: fails}
				var log lines
				e, err := engine.New(t.Context(), engine.Options{
					Config: coretest.MustConfig(t, dir), Rules: coretest.Rules("one"),
					Providers: map[string]engine.Provider{"one": {Plugin: p}},
					Logger:    hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: &log}),
				})
				if err != nil {
					t.Fatal(err)
				}
				answer, err := e.Pay(t.Context(), core.PaymentRequest{
					IdempotencyKey: "k", Amount: money.Of(5000, money.XOF), Method: "card",
					Card: &sdk.Card{Number: canaryNumber, ExpMonth: 1, ExpYear: 2030, CVV: canaryCode},
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
					t.Fatal(err)
				}
				stored, err := os.ReadFile(filepath.Join(dir, "paymux.db"))
				if err != nil {
					t.Fatal(err)
				}
				for name, text := range map[string]string{"store": string(stored), "log": log.text.String(), "answer": fmt.Sprintf("%+v", answer)} {
					for _, secret := range []string{canaryNumber, "4111 1111 1111 1111", "4111-1111-1111-1111", canaryCode} {
						if strings.Contains(text, secret) {
							t.Errorf("the %s holds card data", name)
						}
					}
				}
			})
		})
	}
}
