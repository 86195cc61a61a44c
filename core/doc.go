// Package core holds the nouns of Paymux and every type that crosses a border
// between the packages below it: Transaction, Attempt, Event, Effect, Commit,
// Due, Standing, Permit and the sentinel errors.
//
// It is pure data: no I/O, no clock, no randomness. README.md tells how the
// packages fit together; machine holds the rules.
package core
