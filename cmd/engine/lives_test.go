package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/store/boltstore"
)

const (
	// failpointVariable names the place at which an engine ends, failpointExit is its exit code then.
	failpointVariable, failpointExit = "PAYMUX_FAILPOINT", 137
	// agreeWithin bounds how long it may take until the books agree, with the time
	// of a lost call and some questions in it.
	agreeWithin = 40 * time.Second
	// dieWithin is how long the end of an engine is waited for when the books agree,
	// calmFor how long they must agree where no end is to come.
	dieWithin, calmFor = 4 * time.Second, 700 * time.Millisecond
	// hurryAfter is how long a slow engine is waited for.
	hurryAfter = 5 * time.Second
)

// stage is one operation of an engine with its shop, its providers and customers.
type stage struct {
	shop *shop
	// first is the place where a life before those that are looked at ends.
	first string
	// before is done in a life that is then killed, and between is what happens to
	// its transactions before the next one: time passes.
	before  func(*lives)
	between func(*core.Transaction)
	// play asks, and repeats what is not answered. meanwhile is what others do; it
	// is done again and again.
	play, meanwhile func(*lives)
	// books are what the providers have.
	books func(all []api.Transaction) ledgers
	// slow says that the engine waits for minutes before it repeats what may not have
	// arrived: it is killed and time passes.
	slow bool
	// want are the differences that are meant.
	want []string
	// waits says that the operation ends with customers who are waited for.
	waits bool
}

// lives are an engine that ends and is started again.
type lives struct {
	*shop
	stage *stage
	// armed are the places where the next lives end; after them one lives on.
	armed []string
	// passed are the places that were passed, as often as they were.
	passed []string
	deaths int
	// unheard says that the present life is not looked at, dying that it is to end.
	unheard, dying bool
	hurried        time.Time
	// acknowledged are the transactions that a client was told of, by key.
	acknowledged map[string]api.Transaction
}

// passing is what an engine with failpoints prints at each.
var passing = regexp.MustCompile(`(?m)^failpoint: (.*)$`)

// live plays the operation with engines that end at the armed places, the last of
// which is the one to look at, and returns what came of it.
func (g *stage) live(armed ...string) *lives {
	l := &lives{shop: g.shop, stage: g, acknowledged: map[string]api.Transaction{}}
	if g.before != nil {
		l.begin()
		g.before(l)
		if err := l.engine.Kill(); err != nil {
			l.t.Fatal(err)
		}
		l.passTime()
	}
	if g.first != "" {
		l.armed, l.unheard = append(l.armed, g.first), true
	}
	l.armed = append(l.armed, armed...)
	l.begin()
	g.play(l)
	return l
}

// begin starts an engine, and another one if it ends before it listens.
func (l *lives) begin() {
	l.t.Helper()
	for range 10 {
		point := ""
		if len(l.armed) > 0 {
			point, l.armed = l.armed[0], l.armed[1:]
		}
		l.dying = point != ""
		address := ""
		if l.engine != nil {
			address = l.engine.Address
		}
		engine, err := l.setup.StartAt(l.t.Context(), address, append(slices.Clone(l.environ), failpointVariable+"="+point)...)
		if err == nil {
			l.t.Cleanup(func() { stop(l.t, engine) })
			l.engine = engine
			l.connect()
			return
		}
		place, _, _ := strings.Cut(point, "#")
		if point == "" || !strings.Contains(err.Error(), "failpoint: "+place) {
			l.t.Fatal(err)
		}
		l.note(err.Error())
	}
	l.t.Fatal("no engine lives long enough to listen")
}

func (l *lives) connect() {
	l.t.Helper()
	if l.client != nil {
		l.client.Close()
	}
	var err error
	if l.client, err = l.engine.Client(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(l.client.Close)
}

// note keeps what a life that ended has passed.
func (l *lives) note(output string) {
	l.deaths++
	if !l.unheard {
		l.hear(output)
	}
	l.unheard = false
	for line := range strings.SplitSeq(output, "\n") {
		if strings.Contains(line, "panic") || strings.Contains(line, "illegal transition") {
			l.t.Errorf("the engine said: %s", line)
		}
	}
}

func (l *lives) hear(output string) {
	for _, match := range passing.FindAllStringSubmatch(output, -1) {
		l.passed = append(l.passed, match[1])
	}
}

// revive starts an engine if there is none.
func (l *lives) revive() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Millisecond)
	defer cancel()
	code, err := l.engine.Wait(ctx)
	if err != nil {
		return // It lives.
	}
	if code != failpointExit {
		l.t.Fatalf("the engine ended with code %d:\n%s", code, l.engine.Output())
	}
	l.note(l.engine.Output())
	if l.stage.slow {
		l.passTime()
	}
	l.begin()
}

// hurry lets time pass when nothing else is to happen before.
func (l *lives) hurry() {
	l.t.Helper()
	if !l.stage.slow || l.dying || time.Since(l.hurried) < hurryAfter {
		return
	}
	l.hurried = time.Now()
	if err := l.engine.Kill(); err != nil {
		l.t.Fatal(err)
	}
	l.hear(l.engine.Output())
	l.passTime()
	l.begin()
}

// passTime changes the transactions in the store of an engine that is dead.
func (l *lives) passTime() {
	l.t.Helper()
	opened, err := boltstore.Open(l.setup.Store())
	if err != nil {
		l.t.Fatal(err)
	}
	page, err := opened.Transactions(l.t.Context(), core.Filter{Limit: 100})
	for _, tx := range page.Items {
		was := tx.Version
		l.stage.between(&tx)
		err = errors.Join(err, opened.Apply(l.t.Context(), core.Commit{Transactions: []core.Change{{Transaction: tx, Was: was}}}))
	}
	if err := errors.Join(err, opened.Close()); err != nil {
		l.t.Fatal(err)
	}
}

