package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/sdk/money"
)

func TestAnAmountIsWrittenWithTheDecimalsOfItsCurrency(t *testing.T) {
	tests := map[string]struct {
		amount        money.Amount
		decimal, text string
	}{
		"nothing at all":           {money.Amount{}, "0", "0"},
		"no currency":              {money.Of(5, 0), "5", "5"},
		"a number of no currency":  {money.Of(5, 1), "5", "5 Currency(1)"},
		"no decimals":              {money.Of(5000, money.XOF), "5000", "5000 XOF"},
		"two decimals":             {money.Of(20000, money.EUR), "200.00", "200.00 EUR"},
		"two decimals, one digit":  {money.Of(5, money.EUR), "0.05", "0.05 EUR"},
		"two decimals, two digits": {money.Of(50, money.EUR), "0.50", "0.50 EUR"},
		"zero":                     {money.Zero(money.EUR), "0.00", "0.00 EUR"},
		"three decimals":           {money.Of(12, money.KWD), "0.012", "0.012 KWD"},
		"four decimals":            {money.Of(12, money.CLF), "0.0012", "0.0012 CLF"},
		"below zero":               {money.Of(-5, money.EUR), "-0.05", "-0.05 EUR"},
		"the largest":              {money.Of(math.MaxInt64, money.EUR), "92233720368547758.07", "92233720368547758.07 EUR"},
		"the smallest":             {money.Of(math.MinInt64, money.EUR), "-92233720368547758.08", "-92233720368547758.08 EUR"},
		"the smallest, no point":   {money.Of(math.MinInt64, money.XOF), "-9223372036854775808", "-9223372036854775808 XOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.decimal, test.amount.Decimal()); diff != "" {
				t.Errorf("Decimal (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.text, test.amount.String()); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCalculatingIsChecked(t *testing.T) {
	of := func(minor int64) money.Amount { return money.Of(minor, money.EUR) }
	tests := map[string]struct {
		calculate func() (money.Amount, error)
		want      money.Amount
		err       error
	}{
		"add":                              {func() (money.Amount, error) { return of(150).Add(of(50)) }, of(200), nil},
		"add what is below zero":           {func() (money.Amount, error) { return of(150).Add(of(-200)) }, of(-50), nil},
		"add up to the largest":            {func() (money.Amount, error) { return of(math.MaxInt64 - 1).Add(of(1)) }, of(math.MaxInt64), nil},
		"add one beyond the largest":       {func() (money.Amount, error) { return of(math.MaxInt64).Add(of(1)) }, money.Amount{}, money.ErrOverflow},
		"add down to the smallest":         {func() (money.Amount, error) { return of(math.MinInt64 + 1).Add(of(-1)) }, of(math.MinInt64), nil},
		"add one below the smallest":       {func() (money.Amount, error) { return of(math.MinInt64).Add(of(-1)) }, money.Amount{}, money.ErrOverflow},
		"add another currency":             {func() (money.Amount, error) { return of(1).Add(money.Of(1, money.USD)) }, money.Amount{}, money.ErrMismatch},
		"add nothing of another currency":  {func() (money.Amount, error) { return of(1).Add(money.Zero(money.USD)) }, money.Amount{}, money.ErrMismatch},
		"add no currency":                  {func() (money.Amount, error) { return of(1).Add(money.Amount{}) }, money.Amount{}, money.ErrMismatch},
		"subtract":                         {func() (money.Amount, error) { return of(150).Sub(of(50)) }, of(100), nil},
		"subtract more than there is":      {func() (money.Amount, error) { return of(50).Sub(of(150)) }, of(-100), nil},
		"subtract down to the smallest":    {func() (money.Amount, error) { return of(-1).Sub(of(math.MaxInt64)) }, of(math.MinInt64), nil},
		"subtract one below the smallest":  {func() (money.Amount, error) { return of(-2).Sub(of(math.MaxInt64)) }, money.Amount{}, money.ErrOverflow},
		"subtract the smallest":            {func() (money.Amount, error) { return of(-1).Sub(of(math.MinInt64)) }, of(math.MaxInt64), nil},
		"subtract the smallest from zero":  {func() (money.Amount, error) { return of(0).Sub(of(math.MinInt64)) }, money.Amount{}, money.ErrOverflow},
		"subtract another currency":        {func() (money.Amount, error) { return of(1).Sub(money.Of(1, money.USD)) }, money.Amount{}, money.ErrMismatch},
		"subtract the smallest from equal": {func() (money.Amount, error) { return of(math.MinInt64).Sub(of(math.MinInt64)) }, of(0), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.calculate()
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefusedCalculationNamesBothSides(t *testing.T) {
	euro, dollar := money.Of(150, money.EUR), money.Of(2, money.USD)
	largest := money.Of(math.MaxInt64, money.XOF)
	_, mismatch := euro.Add(dollar)
	_, comparing := euro.Compare(dollar)
	_, overflow := largest.Sub(money.Of(-1, money.XOF))
	_, step := euro.MultipleOf(money.Zero(money.EUR))
	tests := map[string]struct {
		err  error
		want string
	}{
		"mismatch":  {mismatch, "add 1.50 EUR and 0.02 USD: currencies differ: give both in one currency"},
		"comparing": {comparing, "compare 1.50 EUR and 0.02 USD: currencies differ: give both in one currency"},
		"overflow":  {overflow, "subtract 9223372036854775807 XOF and -1 XOF: amount out of range: split the amounts"},
		"step":      {step, "step 0.00 EUR: zero is not allowed: give a step above zero"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComparingNeedsOneCurrency(t *testing.T) {
	tests := map[string]struct {
		a, b money.Amount
		want int
		err  error
	}{
		"below":                         {money.Of(1, money.EUR), money.Of(2, money.EUR), -1, nil},
		"equal":                         {money.Of(2, money.EUR), money.Of(2, money.EUR), 0, nil},
		"above":                         {money.Of(3, money.EUR), money.Of(2, money.EUR), 1, nil},
		"the ends":                      {money.Of(math.MinInt64, money.EUR), money.Of(math.MaxInt64, money.EUR), -1, nil},
		"another currency":              {money.Of(2, money.EUR), money.Of(2, money.USD), 0, money.ErrMismatch},
		"nothing of another currency":   {money.Zero(money.EUR), money.Zero(money.USD), 0, money.ErrMismatch},
		"no currency on the right":      {money.Zero(money.EUR), money.Amount{}, 0, money.ErrMismatch},
		"no currency on the other side": {money.Amount{}, money.Zero(money.EUR), 0, money.ErrMismatch},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.a.Compare(test.b)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("Compare = %d, %v, want %d, %v", got, err, test.want, test.err)
			}
			if equal := test.a.Equal(test.b); equal != (test.want == 0 && test.err == nil) {
				t.Errorf("Equal = %v", equal)
			}
		})
	}
}

func TestTheSignOfAnAmount(t *testing.T) {
	for minor, want := range map[int64]struct{ zero, positive bool }{
		-1: {false, false}, 0: {true, false}, 1: {false, true},
		math.MinInt64: {false, false}, math.MaxInt64: {false, true},
	} {
		a := money.Of(minor, money.XOF)
		if a.IsZero() != want.zero || a.IsPositive() != want.positive {
			t.Errorf("%s: IsZero %v, IsPositive %v", a, a.IsZero(), a.IsPositive())
		}
	}
}

func TestMultipleOfAStep(t *testing.T) {
	xof := func(minor int64) money.Amount { return money.Of(minor, money.XOF) }
	tests := map[string]struct {
		amount, step money.Amount
		want         bool
		err          error
	}{
		"a multiple":              {xof(5000), xof(5), true, nil},
		"not a multiple":          {xof(5001), xof(5), false, nil},
		"the step itself":         {xof(5), xof(5), true, nil},
		"zero":                    {xof(0), xof(5), true, nil},
		"less than the step":      {xof(4), xof(5), false, nil},
		"below zero":              {xof(-10), xof(5), true, nil},
		"the smallest":            {xof(math.MinInt64), xof(2), true, nil},
		"step one":                {xof(math.MaxInt64), xof(1), true, nil},
		"a step of zero":          {xof(5), xof(0), false, money.ErrZero},
		"a step below zero":       {xof(5), xof(-5), false, money.ErrZero},
		"a step of minus one":     {xof(math.MinInt64), xof(-1), false, money.ErrZero},
		"a step of another money": {xof(5), money.Of(5, money.XAF), false, money.ErrMismatch},
		"no step":                 {xof(5), money.Amount{}, false, money.ErrMismatch},
		"no currency, no step":    {money.Amount{}, money.Amount{}, false, money.ErrZero},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.amount.MultipleOf(test.step)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("MultipleOf = %v, %v, want %v, %v", got, err, test.want, test.err)
			}
		})
	}
}

// anyMinor draws whole int64s, the ends more often than chance would.
var anyMinor = rapid.OneOf(
	rapid.Int64(),
	rapid.Int64Range(math.MaxInt64-10, math.MaxInt64),
	rapid.Int64Range(math.MinInt64, math.MinInt64+10),
	rapid.Int64Range(-10, 10),
)

// The judge is arithmetic without a bound.
func TestSumAndDifferenceAreExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency.Draw(t, "currency")
		a, b := anyMinor.Draw(t, "a"), anyMinor.Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)

		sum, err := money.Of(a, c).Add(money.Of(b, c))
		checkExact(t, "Add", new(big.Int).Add(x, y), c, sum, err)
		difference, err := money.Of(a, c).Sub(money.Of(b, c))
		checkExact(t, "Sub", new(big.Int).Sub(x, y), c, difference, err)
	})
}

