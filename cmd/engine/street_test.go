package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

// street is an engine with an account for every signal, and one that is well.
type street struct {
	*shop
	rows   map[string]hint
	names  []string
	houses map[string]*house
	second *house
	// failures are what went otherwise than the rows say.
	mu       sync.Mutex
	failures []string
}

func atTeller(name, url string) account {
	return account{
		name: name, plugin: "teller", settings: map[string]any{"base_url": url},
		more: []string{"limits: { concurrency: 256, timeout: 4s }"},
	}
}

// openStreet opens an engine for the rows. Settings are given to every first account besides.
func openStreet(t *testing.T, rows map[string]hint, settings map[string]any) *street {
	t.Helper()
	putSelf(t, tellerName)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(refuses.Close)
	s := &street{rows: rows, names: slices.Sorted(maps.Keys(rows)), houses: map[string]*house{}, second: newHouse(t)}
	accounts := []account{atTeller("second", s.second.URL)}
	var rules strings.Builder
	for i, name := range s.names {
		row := rows[name]
		h := newHouse(t)
		h.answer, h.barren, h.first = row.answer, row.barren || refused(row), row.first
		s.houses[name] = h
		url := h.URL
		if row.url != nil {
			url = row.url(t)
		}
		first := atTeller(fmt.Sprintf("first-%d", i), url).with(row.settings).with(settings).with(map[string]any{"clumsy": true})
		if row.more != nil {
			first.more = row.more
		}
		accounts = append(accounts, first)
		fmt.Fprintf(&rules, "  - { name: row-%d, match: { currency: XOF, amount: { min: \"%s\", max: \"%s\" } }, use: { order: [%s, second] } }\n", i, priceOf(i), priceOf(i), first.name)
	}
	s.shop = writeMarket(t, "version: 1\nrules:\n"+rules.String()+"default: { deny: \"no row\" }\n", accounts...)
	s.environ = []string{"HTTPS_PROXY=" + refuses.URL}
	s.open()
	return s
}

// priceOf is what an order of row i is for: the rules know the row by it.
func priceOf(i int) string { return fmt.Sprint(5000 + i) }

// refused reports whether the row's provider documents that nothing was created.
func refused(row hint) bool { return strings.Contains(row.want, "rejected") }

// walk plays every row at the same time, and returns how many went as they should.
func (s *street) walk() int {
	var walking sync.WaitGroup
	good := atomic.Int32{}
	for i, name := range s.names {
		walking.Go(func() {
			if err := s.row(i, name); err != nil {
				s.mu.Lock()
				s.failures = append(s.failures, name+": "+err.Error())
				s.mu.Unlock()
				return
			}
			good.Add(1)
		})
	}
	walking.Wait()
	slices.Sort(s.failures)
	return int(good.Load())
}

func (s *street) row(i int, name string) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), settledWithin)
	defer cancel()
	row := s.rows[name]
	if row.warm {
		if _, err := s.place(ctx, i, name, "warm "); err != nil {
			return err
		}
	}
	tx, err := s.place(ctx, i, name, "")
	if err != nil {
		return err
	}
	if diff := cmp.Diff(row.want, s.told(tx)); diff != "" {
		return fmt.Errorf("answered (-want +got):\n%s", diff)
	}
	end := row.want
	if row.end != "" {
		end = row.end
	}
	ref := tx.Attempts[0].Ref
	for _, status := range row.settle {
		s.houses[name].settle(ref, status)
		tx, err = s.follow(ctx, tx.ID, func(tx api.Transaction) bool { return tx.Attempts[0].ProviderStatus == status })
		if err != nil {
			return fmt.Errorf("until it is %s: %w, it is %s", status, err, s.told(tx))
		}
	}
	if tx.State == "unknown" && row.calls >= 0 { // Time enough to change its mind.
		tx, err = s.follow(ctx, tx.ID, func(api.Transaction) bool { return s.houses[name].entry(ref).asked >= 3 })
		if err != nil {
			return fmt.Errorf("until it was asked about: %w", err)
		}
	}
	if diff := cmp.Diff(end, s.told(tx)); diff != "" {
		return fmt.Errorf("in the end (-want +got):\n%s", diff)
	}
	return s.ledgers(name, tx)
}

