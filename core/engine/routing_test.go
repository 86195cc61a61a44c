package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/core/routing/backtest"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/storetest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// TestEverybodyGivesTheSameAnswer draws rules and transactions: what routing decides
// live, what it explains, what is evaluated over HTTP and what a replay picks are one.
func TestEverybodyGivesTheSameAnswer(t *testing.T) {
	stored := coretest.MustOpenStore(t)
	picked, nobody := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		text := drawRules(rt)
		e := withRules(t, stored, text)
		defer closeEngine(t, e)
		standings := map[string]core.Standing{}
		for _, s := range e.Providers(t.Context(), operator) {
			standings[s.Account] = s
		}
		rules := mustRules(t, text, standings)
		for range 5 {
			tx := drawTransaction(rt)
			sample := tx.Sample()
			live := rules.Decide(sample, routing.In(standings))
			explained := rules.Explain(sample, routing.In(standings))
			explained.Rules = nil
			if diff := cmp.Diff(live, explained, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("explained otherwise than decided (-decided +explained):\n%s\n%s", diff, text)
			}
			if diff := cmp.Diff(accountsOf(live), evaluated(t, e, tx)); diff != "" {
				rt.Fatalf("evaluated otherwise than decided (-decided +evaluated):\n%s\n%s", diff, text)
			}
			want := ""
			if len(live.Candidates) > 0 {
				want = live.Candidates[0].Account
				picked++
			} else {
				nobody++
			}
			if got := replayed(t, rules, tx); got != want {
				rt.Fatalf("decided %q, replayed %q\n%s", want, got, text)
			}
		}
	})
	if picked == 0 || nobody == 0 {
		t.Errorf("%d picked and %d not: the draws show nothing", picked, nobody)
	}
}

func deskNames() []string { return []string{"one", "two", "three"} }

