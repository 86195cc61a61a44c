package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// upgradesFew are the upgrades of a usual run, upgradesAll those of the catalogue.
const upgradesFew, upgradesAll = 4, 20

// answerAfter is how long the provider takes, so that calls are always under way.
const answerAfter = 50 * time.Millisecond

// shoppers pay at a shop, one payment after the other each, until they are told to stop.
type shoppers struct {
	shop   *shop
	stop   chan struct{}
	paying sync.WaitGroup

	mu     sync.Mutex
	paid   []api.Transaction
	faults []error
}

func (s *shop) letPay(people int) *shoppers {
	all := &shoppers{shop: s, stop: make(chan struct{})}
	for person := range people {
		all.paying.Go(func() { all.pay(person) })
	}
	return all
}

func (all *shoppers) pay(person int) {
	for n := 0; ; n++ {
		select {
		case <-all.stop:
			return
		default:
		}
		reference := fmt.Sprintf("person-%d-%d", person, n)
		answer, err := all.shop.client.Pay(all.shop.t.Context(), "key-"+reference, order(reference))
		all.mu.Lock()
		if err != nil {
			all.faults = append(all.faults, err)
		} else {
			all.paid = append(all.paid, answer.Transaction)
		}
		all.mu.Unlock()
	}
}

func (all *shoppers) end() {
	close(all.stop)
	all.paying.Wait()
}

// release copies the plugin to a build that has another checksum and does the same.
func (s *shop) release(name string) {
	s.t.Helper()
	binary, err := os.ReadFile(s.setup.Programs.CinetPay)
	if err != nil {
		s.t.Fatal(err)
	}
	s.setup.Plugin = filepath.Join(s.setup.Dir, name, "cinetpay")
	if err := os.Mkdir(filepath.Dir(s.setup.Plugin), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.setup.Plugin, append(binary, name...), 0o700); err != nil { //nolint:gosec // It is executed.
		s.t.Fatal(err)
	}
	s.write()
}

// The plugin that a provider is reached through is upgraded again and again while
// customers pay. None of them notices, and the provider has each payment once.
func TestAnUpgradeOfTheBinaryIsNotNoticed(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	inject(t, s.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: answerAfter.Milliseconds(), Times: 1_000_000})
	upgrades := upgradesFew
	if os.Getenv("PAYMUX_CHAOS") != "" {
		upgrades = upgradesAll
	}
	customers := s.letPay(8)
	var slowest time.Duration
	for n := range upgrades {
		s.release(fmt.Sprint("release-", n+2))
		began := time.Now()
		if reloaded, err := s.client.Reload(t.Context(), "an upgrade"); err != nil || reloaded.Generation.Number != uint64(n+2) {
			t.Fatalf("upgrade %d is %+v, %v", n+1, reloaded.Generation, err)
		}
		slowest = max(slowest, time.Since(began))
	}
	customers.end()
	ledger := map[string]int{}
	for _, payment := range s.first.State().Payments {
		ledger[payment.Ref]++
	}
	unknown, lost := 0, 0
	for _, tx := range customers.paid {
		if len(tx.Attempts) != 1 || tx.State != "requires_action" {
			t.Errorf("%s is %s after %s", tx.ID, tx.State, attempts(tx))
			unknown++
			continue
		}
		if ledger[tx.Attempts[0].Ref] != 1 {
			lost++
		}
	}
	if len(customers.faults)+unknown+lost > 0 || len(customers.paid) == 0 {
		t.Errorf("of %d payments %d went otherwise, %d are not once at the provider; %v", len(customers.paid), unknown, lost, customers.faults)
	}
	t.Logf("chaos 18: %d upgrades of a real plugin's binary under load, %v at most from the order to the swap: %d payments, UNKNOWN or failed over %d, lost or twice %d",
		upgrades, slowest.Round(time.Millisecond), len(customers.paid), unknown, lost)
}
