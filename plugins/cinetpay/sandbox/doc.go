// Package sandbox is a local server that behaves like CinetPay's checkout v2
// and transfer v1 API, with faults on demand. Tests start it inside their own
// process, the demo starts it as a process, and a person can use it with curl.
//
// One listener serves both hosts of CinetPay, so base_url and
// transfer_base_url of the plugin are the same address. The credentials are
// the constants APIKey, SiteID, SecretKey and TransferPassword.
//
// # Behaviour on demand
//
// The amount of a payment modulo 1000 and the last three digits of a
// transfer's phone choose what happens (trigger.go). Inject queues a fault for
// the next answers of an operation (see sandboxkit). Decide and Notify do by hand
// what a customer or CinetPay would do (action.go), and the payment page does
// it in a browser.
//
// # The clock
//
// The sandbox has its own clock: real time, moved on by Advance. Every delay
// runs on it. Advance fires what becomes due in order and returns when the
// notifications among it were delivered.
//
// # The ledger
//
// State tells what really happened, whatever the triggers and faults made the
// API answer: Payment.Paid and Transfer.Paid are the truth about the money,
// and the counters tell how often the API was asked for it and how often it
// was given.
//
// # Control over HTTP
//
//	GET    /_sandbox/state          the ledger
//	POST   /_sandbox/reset          forget everything, answers 204
//	POST   /_sandbox/clock          {"advance_ms":n,"skew_ms":n}, one or both, answers {"now":"..."}
//	POST   /_sandbox/faults         a Fault: {"op":"check","fault":"status","status":503,"times":2}
//	DELETE /_sandbox/faults         forget the unused faults, answers 204
//	POST   /_sandbox/payments/{id}  a Decision: {"action":"pay|refuse|cancel","silent":true}
//	POST   /_sandbox/notify/{id}    an Again: {"times":2,"status":"627","token":"good|bad|none|posted"}
//
// The id is the transaction_id of a payment or the client_transaction_id of a
// transfer. A request that cannot be is answered with 400 and a sentence, an
// unknown id with 404, and an action that comes too late with 409.
//
// # What is assumed
//
// CinetPay documents no HTTP number for its errors: here a call that is refused
// as a whole gets 400, and a refused item of a transfer call (its code stands
// in the item) comes with 200. A transfer's maximum is the one of collections
// in its country.
//
// No money moves and nothing is kept after Close.
package sandbox
