package main

import "github.com/paymux/paymux/sdk"

// operation is a call of EnovePay's API, by its name in the setting paths.
type operation string

const (
	opAuth              operation = "auth"
	opCollect           operation = "collect"
	opPayout            operation = "payout"
	opStatus            operation = "status"
	opStatusByReference operation = "status_by_reference"
	opBalance           operation = "balance"
)

// The names of the values in paths.
const (
	valueTransaction = "transaction_id"
	valueReference   = "reference_number"
	valueCurrency    = "currency"
)

// conventions are the operations as they are assumed to be, because EnovePay
// documents none of it.
func conventions() []sdk.Convention {
	return []sdk.Convention{
		{Operation: string(opAuth), Route: "POST /v1/auth/token", Writes: true},
		{Operation: string(opCollect), Route: "POST /v1/collections", Writes: true},
		{Operation: string(opPayout), Route: "POST /v1/payouts", Writes: true},
		{Operation: string(opStatus), Route: "GET /v1/transactions/{transaction_id}", Needed: []string{valueTransaction}},
		{
			Operation: string(opStatusByReference), Route: "GET /v1/transactions?reference_number={reference_number}",
			Needed: []string{valueReference},
		},
		{Operation: string(opBalance), Route: "GET /v1/balance?currency={currency}", Optional: []string{valueCurrency}},
	}
}

// needed are the operations that an account cannot do without.
func needed(login bool) []string {
	names := []string{string(opCollect), string(opPayout), string(opStatus), string(opStatusByReference)}
	if login {
		names = append(names, string(opAuth))
	}
	return names
}
