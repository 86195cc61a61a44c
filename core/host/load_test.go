package host_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// atLength reports whether as many rounds are wanted as it takes to be believed.
func atLength() bool { return os.Getenv("PAYMUX_CHAOS") == "1" }

// rounds returns how many rounds to make.
func rounds(short, long int) int {
	if atLength() {
		return long
	}
	return short
}

// booked are options in whose plugins every payment with the word "book" leaves a
// line in a ledger.
func booked(t *testing.T, o host.Options) (host.Options, string) {
	t.Helper()
	ledger := filepath.Join(t.TempDir(), "ledger")
	t.Setenv(ledgerVariable, ledger)
	seen(o, ledgerVariable)
	return o, ledger
}

// traffic is payments at one account, one after the other by a few shoppers.
type traffic struct {
	provider sdk.FullProvider
	prefix   string
	paying   sync.WaitGroup
	stop     chan struct{}
	count    atomic.Int64

	mu   sync.Mutex
	ends map[string]error // By reference; nil for an answer.
	took []time.Duration  // Of those that were answered, since the last cut.
}

func drive(h house, t *testing.T, account, prefix string) *traffic {
	t.Helper()
	all := &traffic{provider: h.provider(t, account), prefix: prefix, stop: make(chan struct{}), ends: map[string]error{}}
	for range 4 {
		all.paying.Go(all.pay)
	}
	return all
}

func (all *traffic) pay() {
	for {
		select {
		case <-all.stop:
			return
		default:
		}
		ref := fmt.Sprintf("%s-%d", all.prefix, all.count.Add(1))
		began := time.Now()
		_, err := all.provider.CreatePayment(context.Background(), sdk.PaymentRequest{Attempt: sdk.Attempt{Ref: ref}, Description: "book"})
		all.ended(ref, time.Since(began), err)
		if err != nil {
			time.Sleep(time.Millisecond) // What is not sent takes no time at all.
		}
	}
}

func (all *traffic) ended(ref string, took time.Duration, err error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.ends[ref] = err
	if err == nil {
		all.took = append(all.took, took)
	}
}

// goesOn waits until some more payments were answered.
func (all *traffic) goesOn(t *testing.T) {
	t.Helper()
	const some = 20
	answered := func() int {
		all.mu.Lock()
		defer all.mu.Unlock()
		return len(all.took)
	}
	before := answered()
	eventually(t, "payments are answered", func() bool { return answered() >= before+some })
}

// end waits for the last payment.
func (all *traffic) end() {
	close(all.stop)
	all.paying.Wait()
}

// cut returns how long the answers took since the last cut.
func (all *traffic) cut() []time.Duration {
	all.mu.Lock()
	defer all.mu.Unlock()
	took := all.took
	all.took = nil
	return took
}

func quantile(took []time.Duration, percent int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	took = slices.Sorted(slices.Values(took))
	return took[min(len(took)*percent/100, len(took)-1)]
}

// audit compares how payments ended with the ledger.
type audit struct {
	answered, unknown, notSent int
	// lost were answered and are not in the ledger, twice are there more than once,
	// and misreported are called not sent and are there.
	lost, twice, misreported int
	// wouldBe counts what would be misreported if a lost answer were taken for not sent.
	wouldBe int
}

func (all *traffic) audit(t *testing.T, ledger string) audit {
	t.Helper()
	text, err := os.ReadFile(ledger)
	check(t, err)
	times := map[string]int{}
	for ref := range strings.Lines(string(text)) {
		times[strings.TrimSpace(ref)]++
	}
	var found audit
	for ref, err := range all.ends {
		if times[ref] > 1 {
			found.twice++
		}
		there := times[ref] > 0
		switch {
		case err == nil:
			found.answered++
			found.lost += count(!there)
		case sdk.CreateOutcome(err) == sdk.OutcomeUnknown:
			found.unknown++
			found.wouldBe += count(there)
		default:
			found.notSent++
			found.misreported += count(there)
		}
	}
	return found
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
