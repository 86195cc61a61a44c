//go:build !unix

package plugintest

import (
	"context"
	"errors"
	"syscall"

	"github.com/paymux/paymux/sdk/wire"
)

// Binary is a plugin to be started.
type Binary struct {
	Path     string
	Env      []string
	LogLevel string
}

// Process is a plugin in a process of its own. There is none on this system.
type Process struct{ *wire.Client }

// Launch returns an error: there are no process groups and no lifeline here.
func Launch(Binary) (*Process, error) {
	return nil, errors.New("plugintest: launch: plugin processes are not supported on this system")
}

// Signal does nothing.
func (*Process) Signal(syscall.Signal) error { return nil }

// HangUp does nothing.
func (*Process) HangUp() error { return nil }

// Written is empty.
func (*Process) Written() string { return "" }

// Descriptors reports that the system does not tell.
func (*Process) Descriptors() (int, bool) { return 0, false }

// Stop does nothing.
func (*Process) Stop() {}

// Ended reports that it has.
func (*Process) Ended(context.Context) bool { return true }
