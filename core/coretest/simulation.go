package coretest

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/sdk"
)

// rest is how long a simulation goes on after it began: the last payment comes
// within two days of its order, and every watch ends two days later.
const rest = 5 * 24 * time.Hour

// Simulation is an engine with its merchants and providers in a bubble of
// virtual time, where everything goes wrong that can. The seed says what.
type Simulation struct {
	Seed uint64
	// Orders is how many orders there are; zero leaves it to the seed: 5 to 9.
	Orders int
	// PaymentsOnly leaves out payouts, refunds, reversals and transfers.
	PaymentsOnly bool
	// Only names what is asked for, as Report.Asked does; nil for everything. What
	// is left out changes nothing about what happens to the rest.
	Only []string
	// Store and Plugin stand between the engine and what it works with; nil for
	// nothing. Both are called once in the life of a process.
	Store  func(store.Store) store.Store
	Plugin func(sdk.Plugin) sdk.Plugin
	// Prepare is called with each provider before the engine starts; nil for nothing.
	Prepare func(*Provider)
}

// Report is what a simulation came to.
type Report struct {
	Seed       uint64
	Violations []Violation
	// Asked names what was asked for: "order 3", "payout 1", "deposit 2".
	Asked []string
	// Answers counts what merchants were told, Transactions and Attempts what was
	// stored, Paid what providers took, Crashes how often the process died, and
	// Faults what went wrong, crashes and all.
	Answers, Transactions, Attempts, Paid, Crashes, Faults int
	// WentOnLate counts the attempts that another one followed after a late no.
	WentOnLate int
	// States counts the transactions by their state in the end.
	States map[core.State]int
	// Story is what happened, for a person to read: every transaction with its
	// history and what the providers have of it.
	Story string
}

// Run runs the simulation and returns what came of it. It fails t only where the
// simulation itself cannot go on.
func (s Simulation) Run(t *testing.T) Report {
	t.Helper()
	report := Report{Seed: s.Seed}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := s.world(t, dir)
		w.start()
		w.trade()
		time.Sleep(time.Until(w.began.Add(rest)))
		w.end()
		s.conclude(t, w, &report)
	})
	return report
}

// world builds what the simulation is made of.
func (s Simulation) world(t *testing.T, dir string) *world {
	w := &world{
		t: t, simulation: s, path: filepath.Join(dir, "paymux.db"), began: time.Now(),
		config: MustConfig(t, dir), rand: rand.New(rand.NewPCG(s.Seed, 1)),
	}
	fates := fates{seed: s.Seed, lasting: s.PaymentsOnly}
	w.late = fates.draw("a no is final").oneIn(2)
	for i := range 2 + w.rand.IntN(2) {
		p := NewProvider([]string{"alpha", "beta", "gamma"}[i])
		p.Script, p.Deliver = fates.script(p.Name), w.notify
		p.Facts.NotifiesByProviderRef = p.Name == "beta" && w.rand.IntN(2) == 0
		p.Facts.PaidByLink = w.rand.IntN(3) == 0
		p.CannotCancel = w.rand.IntN(2) == 0
		p.Facts.DeclinedIsFinal = w.late
		if s.Prepare != nil {
			s.Prepare(p)
		}
		w.providers = append(w.providers, p)
		w.limits = append(w.limits, limits(w.rand))
	}
	orders := s.Orders
	if orders == 0 {
		orders = 5 + w.rand.IntN(5)
	}
	for i := range orders {
		w.orders = append(w.orders, newOrder(w, i+1))
	}
	if !s.PaymentsOnly {
		besides(w, fates.draw("more"))
		transfers(w, fates.draw("transfers"))
	}
	if s.Only != nil {
		w.keep(s.Only)
	}
	return w
}

// besides draws what is asked for besides payments.
func besides(w *world, draw *fate) {
	for _, o := range w.orders {
		o.refunds = drawRefunds(draw)
	}
	for i := range draw.IntN(5) {
		w.payouts = append(w.payouts, newPayout(w, draw, i+1))
	}
	if draw.oneIn(3) {
		w.config.Payouts.Approval.Default = config.ApprovalAlways
	}
	for _, p := range w.providers {
		p.Facts.Reversals = draw.oneIn(2)
	}
}

// transfers draws a bank, in some worlds, and the orders that are paid there.
func transfers(w *world, draw *fate) {
	if !draw.oneIn(3) {
		return
	}
	w.bank = NewBank("bank")
	w.bank.Trouble = troubles(&fate{Rand: rand.New(rand.NewPCG(draw.Uint64(), 1))})
	for i := range 2 + draw.IntN(7) {
		w.deposits = append(w.deposits, newDeposit(w, draw, i+1))
	}
}

// limits draws what an account takes: mostly more than ever comes.
func limits(draw *rand.Rand) config.Limits {
	switch draw.IntN(6) {
	case 0:
		return config.Limits{Concurrency: 1 + draw.IntN(3)}
	case 1:
		return config.Limits{Rate: config.Rate{Calls: 2 + draw.IntN(20), Per: time.Minute}}
	default:
		return config.Limits{}
	}
}

// conclude audits what is in the file.
func (s Simulation) conclude(t *testing.T, w *world, report *Report) {
	opened, err := boltstore.Open(w.path)
	if err != nil {
		t.Fatalf("seed %d: the store cannot be opened any more: %v", s.Seed, err)
	}
	defer opened.Close()
	audit := Audit{Store: opened, Providers: w.providers, Answers: w.answers, Decisions: w.decisions, Bank: w.bank}
	violations, err := audit.Violations(context.Background())
	if err != nil {
		t.Fatalf("seed %d: %v", s.Seed, err)
	}
	report.Violations = append(w.violations, violations...)
	page, err := opened.Transactions(context.Background(), core.Filter{Limit: store.PageMax})
	if err != nil {
		t.Fatalf("seed %d: %v", s.Seed, err)
	}
	report.Answers, report.Crashes, report.States = len(w.answers), w.lives-1, map[core.State]int{}
	report.Asked, report.Faults = w.asked(), w.faults()+report.Crashes
	for _, tx := range page.Items {
		report.Transactions++
		report.Attempts += len(tx.Attempts)
		report.WentOnLate += wentOnLate(tx)
		report.States[tx.State]++
	}
	for _, p := range w.providers {
		for _, entry := range p.Entries() {
			report.Paid += entry.Charges
		}
	}
	if len(report.Violations) > 0 {
		report.Story = story(opened, page.Items, w.providers, w.bank)
	}
}

// wentOnLate counts the attempts of a payout that were declined after the answer of
// their create call, or without one, and after which another one began.
func wentOnLate(tx core.Transaction) int {
	late := 0
	for i, a := range tx.Attempts {
		if tx.Kind == sdk.KindPayout && i+1 < len(tx.Attempts) && a.State == core.AttemptDeclined && !a.AnsweredAt.Equal(a.EndedAt) {
			late++
		}
	}
	return late
}
