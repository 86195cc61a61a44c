package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

// gossipName is the plugin that this test's binary is when an engine starts it. It
// tells its secret and a card's number in every way there is.
const gossipName = "gossip"

// What it tells, in one breath.
const (
	gossipKey  = `canary key+with/"signs"`
	gossipCard = "4539578763621486"
	gossipText = "the key is " + gossipKey + " and the card 4539 5787 6362 1486 or " + gossipCard
)

// The ways to tell, by the description of a payment.
const (
	gossipPrints   = "prints"
	gossipLogs     = "logs"
	gossipDeclines = "declines"
	gossipWaits    = "waits"
	gossipFails    = "fails"
	gossipPanics   = "panics in the call"
	gossipDies     = "panics beside the call"
)

// gossipMoods are the ways to tell of settings, by the setting mood.
const (
	gossipWarns   = "warns"
	gossipRefuses = "refuses"
	gossipShuts   = "does not open"
)

// gossip is the plugin.
type gossip struct{}

func (gossip) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: gossipName, Version: "1.0.0", Doc: "A plugin that keeps nothing to itself.",
		Settings: sdk.Schema{
			{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true},
			{Name: "mood", Kind: sdk.FieldString},
		},
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: {Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, TellsCurrency: true, PushWebhooks: true}},
		Capabilities: gossipAccount{}.Capabilities(),
	}
}

func (gossip) ValidateSettings(_ context.Context, settings sdk.Settings) sdk.Diagnostics {
	mood := settings.Text("mood")
	if mood != gossipWarns && mood != gossipRefuses {
		return nil
	}
	return sdk.Diagnostics{{Warning: mood == gossipWarns, Path: "mood", Summary: gossipText, Detail: gossipText}}
}

func (gossip) Open(settings sdk.Settings) (sdk.Provider, error) {
	tellAll()
	if settings.Text("mood") == gossipShuts {
		return nil, errors.New(gossipText)
	}
	return gossipAccount{}, nil
}

// tellAll writes to both streams, in words, as entries of a log, and encoded.
func tellAll() {
	for _, stream := range []*os.File{os.Stderr, os.Stdout} {
		fmt.Fprintln(stream, gossipText)
		fmt.Fprintf(stream, "{\"@level\":\"error\",\"@message\":%q,\"key\":%q,\"number\":%s}\n", gossipText, gossipKey, gossipCard)
		fmt.Fprintln(stream, url.QueryEscape(gossipKey), url.PathEscape(gossipKey), base64.StdEncoding.EncodeToString([]byte(gossipKey)))
	}
}

type gossipAccount struct{}

func (gossipAccount) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Operations: sdk.OperationsOf(gossipAccount{}), Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (gossipAccount) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	result := gossiping()
	switch req.Description {
	case gossipPrints:
		tellAll()
	case gossipLogs:
		slog.Error(gossipText, "key", gossipKey, "card", gossipCard)
	case gossipDeclines:
		result.Outcome, result.Reason = sdk.OutcomeDeclined, sdk.ReasonInsufficientFunds
	case gossipWaits:
		result.Outcome = sdk.OutcomeRequiresAction
		result.NextAction = &sdk.NextAction{Type: sdk.ActionPrompt, Message: gossipText}
	case gossipFails:
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, ProviderCode: gossipText, Message: gossipText, Exchanges: result.Exchanges}
	case gossipPanics:
		panic(gossipText)
	case gossipDies:
		go func() { panic(gossipText) }()
		select {}
	}
	return result, nil
}

// gossiping is an answer with everything in it.
func gossiping() sdk.Result {
	return sdk.Result{
		Outcome: sdk.OutcomePending, ProviderRef: "gossip-1", ProviderStatus: gossipText, ProviderCode: gossipText, Message: gossipText,
		PaidWith: gossipText, Alert: gossipText,
		Exchanges: []sdk.Exchange{{Method: "POST", URL: "https://provider.example/?key=" + url.QueryEscape(gossipKey), Error: gossipText}},
	}
}

func (gossipAccount) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	return gossiping(), nil
}

func (gossipAccount) HandleNotification(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
	return sdk.Notification{Authenticity: sdk.Hint, ProviderRef: "gossip-1", Confirm: true, Result: gossiping(), Alert: gossipText}, nil
}

