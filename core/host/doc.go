// Package host answers one question: is the process alive?
//
// It starts one process a plugin (and one of its own for an isolated account),
// watches it, starts it again when it ends, and hands out its accounts as
// sdk.FullProvider. Nothing else in core knows go-plugin.
//
// A call that was handed to a process which then died is UNKNOWN, whatever the
// transport says; one that was never handed over is NOT_SENT. The host decides
// which by its own record of what it dispatched, never by a status code or a
// text. Calls that only read are repeated once after a crash, no other call is.
package host