// follow makes the engine ask the provider until done says so. That a plugin which
// crashed cannot be asked yet ends nothing.
func (s *street) follow(ctx context.Context, id string, done func(api.Transaction) bool) (api.Transaction, error) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		tx, err := s.client.Sync(ctx, id)
		if errors.Is(err, core.ErrProviderUnavailable) {
			tx, err = s.client.Transaction(ctx, id)
		}
		if err != nil || done(tx) {
			return tx, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return tx, ctx.Err()
		}
	}
}

func (s *street) place(ctx context.Context, i int, name, prefix string) (api.Transaction, error) {
	memo := s.rows[name].memo
	if s.rows[name].payout {
		answer, err := s.client.Payout(ctx, prefix+"key "+name, api.Payout{
			Reference: prefix + name, Amount: priceOf(i), Currency: "XOF", Country: "CI", Method: "mobile_money", Description: memo,
			Recipient: api.Recipient{Phone: "+2250505998877"},
		})
		return answer.Transaction, err
	}
	answer, err := s.client.Pay(ctx, prefix+"key "+name, api.Payment{
		Reference: prefix + name, Amount: priceOf(i), Currency: "XOF", Country: "CI", Method: "mobile_money", Description: memo,
	})
	return answer.Transaction, err
}

// told is told with the account of the row as "first".
func (s *street) told(tx api.Transaction) string {
	if len(tx.Attempts) == 0 {
		return told(tx)
	}
	return strings.ReplaceAll(told(tx), tx.Attempts[0].Provider, "first")
}

// ledgers checks who was asked to create it, how often, and with what.
func (s *street) ledgers(name string, tx api.Transaction) error {
	first, row := s.houses[name].entry(tx.Attempts[0].Ref), s.rows[name]
	want := row.calls
	if want == 0 {
		want = 1
	}
	if len(first.calls) != max(want, 0) {
		return fmt.Errorf("the first account was asked to create it %d times, want %d", len(first.calls), max(want, 0))
	}
	for _, call := range first.calls {
		if call.body != first.calls[0].body || call.key != tx.Attempts[0].Ref {
			return fmt.Errorf("asked again with another body or key: %q, then %q", first.calls[0], call)
		}
	}
	if row.warm && !s.reused(name, first.calls[0].peer) {
		return fmt.Errorf("the connection was not used before")
	}
	elsewhere := 0
	for _, a := range tx.Attempts[1:] {
		elsewhere += len(s.second.entry(a.Ref).calls)
	}
	if elsewhere != len(tx.Attempts)-1 || len(s.second.entry(tx.Attempts[0].Ref).calls) != 0 {
		return fmt.Errorf("the second account was asked %d times for %d attempts", elsewhere, len(tx.Attempts)-1)
	}
	return nil
}

func (s *street) reused(name, peer string) bool {
	h := s.houses[name]
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := 0
	for _, e := range h.entries {
		for _, call := range e.calls {
			if call.peer == peer {
				calls++
			}
		}
	}
	return calls > 1
}

// paidTwice counts the orders that more than one account has to charge.
func (s *street) paidTwice() int {
	list, err := s.client.Transactions(s.t.Context(), client.Filter{Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	twice := 0
	for _, tx := range list.Data {
		charged := 0
		for _, a := range tx.Attempts {
			for _, h := range append(slices.Collect(maps.Values(s.houses)), s.second) {
				if h.charged(a.Ref) {
					charged++
				}
			}
		}
		if charged > 1 {
			twice++
		}
	}
	return twice
}