func checkExact(t *rapid.T, does string, exact *big.Int, c money.Currency, got money.Amount, err error) {
	t.Helper()
	if !exact.IsInt64() {
		if !errors.Is(err, money.ErrOverflow) || got != (money.Amount{}) {
			t.Fatalf("%s = %v, %v, want ErrOverflow: %s does not fit", does, got, err, exact)
		}
		return
	}
	if err != nil || got != money.Of(exact.Int64(), c) {
		t.Fatalf("%s = %v, %v, want %s", does, got, err, exact)
	}
}

func TestSubtractingUndoesAdding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency.Draw(t, "currency")
		a, b := money.Of(anyMinor.Draw(t, "a"), c), money.Of(anyMinor.Draw(t, "b"), c)
		sum, err := a.Add(b)
		if err != nil {
			return // It does not fit: the test above judges that.
		}
		if back, err := sum.Sub(b); err != nil || back != a {
			t.Fatalf("%v + %v - %v = %v, %v", a, b, b, back, err)
		}
		if swapped, err := b.Add(a); err != nil || swapped != sum {
			t.Fatalf("%v + %v = %v, the other way round %v, %v", a, b, sum, swapped, err)
		}
	})
}

func TestAMultipleIsAWholeNumberOfSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency.Draw(t, "currency")
		step := rapid.Int64Range(1, 1_000_000).Draw(t, "step")
		steps := rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "steps")
		rest := rapid.Int64Range(0, step-1).Draw(t, "rest")
		multiple, err := money.Of(steps*step+rest, c).MultipleOf(money.Of(step, c))
		if err != nil || multiple != (rest == 0) {
			t.Fatalf("%d * %d + %d: MultipleOf = %v, %v", steps, step, rest, multiple, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := money.Parse("1234567.89", money.EUR); err != nil {
			b.Fatal(err)
		}
	}
}