// insist repeats a request until it is answered. A refusal that is one of those
// allowed is an answer too.
func (l *lives) insist(what string, ask func(context.Context) error, allowed ...error) {
	l.t.Helper()
	for deadline := time.Now().Add(waitMax); ; pause(20 * time.Millisecond) {
		l.revive()
		err := ask(l.t.Context())
		passing := errors.Is(err, core.ErrProviderUnavailable) || errors.Is(err, core.ErrIdempotencyInFlight)
		_, refused := errors.AsType[*client.Problem](err)
		switch {
		case err == nil, slices.ContainsFunc(allowed, func(fine error) bool { return errors.Is(err, fine) }):
			return
		case refused && !passing, time.Now().After(deadline):
			l.t.Fatalf("%s: %v", what, err)
		}
	}
}

// accepted insists on something that creates a transaction, under a key.
func (l *lives) accepted(key string, ask func(ctx context.Context, key string) (client.Answer, error)) api.Transaction {
	l.t.Helper()
	var answer client.Answer
	l.insist(key, func(ctx context.Context) (err error) {
		answer, err = ask(ctx, key)
		return err
	})
	l.acknowledged[key] = answer.Transaction
	return answer.Transaction
}

// paid insists on a payment.
func (l *lives) paid(payment api.Payment) api.Transaction {
	l.t.Helper()
	return l.accepted("pay", func(ctx context.Context, key string) (client.Answer, error) { return l.client.Pay(ctx, key, payment) })
}

// paidOut insists on a payout.
func (l *lives) paidOut(payout api.Payout) api.Transaction {
	l.t.Helper()
	return l.accepted("pay out", func(ctx context.Context, key string) (client.Answer, error) { return l.client.Payout(ctx, key, payout) })
}

// reaches waits until the transaction is in one of the states.
func (l *lives) reaches(id string, states ...string) {
	l.t.Helper()
	l.insist(id+" is "+states[0], func(ctx context.Context) error {
		tx, err := l.client.Transaction(ctx, id)
		if err == nil && !slices.Contains(states, tx.State) {
			err = fmt.Errorf("it is %s", tx.State)
		}
		return err
	})
}

// all are the engine's transactions.
func (l *lives) all(ctx context.Context) ([]api.Transaction, error) {
	var all []api.Transaction
	for filter := (client.Filter{Limit: 100}); ; {
		list, err := l.client.Transactions(ctx, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, list.Data...)
		if list.NextCursor == nil {
			return all, nil
		}
		filter.Cursor = *list.NextCursor
	}
}

// agree waits until the books agree and every armed life has ended, and returns
// in what they differ at last. A place that is not passed is not waited for long.
func (l *lives) agree(within time.Duration) []string {
	l.t.Helper()
	deadline, since := time.Now().Add(within), time.Time{}
	differences := []string{"nobody has looked"}
	l.hurried = time.Now()
	for ; time.Now().Before(deadline); pause(50 * time.Millisecond) {
		l.revive()
		if l.stage.meanwhile != nil {
			l.stage.meanwhile(l)
		}
		all, err := l.all(l.t.Context())
		if err != nil {
			continue // It has ended.
		}
		if differences = l.differences(all); len(differences) > 0 {
			since = time.Time{}
			l.hurry()
			continue
		}
		if since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) > l.patience() {
			break
		}
	}
	return differences
}

// patience is how long the books must agree before nobody waits any more.
func (l *lives) patience() time.Duration {
	if l.dying {
		return dieWithin
	}
	return calmFor
}

// differences are in what the engine, its clients and the providers differ, but
// for those that are meant.
func (l *lives) differences(all []api.Transaction) []string {
	books := l.stage.books(all)
	books.transactions = all
	found := books.differences()
	for _, wanted := range l.stage.want {
		i := slices.Index(found, wanted)
		if i < 0 {
			found = append(found, "not so: "+wanted)
			continue
		}
		found = slices.Delete(found, i, i+1)
	}
	for _, tx := range all {
		if !l.ended(tx) {
			found = append(found, tx.Reference+" is still "+tx.State)
		}
	}
	return append(found, l.lost(all)...)
}

func (l *lives) ended(tx api.Transaction) bool {
	ends := []string{"succeeded", "failed", "canceled", "expired", "unknown"}
	return slices.Contains(ends, tx.State) || l.stage.waits && tx.State == "requires_action"
}

// lost are the acknowledged transactions that are not there as they were told.
func (l *lives) lost(all []api.Transaction) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(l.acknowledged)) {
		told := l.acknowledged[key]
		same := func(tx api.Transaction) bool {
			return tx.ID == told.ID && tx.Kind == told.Kind && tx.Amount == told.Amount && tx.Currency == told.Currency && tx.Reference == told.Reference
		}
		if !slices.ContainsFunc(all, same) {
			found = append(found, key+" was acknowledged and is lost")
		}
	}
	return found
}

// end stops the engine and checks its store.
func (l *lives) end() {
	l.t.Helper()
	took, code := l.terminate()
	l.hear(l.engine.Output())
	if code != 0 || took > 20*time.Second {
		l.t.Errorf("it ended with code %d after %v", code, took)
	}
	if code, text := l.command("store", "check", l.setup.Store()); code != 0 {
		l.t.Errorf("the store is not whole:\n%s", text)
	}
}

// notify brings a notification of the bank.
func (l *lives) notify(account, ref string) {
	l.t.Helper()
	target := l.engine.URL + "/v1/webhooks/" + account + "?id=" + url.QueryEscape(bankRef(ref))
	l.insist("the notification", func(ctx context.Context) error { return post(ctx, target) })
}
