// Package host answers one question: is the process alive?
//
// It starts one process a plugin (and one of its own for an isolated account),
// watches it, starts it again when it ends, and hands out its accounts as
// sdk.FullProvider. Nothing else in core knows go-plugin.
//
// Another configuration is made ready beside the live one (Prepare) and then put
// in its place (Commit): what is the same goes on, other settings are configured
// in the same process, another binary is started in a process of its own. What is
// replaced takes no new calls and ends when those in flight came back. Until
// Commit nothing of what is live has changed, so that a configuration that cannot
// be used harms nobody.
//
// A process that crashes again and again is given up until a person restarts it
// or changes its configuration; Incident has its last words.
//
// A call that was handed to a process which then died is UNKNOWN, whatever the
// transport says; one that was never handed over is NOT_SENT. The host decides
// which by its own record of what it dispatched, never by a status code or a
// text. Calls that only read are repeated once after a crash, no other call is.
package host
