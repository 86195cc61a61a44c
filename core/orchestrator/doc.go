// Package orchestrator is the one hand of the engine. Every fact comes to it as
// an Event; it alone asks the machine, commits what the machine says and carries
// out the effects: it makes the calls that move money and nobody else does.
//
// The order never changes: take the permit, commit the attempt as sent, call,
// commit the outcome. What was accepted is the engine's work from then on: a
// caller that goes away changes nothing.
package orchestrator
