package money_test

import (
	"errors"
	"fmt"

	"github.com/paymux/paymux/sdk/money"
)

func ExampleParse() {
	price, _ := money.Parse("200.5", money.EUR)
	fare, _ := money.Parse("5000", money.XOF)
	_, err := money.Parse("5000.50", money.XOF)

	fmt.Println(price, "is", price.Minor(), "cents")
	fmt.Println(fare, "is", fare.Minor(), "francs")
	fmt.Println(err)
	// Output:
	// 200.50 EUR is 20050 cents
	// 5000 XOF is 5000 francs
	// "5000.50" has too many decimals: XOF has none, leave the point out
}

func ExampleParseMoney() {
	_, err := money.ParseMoney("5000 XFO")
	fmt.Println(errors.Is(err, money.ErrCurrency))
	fmt.Println(err)
	// Output:
	// true
	// "XFO" is not a currency (did you mean XOF?)
}

func ExampleParseTold() {
	told, _ := money.ParseTold("5000.00", money.XOF)
	fmt.Println(told)
	// Output: 5000 XOF
}

func ExampleAmount_Sub() {
	paid, refunded := money.Of(20000, money.EUR), money.Of(4950, money.EUR)
	left, _ := paid.Sub(refunded)
	fmt.Println(left)

	_, err := paid.Sub(money.Of(1, money.USD))
	fmt.Println(err)
	// Output:
	// 150.50 EUR
	// subtract 200.00 EUR and 0.01 USD: currencies differ: give both in one currency
}

func ExampleAmount_MultipleOf() {
	step := money.Of(5, money.XOF)
	for _, minor := range []int64{1500, 1503} {
		multiple, _ := money.Of(minor, money.XOF).MultipleOf(step)
		fmt.Println(minor, multiple)
	}
	// Output:
	// 1500 true
	// 1503 false
}
