// Package client calls the HTTP API of an engine. The command line uses it, and
// Go programs may.
//
// A refusal is a *Problem; errors.Is works with the problems of package core, such
// as core.ErrNoRoute. The client repeats nothing by itself: after an error of the
// network send a payment again with the same idempotency key, which never pays twice.
package client