func withRules(t *testing.T, s store.Store, text string) *engine.Engine {
	t.Helper()
	providers := map[string]engine.Provider{}
	for _, name := range deskNames() {
		providers[name] = engine.Provider{Plugin: &desk{name: name}}
	}
	e, err := engine.New(t.Context(), engine.Options{
		Config: coretest.MustConfig(t, t.TempDir()), Store: s, Rules: []byte(text), Providers: providers,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return e
}

func closeEngine(t *testing.T, e *engine.Engine) {
	t.Helper()
	if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

func mustRules(t testing.TB, text string, standings map[string]core.Standing) *routing.Rules {
	t.Helper()
	file, found := routing.Parse("rules", []byte(text))
	rules, more := routing.Compile(file, standings)
	if rules == nil {
		t.Fatal(append(found, more...))
	}
	return rules
}

func accountsOf(c core.Choice) []string {
	names := []string{c.Rule}
	for _, one := range c.Candidates {
		names = append(names, one.Account)
	}
	return names
}

// evaluated asks over HTTP and returns the rule and the candidates.
func evaluated(t *testing.T, e *engine.Engine, tx core.Transaction) []string {
	t.Helper()
	asked := api.Evaluate{
		Kind: string(tx.Kind), ID: tx.ID, At: tx.CreatedAt.Format(time.RFC3339Nano), Merchant: tx.Merchant,
		Amount: tx.Amount.Decimal(), Currency: tx.Amount.Currency().String(), Country: tx.Country, Method: tx.Method,
		Network: tx.Network, Provider: tx.Provider, Customer: api.PaymentCustomer{ID: tx.Customer.ID}, Metadata: tx.Metadata,
	}
	var told api.Evaluation
	if status := post(t, e, "/v1/routing/evaluate", asked, &told); status != http.StatusOK {
		t.Fatalf("status %d for %+v", status, asked)
	}
	names := []string{told.Rule}
	for _, one := range told.Candidates {
		names = append(names, one.Provider)
	}
	return names
}

func post(t *testing.T, e *engine.Engine, path string, body, into any) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, bytes.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code
}

// replayed returns the account that a replay picks: the one it leaves for another that takes all.
func replayed(t *testing.T, rules *routing.Rules, tx core.Transaction) string {
	t.Helper()
	standings := map[string]core.Standing{"sink": {Account: "sink", Enabled: true}}
	for _, name := range deskNames() {
		standings[name] = core.Standing{Account: name, Enabled: true}
	}
	report, err := backtest.Run(t.Context(), only{core.PastOf(tx)}, backtest.Question{
		Before: rules, After: mustRules(t, "version: 1\ndefault: { order: [sink] }\n", standings), Accounts: standings, Measured: account.Measured,
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Unchanged == 1 {
		return tx.Provider // Whoever asks for one account gets it by all rules.
	}
	if len(report.Moves) == 0 {
		return ""
	}
	return report.Moves[0].From
}

// only is a history of one transaction.
type only struct{ past core.Past }

func (o only) Scan(_ context.Context, _, _ time.Time, use func([]core.Past) error) error {
	return use([]core.Past{o.past})
}

// drawRules writes rules in every part of the language, the most special ones first,
// so that few of them are shadowed; those that are, are drawn again.
func drawRules(t *rapid.T) string {
	return rapid.Custom(func(t *rapid.T) string {
		lines := []string{"version: 1", "rules:"}
		for i := range rapid.IntRange(1, 5).Draw(t, "rules") {
			match := drawMatch(t)
			lines = append(lines, fmt.Sprintf("  - { name: rule-%d, match: { %s }, use: %s }", i, strings.Join(match, ", "), drawUse(t)))
		}
		return strings.Join(append(lines, "default: "+drawUse(t), ""), "\n")
	}).Filter(func(text string) bool {
		file, found := routing.Parse("rules", []byte(text))
		rules, _ := routing.Compile(file, nil)
		return rules != nil && !core.Failed(found)
	}).Draw(t, "rules")
}

func drawMatch(t *rapid.T) []string {
	all := []string{
		"kind: payment", "kind: payout", "country: [CI, SN]", "country: TG", "currency: XOF", `currency: EUR, amount: { max: "50.00" }`,
		`currency: XOF, amount: { min: "1000", max: "20000" }`, "method: [card, any]", "network: [MTN, WAVE]", "merchant: shop",
		"customer: { id: [c-1, c-2] }", "metadata: { tier: [vip, gold] }", `hours: { tz: UTC, from: "08:00", to: "20:00" }`, "percent: 40",
	}
	chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 3, func(clause string) string {
		name, _, _ := strings.Cut(clause, ":")
		return name
	}).Draw(t, "match")
	return chosen
}

func drawUse(t *rapid.T) string {
	names := rapid.Permutation(deskNames()).Draw(t, "accounts")
	names = names[:rapid.IntRange(1, 3).Draw(t, "many")]
	list := strings.Join(names, ", ")
	switch rapid.IntRange(0, 4).Draw(t, "use") {
	case 0:
		return `{ deny: "not served" }`
	case 1:
		weights := make([]string, len(names))
		for i, name := range names {
			weights[i] = fmt.Sprintf("%s: %d", name, rapid.IntRange(1, 50).Draw(t, "weight"))
		}
		return "{ split: { " + strings.Join(weights, ", ") + " }, sticky: customer.id }"
	case 2:
		return "{ cheapest: [" + list + "] }"
	case 3:
		return "{ best: [" + list + "], window: 1h, explore: 30 }"
	default:
		return "{ order: [" + list + "] }"
	}
}

func drawTransaction(t *rapid.T) core.Transaction {
	words := func(name string, all ...string) string { return rapid.SampledFrom(all).Draw(t, name) }
	amounts := []money.Amount{money.Of(500, money.XOF), money.Of(5000, money.XOF), money.Of(4990, money.EUR), money.Of(90_000, money.EUR)}
	at := storetest.Start().Add(time.Duration(rapid.IntRange(0, 48*60).Draw(t, "minutes")) * time.Minute)
	tx := core.Transaction{
		Kind: sdk.KindPayment, Merchant: words("merchant", "shop", "market"), Amount: rapid.SampledFrom(amounts).Draw(t, "amount"),
		Country: words("country", "", "CI", "SN", "TG", "FR"), Method: words("method", "any", "card", "mobile_money"),
		Network: words("network", "", "MTN", "WAVE", "ORANGE"), Provider: words("provider", "", "", "", "", "two"),
		Customer: sdk.Customer{ID: words("customer", "", "c-1", "c-2", "c-3")}, CreatedAt: at,
	}
	if tier := words("tier", "", "vip", "gold", "none"); tier != "" {
		tx.Metadata = map[string]string{"tier": tier}
	}
	if rapid.Bool().Draw(t, "payout") {
		tx.Kind = sdk.KindPayout
	}
	tx.ID = storetest.ID(core.PrefixOf(tx.Kind), at, rapid.IntRange(1, 1_000_000).Draw(t, "number"))
	return tx
}

func TestAnEvaluationIsForOperatorsAndChangesNothing(t *testing.T) {
	s := coretest.MustOpenStore(t)
	e := withStore(t, s)
	sample := core.Sample{Kind: sdk.KindPayment, Amount: money.Of(5000, money.XOF)}
	if _, err := e.Evaluate(t.Context(), core.Caller{}, sample); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("a stranger: %v", err)
	}
	choice, err := e.Evaluate(t.Context(), operator, sample)
	if err != nil || choice.Rule != "default" || len(choice.Candidates) != 1 || len(choice.Rules) != 1 {
		t.Errorf("%+v, %v", choice, err)
	}
	if stats, err := s.Stats(t.Context()); err != nil || stats.Commits != 0 {
		t.Errorf("%d commits, %v: want none", stats.Commits, err)
	}
}

func TestABacktestReplaysWhatTheEngineStored(t *testing.T) {
	s := coretest.MustOpenStore(t)
	e := withStore(t, s)
	var c core.Commit
	for n := range 10 {
		payment := storetest.Payment(time.Now().Add(-time.Duration(n)*time.Minute), n)
		payment.Route.Candidates[0], payment.Attempts[0].Account = "one", "one"
		c.Transactions = append(c.Transactions, storetest.Create(storetest.Ended(payment, core.StateSucceeded, payment.CreatedAt)))
	}
	if err := s.Apply(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	deny := []byte("version: 1\nrules:\n  - { name: small, match: { currency: EUR }, use: { order: [one] } }\ndefault: { deny: closed }\n")
	if _, err := e.Backtest(t.Context(), core.Caller{}, deny, time.Hour); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("a stranger: %v", err)
	}
	report, err := e.Backtest(t.Context(), operator, deny, 5*time.Minute+30*time.Second)
	if err != nil || report.Transactions != 6 || report.Lost.Transactions != 6 || report.AsRecorded != 6 || len(report.Lost.Examples) != 6 {
		t.Errorf("%+v, %v", report, err)
	}
	same, err := e.Backtest(t.Context(), operator, coretest.Rules("one"), time.Hour)
	if err != nil || same.Unchanged != 10 {
		t.Errorf("%+v, %v", same, err)
	}
	var problem *core.Problem
	_, err = e.Backtest(t.Context(), operator, []byte("version: 1\ndefault: { order: [nobody] }\n"), time.Hour)
	if !errors.As(err, &problem) || problem.Code != "invalid_request" || len(problem.Fields) != 1 ||
		!strings.Contains(problem.Fields[0].Message, `line 2: default.order`) {
		t.Errorf("rules that name nobody: %v", err)
	}
}
