// Package sandbox is a local server that behaves like EnovePay's API, as far as
// EnovePay documents it, with faults on demand. Tests start it inside their own
// process, the demo starts it as a process, and a person can use it with curl.
//
// The credentials are the constants APIToken, ClientID and ClientSecretKey.
//
// # Behaviour on demand
//
// The last three digits of the phone, or of a payout's bank account, choose what
// happens (trigger.go). Inject queues a fault for the next answers of an
// operation (see sandboxkit). Decide and Notify do by hand what a customer or EnovePay
// would do (action.go).
//
// # The clock
//
// The sandbox has its own clock: real time, moved on by Advance. Every delay
// runs on it, and so does the life of login tokens. Advance fires what becomes
// due in order and returns when the webhooks among it were delivered.
//
// # The ledger
//
// State tells what really happened, whatever the triggers and faults made the
// API answer: Transaction.Paid is the truth about the money, and the counters
// tell how often the API was asked for it and how often it was given.
//
// # Control over HTTP
//
//	GET    /_sandbox/state               the ledger
//	POST   /_sandbox/reset               forget everything, answers 204
//	POST   /_sandbox/clock               {"advance_ms":n,"skew_ms":n}, one or both, answers {"now":"..."}
//	POST   /_sandbox/faults              a Fault: {"op":"status","fault":"status","status":503,"times":2}
//	DELETE /_sandbox/faults              forget the unused faults, answers 204
//	POST   /_sandbox/transactions/{ref}  a Decision: {"action":"pay|refuse|refund","silent":true}
//	POST   /_sandbox/notify/{ref}        an Again: {"times":2,"status":"Failed","token":"good|bad|none","body":"json|form|javascript"}
//
// The ref is the merchant's reference_number. A request that cannot be is
// answered with 400 and a sentence, an unknown ref with 404, and an action that
// comes too late with 409.
//
// # What is assumed
//
// EnovePay documents the envelope of its answers, the codes 100 to 116, the
// status words, and the fields and the token of its webhooks. Every path, method
// and request field here is assumed, and so are the HTTP numbers, the networks
// of a country, and that a question which finds nothing is answered with 103.
//
// No money moves and nothing is kept after Close.
package sandbox
