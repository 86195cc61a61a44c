package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// shop is a service of ours with an engine in it.
type shop struct {
	engine *engine.Engine
	// phones are those of our customers.
	phones map[string]string
}

// open starts the engine beside the shop. Where the configuration has no public_url,
// providers find us at this address.
func open(ctx context.Context, path, address string) (*shop, error) {
	overrides := map[string]string{}
	if os.Getenv("PAYMUX_SERVER__PUBLIC_URL") == "" {
		overrides["server.public_url"] = "http://" + address + "/pay"
	}
	cfg, found := config.Load(config.Options{Path: path, Environ: os.Environ(), Overrides: overrides})
	if cfg == nil {
		return nil, engine.DiagnosticsError(found)
	}
	book := newCredit(map[string]money.Amount{"c-7": money.Of(5000, money.XOF)})
	eng, err := engine.New(ctx, engine.Options{
		Config: cfg, Logger: hclog.New(&hclog.LoggerOptions{Name: "pay", Level: hclog.Warn}),
		Providers: map[string]engine.Provider{"store-credit": {Plugin: book}},
	})
	if err != nil {
		return nil, err
	}
	return &shop{engine: eng, phones: map[string]string{"c-7": "+2250707123456"}}, nil
}

// handler is the whole site: what we sell, and the engine below /pay.
func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /checkout", s.checkout)
	mux.Handle("/pay/", http.StripPrefix("/pay", s.engine.Handler()))
	return mux
}

// basket is what a customer wants to pay, and with what: credit or phone.
type basket struct{ Order, Customer, Amount, With string }

// receipt is what the shop answers.
type receipt struct {
	Payment string `json:"payment"`
	State   string `json:"state"`
	// Next is where the customer goes to pay, where there is somewhere to go.
	Next string `json:"next,omitempty"`
}

func (s *shop) checkout(w http.ResponseWriter, r *http.Request) {
	var wanted basket
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&wanted); err != nil {
		http.Error(w, "no basket", http.StatusBadRequest)
		return
	}
	tx, err := s.pay(r.Context(), wanted)
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	told := receipt{Payment: tx.ID, State: tx.State.String()}
	if next := tx.NextAction(); next != nil {
		told.Next = next.URL
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(told) // A browser that has gone reads no receipt.
}

// pay is the engine as a library. The same order again is answered again, and never
// paid twice: its number is the idempotency key.
func (s *shop) pay(ctx context.Context, b basket) (core.Transaction, error) {
	amount, err := money.ParsePositive(b.Amount, money.XOF)
	if err != nil {
		return core.Transaction{}, errors.Join(core.ErrInvalidRequest, err)
	}
	method := "mobile_money"
	if b.With == "credit" {
		method = "wallet"
	}
	answer, err := s.engine.Pay(ctx, core.PaymentRequest{
		IdempotencyKey: "order-" + b.Order, Reference: b.Order, Amount: amount, Country: "CI", Method: method,
		Customer: sdk.Customer{ID: b.Customer, Phone: s.phones[b.Customer]}, ReturnURL: "https://shop.example/orders",
	})
	return answer.Transaction, err
}

// statusOf tells our own mistakes from those of this moment.
func statusOf(err error) int {
	switch {
	case errors.Is(err, core.ErrInvalidRequest), errors.Is(err, core.ErrNoRoute):
		return http.StatusUnprocessableEntity
	case errors.Is(err, core.ErrIdempotencyKeyReused), errors.Is(err, core.ErrDuplicateReference):
		return http.StatusConflict
	default:
		return http.StatusServiceUnavailable
	}
}
