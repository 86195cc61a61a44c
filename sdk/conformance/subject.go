package conformance

import (
	"context"
	"runtime/pprof"

	"github.com/paymux/paymux/sdk/plugintest"
	"github.com/paymux/paymux/sdk/wire"
)

// goroutineLabel marks the goroutines of a plugin that is served in this process.
const goroutineLabel = "paymux-conformance"

// subject is the plugin under test, as an engine sees it.
type subject struct {
	*wire.Client
	// process is nil for a plugin that is served in this process, whose goroutines
	// have mark as their label.
	process *plugintest.Process
	mark    string
	close   func() error
}

// start starts the plugin anew, in a process of its own or in this one. An empty
// level logs what is usual.
func (p *plan) start(own bool, level string) (*subject, error) {
	if own {
		process, err := plugintest.Launch(plugintest.Binary{Path: p.Path, Env: p.Env, LogLevel: level})
		if err != nil {
			return nil, err
		}
		return &subject{Client: process.Client, process: process, close: func() error { process.Stop(); return nil }}, nil
	}
	s := &subject{mark: newRef()}
	var err error
	// Goroutines inherit the label, and so do those that the plugin starts.
	pprof.Do(context.Background(), pprof.Labels(goroutineLabel, s.mark), func(context.Context) {
		var connection *plugintest.Connection
		if connection, err = plugintest.Connect(p.Plugin); err == nil {
			s.Client, s.close = connection.Client, connection.Close
		}
	})
	return s, err
}
