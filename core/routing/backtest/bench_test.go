package backtest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/routing/backtest"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk/money"
)

// preloadVariable is how many transactions are replayed: 1000000 for the figure in the documentation.
const preloadVariable = "PAYMUX_BENCH_PRELOAD"

func preloadSize(b *testing.B) int {
	text := os.Getenv(preloadVariable)
	if text == "" {
		return 50_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", preloadVariable, err)
	}
	return n
}

// rulesMeasured go by success, fees and shares, which cost the most.
const rulesMeasured = `version: 1
rules:
  - { name: wave, match: { network: WAVE, metadata: { cart: a1 } }, when: 'amount >= money("1000 XOF")', use: { cheapest: [enovepay, cinetpay-ci] } }
  - { name: ivory-coast, match: { country: CI }, use: { best: [cinetpay-ci, enovepay], window: 1h, explore: 5 } }
  - { name: senegal, match: { country: SN }, use: { split: { enovepay: 70, cinetpay-sn: 30 }, sticky: customer.id } }
default: { best: [enovepay, cinetpay-ci, cinetpay-sn], window: 24h }
`

// BenchmarkBacktest replays a store of its own, as a copy is read offline, and
// prints how many transactions a second it decides over twice.
func BenchmarkBacktest(b *testing.B) {
	path := filepath.Join(b.TempDir(), "paymux.db")
	n := preloadSize(b)
	fill(b, path, n)
	history, err := boltstore.OpenReadOnly(path)
	if err != nil {
		b.Fatal(err)
	}
	defer history.Close()
	for name, after := range map[string]string{"orders": rulesAfter, "measured": rulesMeasured} {
		question := backtest.Question{
			Before: compile(b, rulesBefore), After: compile(b, after), Accounts: accounts(), Measured: account.Measured,
			To: storetest.Start().AddDate(1, 0, 0),
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				report, err := backtest.Run(context.Background(), history, question)
				if err != nil {
					b.Fatal(err)
				}
				if report.Transactions != uint64(n) || report.Moved == 0 {
					b.Fatalf("%d replayed, %d moved", report.Transactions, report.Moved)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "transactions/s")
		})
	}
}

// fill stores n ended payments of the last thirty days, two of five with a second attempt.
func fill(b *testing.B, path string, n int) {
	store, err := boltstore.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	const batch = 2000
	gap := 30 * 24 * time.Hour / time.Duration(n)
	for first := 0; first < n; first += batch {
		var c core.Commit
		for i := first; i < min(first+batch, n); i++ {
			c.Transactions = append(c.Transactions, storetest.Create(stored(i, storetest.Start().Add(time.Duration(i)*gap))))
		}
		if err := store.Apply(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

// stored is payment i of many: of all countries, networks and fates.
func stored(i int, at time.Time) core.Transaction {
	countries, networks := []string{"CI", "SN", "TG", "BJ"}, []string{"ORANGE", "MTN", "MOOV", "WAVE"}
	p := storetest.Payment(at, i+1)
	p.Reference = fmt.Sprintf("order-%010d", i)
	p.Amount = money.Of(int64(500+i%97*100), money.XOF)
	p.Country, p.Network = countries[i%4], networks[i/4%4]
	p.Customer.Country = p.Country
	if i%5 < 2 {
		p = storetest.Ended(p, core.StateFailed, at.Add(time.Second))
		p.EndedAt, p.State = time.Time{}, core.StateProcessing
		p = storetest.WithAttempt(p, "enovepay", at.Add(2*time.Second))
	}
	state := core.StateSucceeded
	if i%7 == 0 {
		state = core.StateFailed
	}
	return storetest.Ended(p, state, at.Add(3*time.Second))
}
