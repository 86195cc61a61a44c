package local

import (
	"context"
	"time"

	"github.com/paymux/paymux/core/client"
)

// readyWithin bounds the start of a program.
const readyWithin = 20 * time.Second

// Engine is an engine that runs.
type Engine struct {
	*Process
	// Address is where it listens, and URL the same for clients.
	Address, URL string
	Key, Desk    Key
}

// Start starts the engine on a free port.
func (s Setup) Start(ctx context.Context) (*Engine, error) { return s.StartAt(ctx, "") }

// StartAt starts the engine at an address, such as the one that it had before: the
// links that providers were given lead there. What an engine that is killed leaves
// behind is all in the setup's folder.
func (s Setup) StartAt(ctx context.Context, address string, environ ...string) (*Engine, error) {
	args := []string{"serve", "-c", s.Config()}
	if address != "" {
		args = append(args, "--listen", address)
	}
	environ = append(append(Secrets(), "TMPDIR="+s.Dir), environ...)
	process, err := start(s.Programs.Engine, environ, args...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	found, err := process.Await(ctx, `paymux: listening on http://(\S+)\n`)
	if err != nil {
		_ = process.Kill() // The reason is in err.
		return nil, err
	}
	return &Engine{Process: process, Address: found[1], URL: "http://" + found[1], Key: s.Key, Desk: s.Desk}, nil
}

// Client is a client of the engine, with the shop's key.
func (e *Engine) Client() (*client.Client, error) { return client.New(e.URL, e.Key.Secret) }

// Operator is a client of the engine, with the key of its operators' desk.
func (e *Engine) Operator() (*client.Client, error) { return client.New(e.URL, e.Desk.Secret) }
