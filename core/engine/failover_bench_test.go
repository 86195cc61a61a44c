package engine_test

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// instant is a provider inside this process that answers every payment at once.
type instant struct{ answer sdk.Result }

func (p *instant) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "instant", Version: "1.0.0", Capabilities: p.Capabilities(),
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {QueryBy: sdk.QueryByOurRef}},
	}
}

func (p *instant) Open(sdk.Settings) (sdk.Provider, error) { return p, nil }

func (p *instant) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Operations: sdk.OperationsOf(p), Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (p *instant) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return p.answer, nil
}

// The accounts of the benchmark: payments from SN are refused once before they are taken.
const refusedOnce = `version: 1
rules:
  - { name: refused once, match: { country: SN }, use: { order: [refuses, takes] } }
default: { order: [takes] }
`

func benchEngine(b *testing.B) *engine.Engine {
	b.Helper()
	s, err := boltstore.Open(filepath.Join(b.TempDir(), "paymux.db"))
	if err != nil {
		b.Fatal(err)
	}
	refuses := &instant{sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonLimitExceeded}}
	takes := &instant{sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}}}
	e, err := engine.New(b.Context(), engine.Options{
		Config: coretest.MustConfig(b, b.TempDir()), Store: s, Rules: []byte(refusedOnce),
		Providers: map[string]engine.Provider{"refuses": {Plugin: refuses}, "takes": {Plugin: takes}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			b.Error(err)
		}
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return e
}

// BenchmarkFailover pays with one attempt and with a refusal before it, by turns,
// on a store in a file: what the failover adds is one commit and what the engine
// does besides. Every commit waits for the disk.
func BenchmarkFailover(b *testing.B) {
	e := benchEngine(b)
	var straight, refused []time.Duration
	pay := func(country string, attempts int) time.Duration {
		b.Helper()
		began := time.Now()
		answer, err := e.Pay(context.Background(), core.PaymentRequest{
			Caller: core.Caller{Actor: "key_1", Merchant: "shop"}, Amount: money.Of(5000, money.XOF), Country: country,
			IdempotencyKey: country + strconv.Itoa(len(straight)), Customer: sdk.Customer{ID: "c-7"},
		})
		took := time.Since(began)
		if err != nil || len(answer.Transaction.Attempts) != attempts {
			b.Fatalf("%s: %d attempts, %v", country, len(answer.Transaction.Attempts), err)
		}
		return took
	}
	for b.Loop() {
		one := pay("CI", 1)
		refused = append(refused, pay("SN", 2))
		straight = append(straight, one)
	}
	one, two := median(straight), median(refused)
	b.ReportMetric(micros(one), "µs/one-attempt")
	b.ReportMetric(micros(two), "µs/refused-once")
	b.ReportMetric(micros(two-one), "µs/added")
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
