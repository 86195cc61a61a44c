package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
)

// ways are the two ways in which an engine uses a plugin.
var ways = map[string]func(testing.TB, sdk.Plugin, map[string]any) sdk.FullProvider{
	"over the wire": plugintest.Serve, "in process": plugintest.Open,
}

// shop is an account at a sandbox, and the address that it notifies. Like the
// engine it keeps the latest verified webhook as evidence.
type shop struct {
	*sandbox.Server
	account sdk.FullProvider
	notify  string

	mu       sync.Mutex
	heard    []string
	evidence *sdk.Evidence
	refuses  bool
}

func newShop(t *testing.T, way string, options sandbox.Options, changes map[string]any) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = began
	}
	server := sandbox.New(options)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shop{Server: server}
	receiver := httptest.NewServer(http.HandlerFunc(s.hear))
	t.Cleanup(receiver.Close)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	s.notify = receiver.URL
	raw := with(server.URL(), map[string]any{"api_key": sandbox.DevKey})
	for name, value := range changes {
		raw[name] = value
	}
	s.account = ways[way](t, plugin{}, raw)
	return s
}

// hear is the engine's notification endpoint: the plugin reads and answers.
func (s *shop) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cannot read", http.StatusBadRequest)
		return
	}
	got, err := s.account.HandleNotification(r.Context(), sdk.NotificationRequest{
		Method: r.Method, Query: r.URL.RawQuery, Header: r.Header, Body: body,
	})
	if err != nil {
		http.Error(w, "fault", http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, fmt.Sprintf("%s %s confirm=%t", got.Authenticity, got.Result.ProviderStatus, got.Confirm))
	if got.Authenticity == sdk.Genuine {
		s.evidence = &sdk.Evidence{Outcome: got.Result.Outcome, ProviderRef: got.ProviderRef, Told: got.Result.Told}
	}
	if s.refuses {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(got.Status)
}

// webhooks are those that were heard.
func (s *shop) webhooks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.heard...)
}

func (s *shop) pay(ctx context.Context, minor int64, change func(*sdk.PaymentRequest)) (sdk.PaymentRequest, sdk.Result, error) {
	req := request(func(r *sdk.PaymentRequest) {
		r.Amount, r.NotifyURL = money.Of(minor, money.EUR), s.notify
		if change != nil {
			change(r)
		}
	})
	result, err := s.account.CreatePayment(ctx, req)
	return req, result, err
}

func (s *shop) payOut(t *testing.T, minor int64) (sdk.Attempt, sdk.Result) {
	t.Helper()
	req := payout(func(r *sdk.PayoutRequest) { r.Amount, r.NotifyURL = money.Of(minor, money.EUR), s.notify })
	result, err := s.account.CreatePayout(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return req.Attempt, result
}

// ask asks with the evidence that was heard, as the engine does.
func (s *shop) ask(t *testing.T, attempt sdk.Attempt) sdk.Result {
	t.Helper()
	s.mu.Lock()
	attempt.Evidence = s.evidence
	s.mu.Unlock()
	return s.askBlind(t, attempt)
}

// askBlind asks without evidence.
func (s *shop) askBlind(t *testing.T, attempt sdk.Attempt) sdk.Result {
	t.Helper()
	result, err := s.account.QueryStatus(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (s *shop) row(t *testing.T) sandbox.Transaction {
	t.Helper()
	row, ok := s.Transaction(testRef)
	if !ok {
		t.Fatal("nothing was created")
	}
	return row
}
