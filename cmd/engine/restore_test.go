package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// disaster is a market whose store is lost after a backup.
type disaster struct {
	*shop
	first  *enovepay.Server
	second *numipay.Server
	backup string
	// underWay was at its provider when the backup was made, held was not sent yet.
	underWay, held api.Transaction
}

// newDisaster makes the backup through the running engine and lets both payouts
// be paid after it: the held one by the second account, because the first refused.
func newDisaster(t *testing.T) *disaster {
	t.Helper()
	d := &disaster{first: started(t, enovepay.New(enovepay.Options{})), second: started(t, numipay.New(numipay.Options{}))}
	d.shop = writeMarket(t, nairaRules, atEnovePay("first", d.first), atNumipay("second", d.second))
	config := string(mustRead(t, d.setup.Config()))
	d.keep(d.setup.Config(), config+"payouts: { approval: { default: never, above: { NGN: \"8000\" } } }\n")
	d.open()
	d.backup = filepath.Join(d.setup.Dir, "monday.db")
	d.underWay, d.held = d.payOut("under way", nairaPayout("5000.00", "134")), d.payOut("held", nairaPayout("9000.00", "000"))
	if code, text := d.command("store", "backup", d.backup); code != 0 {
		t.Fatalf("backup: %d %s", code, text)
	}
	d.first.Advance(45 * time.Second)
	d.await(d.underWay.ID, "succeeded")
	if err := d.first.Inject(enovepay.Fault{Op: enovepay.OpPayout, Kind: sandboxkit.FaultStatus, Status: 403}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.client.Approve(t.Context(), d.held.ID, "checked"); err != nil {
		t.Fatal(err)
	}
	if tx := d.await(d.held.ID, "succeeded"); attempts(tx) != "first rejected, second succeeded" {
		t.Fatalf("the held payout: %s", attempts(tx))
	}
	if _, code := d.terminate(); code != 0 {
		t.Fatalf("it ended with code %d", code)
	}
	return d
}

func (d *disaster) payOut(name string, order api.Payout) api.Transaction {
	d.t.Helper()
	order.Reference = name
	answer, err := d.client.Payout(d.t.Context(), "key "+name, order)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer.Transaction
}

// paidOut counts the payouts that were paid, by amount, at both providers.
func (d *disaster) paidOut() map[string]int {
	counts := map[string]int{}
	for _, row := range ledgerOfEnovePay(d.first.State()).alongside(ledgerOfNumipay(d.second.State())).lines {
		if row.paid {
			counts[row.amount] += row.created
		}
	}
	return counts
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNothingIsPaidOutTwiceAfterARestore(t *testing.T) {
	t.Parallel()
	d := newDisaster(t)
	code, text := d.command("store", "restore", "--force", d.backup, d.setup.Store())
	if code != 0 {
		t.Fatalf("restore: %d %s", code, text)
	}
	d.open()
	for _, tx := range []api.Transaction{d.underWay, d.held} {
		if tx = d.await(tx.ID, "review"); tx.Reason == nil || tx.Reason.Code != "restored" {
			t.Errorf("%s is in review for %+v", tx.Reference, tx.Reason)
		}
		if _, err := d.client.Approve(t.Context(), tx.ID, "once more"); !errors.Is(err, core.ErrNotSupported) {
			t.Errorf("approve %s: %v, want not_supported", tx.Reference, err)
		}
	}
	d.until("the provider was asked what became of it", func(ctx context.Context) (bool, error) {
		tx, err := d.client.Transaction(ctx, d.underWay.ID)
		return err == nil && attempts(tx) == "first succeeded" && tx.State == "review", err
	})
	if again := d.payOut("held", nairaPayout("9000.00", "000")); again.ID != d.held.ID {
		t.Errorf("the same key made %s beside %s", again.ID, d.held.ID)
	}
	for _, tx := range []api.Transaction{d.underWay, d.held} {
		settle := api.Resolve{State: "succeeded", Reason: "it is in the portal"}
		if after, err := d.client.Resolve(t.Context(), tx.ID, settle); err != nil || after.State != "succeeded" {
			t.Errorf("resolve %s: %s, %v", tx.Reference, after.State, err)
		}
	}
	twice := d.paidOut()
	if diff := cmp.Diff(map[string]int{"5000.00": 1, "9000.00": 1}, twice); diff != "" {
		t.Errorf("paid out (-want +got):\n%s", diff)
	}
	control := withoutRestore(t)
	t.Logf("chaos 7: of 2 payouts that were paid after the backup 0 were paid again after store restore, both were in review; "+
		"control, the copied backup: %d paid again", control)
	if control == 0 {
		t.Error("the control paid nothing twice: the test shows nothing")
	}
}

// withoutRestore is the control: the backup is copied to the store's place, and
// the held payout, which looks as if nobody had approved it, is approved again. It
// returns how many payouts were paid twice.
func withoutRestore(t *testing.T) int {
	t.Helper()
	d := newDisaster(t)
	d.keep(d.setup.Store(), string(mustRead(t, d.backup)))
	d.open()
	d.await(d.held.ID, "awaiting_approval")
	if _, err := d.client.Approve(t.Context(), d.held.ID, "once more"); err != nil {
		t.Fatal(err)
	}
	d.await(d.held.ID, "succeeded")
	twice := 0
	for _, n := range d.paidOut() {
		if n > 1 {
			twice++
		}
	}
	return twice
}
