package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

func benchAccounts(b *testing.B) *account.Accounts {
	b.Helper()
	all, err := account.New(account.Options{Accounts: map[string]account.Account{
		name: {Inside: plugin{provider: &scripted{}}, Plugin: "paper", Enabled: true, Concurrency: 10_000},
	}})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

func BenchmarkAcquireAndRelease(b *testing.B) {
	all := benchAccounts(b)
	b.ReportAllocs()
	for b.Loop() {
		permit, err := all.Acquire(name)
		if err != nil {
			b.Fatal(err)
		}
		permit.Release()
	}
}

func BenchmarkAcquireAndReleaseBy64(b *testing.B) {
	all := benchAccounts(b)
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if permit, err := all.Acquire(name); err == nil {
				permit.Release()
			}
		}
	})
}

func BenchmarkStanding(b *testing.B) {
	all := benchAccounts(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := all.Standing(name); !ok {
			b.Fatal("absent")
		}
	}
}

func BenchmarkSuccess(b *testing.B) {
	for words, window := range map[string]time.Duration{"1h": time.Hour, "24h": 24 * time.Hour} {
		b.Run(words, func(b *testing.B) {
			all := benchAccounts(b)
			for minute := range 24 * 60 {
				all.Ended(name, sampleAt(noon.Add(time.Duration(minute)*time.Minute)), minute%7 != 0)
			}
			sample := sampleAt(noon.Add(24 * time.Hour))
			b.ReportAllocs()
			for b.Loop() {
				if all.Success(name, &sample, window) == (core.Tally{}) {
					b.Fatal("nothing is measured")
				}
			}
		})
	}
}

func BenchmarkEnded(b *testing.B) {
	all := benchAccounts(b)
	sample := sampleAt(noon)
	b.ReportAllocs()
	for b.Loop() {
		sample.At = sample.At.Add(time.Second)
		all.Ended(name, sample, true)
	}
}

// The cost of a call through the account, breaker and counters included, beside
// that of its goroutine.
func BenchmarkCall(b *testing.B) {
	all := benchAccounts(b)
	provider, _ := all.Provider(name)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := provider.CreatePayment(context.Background(), sdk.PaymentRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}
