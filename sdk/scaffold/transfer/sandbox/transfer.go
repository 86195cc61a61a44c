package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// transfer is a transfer as the API lists it.
type transfer struct {
	ID        string    `json:"id"`
	Customer  string    `json:"customer"`
	Amount    string    `json:"amount"`
	Currency  string    `json:"currency"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"created_at"`
}

// send is POST /_sandbox/pay: the customer with a phone sends money.
func (s *Server) send(_ string, sample sandboxkit.Sample) (any, error) {
	if sample.Phone == "" || sample.Amount == "" || sample.Currency == "" {
		return nil, sandboxkit.Refusal(http.StatusBadRequest, "give phone, amount and currency")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	sent := &transfer{
		ID: fmt.Sprintf("tr_%d", s.stage.Next()), Customer: customerOf(sample.Phone),
		Amount: sample.Amount, Currency: sample.Currency, Status: "underway", CreatedAt: s.stage.Now(),
	}
	s.transfers = append(s.transfers, sent)
	s.stage.After(receivedAfter, func() {
		if sent.Status = "received"; strings.HasSuffix(sent.Amount, "13") {
			sent.Status = "failed"
		}
	})
	return *sent, nil
}

// list answers a page of the range, oldest first.
func (s *Server) list(r *http.Request) sandboxkit.Answer {
	query := r.URL.Query()
	from, badFrom := time.Parse(time.RFC3339Nano, query.Get("from"))
	to, badTo := time.Parse(time.RFC3339Nano, query.Get("to"))
	limit, badLimit := strconv.Atoi(query.Get("limit"))
	if badFrom != nil || badTo != nil || badLimit != nil || limit < 1 {
		return problem(http.StatusUnprocessableEntity, "range")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	page := struct {
		Transfers []transfer `json:"transfers"`
		Next      string     `json:"next,omitempty"`
	}{Transfers: []transfer{}}
	first, _ := strconv.Atoi(query.Get("cursor")) // None is the first page.
	for i := max(first, 0); i < len(s.transfers); i++ {
		t := *s.transfers[i]
		if t.CreatedAt.Before(from) || t.CreatedAt.After(to) {
			continue
		}
		if len(page.Transfers) == limit {
			page.Next = strconv.Itoa(i)
			break
		}
		page.Transfers = append(page.Transfers, t)
	}
	return sandboxkit.JSON(http.StatusOK, page)
}

// script is what a conformance run orders, and what fails.
func script() sandboxkit.Script {
	of := func(amount, currency string) sandboxkit.Sample {
		return sandboxkit.Sample{Amount: amount, Currency: currency, Country: "CI", Phone: "+2250707123456"}
	}
	failed := of("10.13", "EUR")
	return sandboxkit.Script{SettleMS: receivedAfter.Milliseconds(), Plays: map[string]sandboxkit.Play{
		"payment": {Orders: []sandboxkit.Sample{of("4.35", "EUR"), of("1000", "XOF"), of("1.234", "KWD")}, Declined: &failed},
	}}
}

// charges are none: an order creates nothing here.
func charges() []sandboxkit.Charge { return nil }

// state is the ledger, at GET /_sandbox/state.
func (s *Server) state() any {
	s.stage.Lock()
	defer s.stage.Unlock()
	transfers := []transfer{}
	for _, t := range s.transfers {
		transfers = append(transfers, *t)
	}
	return map[string]any{"transfers": transfers}
}
