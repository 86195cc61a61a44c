// Package sandbox is a local server that behaves like Cenoa's checkout API, with
// faults on demand. Tests start it inside their own process, the demo starts it
// as a process, and a person can use it with curl.
//
// The credentials are the constants APIKey and APISecret. Calls are checked in
// the documented order, and every fault of them is answered with 401.
//
// # Behaviour on demand
//
// The last four digits of a phone choose how its look-up goes, and the decimals
// of an amount how a transfer goes (trigger.go). Inject queues a fault for the
// next answers of an operation (see sandboxkit). AddUser, Send and SetStatus are what
// Cenoa's customers and Cenoa itself would do (user.go, transfer.go).
//
// # The clock
//
// The sandbox has its own clock: real time, moved on by Advance. What a transfer
// is follows from that clock alone. Skew moves the clock that clients see, which
// also judges their timestamps.
//
// # The ledger
//
// State tells what really happened, whatever the triggers and faults made the
// API answer: Transfer.Paid is the truth about the money.
//
// # Control over HTTP
//
//	GET    /_sandbox/state           the ledger
//	POST   /_sandbox/reset           forget everything, answers 204
//	POST   /_sandbox/clock           {"advance_ms":n,"skew_ms":n}, one or both, answers {"now":"..."}
//	POST   /_sandbox/faults          a Fault: {"op":"transactions","fault":"status","status":503,"times":2}
//	DELETE /_sandbox/faults          forget the unused faults, answers 204
//	POST   /_sandbox/users           {"phone":"+90...","email":"..."}, answers the user
//	POST   /_sandbox/transfers       {"userId":"...","amount":"10.50","currency":"USD"}, also status, createdAt
//	POST   /_sandbox/transfers/{id}  {"status":"reversed"}
//
// A request that cannot be is answered with 400 and a sentence, an unknown user
// or transfer with 404.
//
// # What is assumed
//
// Cenoa documents how calls are signed and checked, the names of both operations
// and the field userId. Paths, parameters, the other fields, status words and the
// bodies of errors are assumed; Options.Paths moves the operations.
//
// No money moves and nothing is kept after Close.
package sandbox
