package routing

import (
	"errors"
	"strings"
	"testing"

	"github.com/expr-lang/expr"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// raw compiles without the grammar, to show what holds if something gets through.
func raw(t *testing.T, source string, more ...expr.Option) *expression {
	t.Helper()
	program, err := expr.Compile(source, append([]expr.Option{expr.Env(variables{})}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return &expression{program: program}
}

func TestWhatGetsThroughTheGrammarStillBreaksNothing(t *testing.T) {
	t.Parallel()
	boom := expr.Function("boom", func(...any) (any, error) { panic("boom") }, new(func() bool))
	for name, test := range map[string]struct {
		expression *expression
		want       string
	}{
		"too much memory": {raw(t, "len(1..100000) > 0"), "memory budget exceeded"},
		"a panic":         {raw(t, "boom()", boom), "boom"},
		"no truth":        {raw(t, "country"), "the expression gave string"},
		"no program":      {&expression{}, "the expression broke"},
	} {
		held, err := test.expression.holds(variables{})
		if held || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: held %v, err %v, want %q", name, held, err, test.want)
		}
	}
}

func TestBuiltInFunctionsAreOffBehindTheGrammarToo(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"now().Year() > 1", "len(country) > 1", `env["HOME"] == ""`, `amount >= 1000`, `"amount>="(amount, amount)`} {
		if _, err := expr.Compile(source, options()...); err == nil {
			t.Errorf("%s compiles", source)
		}
	}
}

func TestAnAbsentAmountIsNoErrorOfTheRule(t *testing.T) {
	t.Parallel()
	w, faults := compile(`amount >= money("1000 XOF")`)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, amount := range []money.Amount{{}, money.Zero(money.XOF), money.Zero(money.EUR)} {
		f := factsOf(&core.Sample{Amount: amount})
		if w.holds(&f) || f.untold {
			t.Errorf("%v: held or an error", amount)
		}
		if _, err := w.condition.holds(variables{Amount: amount}); !errors.Is(err, errNoAmount) {
			t.Errorf("%v: %v", amount, err)
		}
	}
}

func BenchmarkCondition(b *testing.B) {
	w, _ := compile(`amount >= money("1000 XOF") && metadata["tier"] != "vip"`)
	sample := core.Sample{Amount: money.Of(1500, money.XOF), Metadata: map[string]string{"tier": "gold"}}
	f := factsOf(&sample)
	b.ReportAllocs()
	for b.Loop() {
		if !w.holds(&f) {
			b.Fatal("it is false")
		}
	}
}

// FuzzCondition compiles anything: it never panics, and what it accepts can be told
// or says why not.
func FuzzCondition(f *testing.F) {
	for _, source := range []string{`amount >= money("1000 XOF") && metadata["tier"] != "vip"`, `country in ["CI"] or not card`, "((", "a.b?.c", "{a: 1}", "1 | x()"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > sourceMax {
			return
		}
		w, faults := compile(source)
		if (w == nil) != (len(faults) > 0) {
			t.Fatalf("%q: faults %v", source, faults)
		}
		for _, fault := range faults {
			if fault.before < 0 || fault.before > len(source) {
				t.Fatalf("%q: fault at %d", source, fault.before)
			}
		}
		if w == nil {
			return
		}
		if _, err := w.condition.holds(variables{Amount: money.Of(5, money.XOF)}); err != nil && !errors.Is(err, money.ErrMismatch) {
			t.Fatalf("%q: %v", source, err)
		}
	})
}