// gossipCanaries are what must come out nowhere, in every form.
func gossipCanaries() map[string]string {
	return map[string]string{
		"key": gossipKey, "key in JSON": strings.ReplaceAll(gossipKey, `"`, `\"`), "key in JSON twice": strings.ReplaceAll(gossipKey, `"`, `\\\"`),
		"key in a query": url.QueryEscape(gossipKey), "key in a path": url.PathEscape(gossipKey), "key in base64": base64.StdEncoding.EncodeToString([]byte(gossipKey)),
		"card": gossipCard, "card in groups": "4539 5787 6362 1486",
	}
}

// Whatever a plugin says, by whichever way: its secret and a card's number come out
// nowhere, and are not kept. The control is a word beside them, which is found.
func TestWhatAPluginGivesAwayComesOutNowhere(t *testing.T) {
	t.Parallel()
	s := openGossip(t)
	out := sinks{}
	s.gossip(out)
	for _, name := range []string{"refusing", "shut"} {
		standing, err := s.client.Provider(t.Context(), name)
		out["standing of "+name] = fmt.Sprintf("%+v %v", standing, err)
	}
	s.keptBy(out)
	_, out["validate --plugins"] = s.command("validate", "-c", s.setup.Config(), "--plugins")
	leaks := out.leaks(gossipCanaries())
	for _, leak := range leaks {
		t.Error(leak)
	}
	heard := out.leaks(map[string]string{"what was said beside": "the key is "})
	for _, sink := range []string{"store", "backup", "engine's output", "validate --plugins", "standing of shut"} {
		if !slices.Contains(heard, "what was said beside in "+sink) {
			t.Errorf("the plugin is not heard in %s: the search is blind", sink)
		}
	}
	t.Logf("chaos 34: a plugin that tells its secret and a card's number on both streams, in logs, panics, faults, results and diagnostics: %d canaries, %d leaks in %d sinks; "+
		"control, the words beside them: found in %d", len(gossipCanaries()), len(leaks), len(out), len(heard))
}

// openGossip opens an engine with an account that opens, and two that do not.
func openGossip(t *testing.T) *shop {
	t.Helper()
	putSelf(t, gossipName)
	at := func(name, mood string) account {
		return account{name: name, plugin: gossipName, settings: map[string]any{"api_key": gossipKey, "mood": mood}, more: []string{"isolation: process"}}
	}
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", at("first", gossipWarns), at("refusing", gossipRefuses), at("shut", gossipShuts))
	s.environ = []string{"PAYMUX_LOG__LEVEL=trace", "GOTRACEBACK=all"}
	s.open()
	return s
}

// gossip makes a payment in every way in which the plugin tells, and keeps what is answered.
func (s *shop) gossip(out sinks) {
	s.t.Helper()
	var ids []string
	for _, way := range []string{gossipPrints, gossipLogs, gossipDeclines, gossipWaits, gossipFails, gossipPanics, gossipDies} {
		payment := order(way)
		payment.Description = way
		s.until("the plugin serves", func(ctx context.Context) (bool, error) {
			answer, err := s.client.Pay(ctx, "key "+way, payment)
			if err != nil {
				out["refusal of "+way] = err.Error()
				return false, nil // Its process was just gone.
			}
			ids = append(ids, answer.Transaction.ID)
			return true, nil
		})
	}
	for _, id := range ids {
		if _, err := s.client.Sync(s.t.Context(), id); err != nil {
			out["sync of "+id] = err.Error()
		}
		_, out["tx show "+id] = s.command("tx", "show", id)
	}
	_, out["tx list"] = s.command("tx", "list", "--json")
	s.until("a notification is taken", func(ctx context.Context) (bool, error) {
		return post(ctx, s.engine.URL+"/v1/webhooks/first") == nil, nil
	})
	s.askEverything(out, ids)
}

// keptBy backs the store up, ends the engine and reads all that there is.
func (s *shop) keptBy(out sinks) {
	s.t.Helper()
	path := filepath.Join(s.setup.Dir, "backup.db")
	backup, err := os.Create(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.client.Backup(s.t.Context(), backup); err != nil {
		s.t.Error(err)
	}
	if err := backup.Close(); err != nil {
		s.t.Error(err)
	}
	if _, code := s.terminate(); code != 0 {
		s.t.Errorf("it ended with code %d", code)
	}
	out["engine's output"] = s.engine.Output()
	for name, path := range map[string]string{"store": s.setup.Store(), "backup": path} {
		text, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		out[name] = string(text)
	}
}
