// Package machine is the law: may this happen, and what follows from it?
//
// Next takes a transaction and an event and returns the transaction as it is
// afterwards and the effects to carry out. It works in four steps, a file each:
//
//	classify.go  the event, the transaction and the guards give one Signal
//	table.go     State x Signal gives the next State, or "stay", or nothing
//	attempt.go   the signal's action changes the attempt that it is about
//	timers.go    the timers are derived from what came out
//
// The package is pure: time, identifiers and randomness are part of the event.
package machine
