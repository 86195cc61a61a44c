// Package sandbox is a local server that behaves like the Numipay Gateway, with
// faults on demand. Tests start it inside their own process, the demo starts it
// as a process, and a person can use it with curl.
//
// The credentials are the constants DevKey, LiveKey and SignaturePassword. Both
// keys are served at the same address, and the key decides which transactions a
// call sees, as at Numipay.
//
// # Behaviour on demand
//
// The decimals of an amount choose what happens (trigger.go). Inject queues a
// fault for the next answers of an operation (see sandboxkit). Decide and Notify do by
// hand what a customer, the portal or Numipay would do (action.go), and the
// cashier page does it in a browser.
//
// A card that is sent server to server is declined in the answer itself where
// its amount declines, gets a 3-D Secure page where its amount waits for the
// page, and is pending otherwise. No part of a card is kept.
//
// # The clock
//
// The sandbox has its own clock: real time, moved on by Advance. Every delay
// runs on it. Advance fires what becomes due in order and returns when the
// webhooks among it were delivered.
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
//	POST   /_sandbox/transactions/{ref}  a Decision: {"action":"pay|refuse|expire","silent":true}
//	POST   /_sandbox/notify/{ref}        an Again: {"times":2,"status":"pending","signature":"good|bad|none"}
//
// The ref is a tracking_id. A request that cannot be is answered with 400 and a
// sentence, an unknown ref with 404, and an action that comes too late with 409.
//
// # What is assumed
//
// Numipay publishes the operations, the envelope of creating calls, approve,
// reject, status and list, and the webhooks with their signature. Paths, methods
// and most fields inside the envelope are assumed, as are all answers of an
// error: {"message": "...", "errors": [{"field": "...", "message": "..."}]}.
//
// No money moves and nothing is kept after Close.
package sandbox
