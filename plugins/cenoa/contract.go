package main

import "github.com/paymux/paymux/sdk"

// The calls of Cenoa's API, by their names in the setting paths.
const (
	opAccount      = "user_account"
	opTransactions = "transactions"
)

// The names of the values in paths.
const (
	valuePhone = "phone"
	valuePage  = "page"
	valueLimit = "limit"
	valueUser  = "userId"
	valueFrom  = "from"
	valueTo    = "to"
)

// conventions are the operations as they are assumed to be: Cenoa names and
// describes both, and publishes no path.
func conventions() []sdk.Convention {
	return []sdk.Convention{
		{Operation: opAccount, Route: "GET /v1/checkout/user-account?phone={phone}", Needed: []string{valuePhone}},
		{
			Operation: opTransactions, Route: "GET /v1/checkout/transactions?page=&limit=&userId=&from=&to=",
			Needed:   []string{valuePage, valueLimit},
			Optional: []string{valueUser, valueFrom, valueTo},
		},
	}
}
