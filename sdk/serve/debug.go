package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// serveDebug serves p until it is interrupted, to any engine that is told where.
// There is no TLS and no check of the binary: it is for development alone.
func serveDebug(p sdk.Plugin) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: os.Stderr})
	hidden := &secrets{}
	log := slog.New(&logHandler{out: out, secrets: hidden})
	slog.SetDefault(log)

	running := make(chan *plugin.ReattachConfig, 1)
	closed := make(chan struct{})
	config := configOf(newServer(p, hidden, log), out)
	config.Test = &plugin.ServeTestConfig{Context: ctx, ReattachConfigCh: running, CloseCh: closed}
	go plugin.Serve(config)
	select {
	case where := <-running:
		if err := announce(nameOf(p), where); err != nil {
			return err
		}
	case <-closed:
		return errors.New("serve: debug: the plugin could not be served; see the log above")
	}
	<-closed
	return nil
}

// announce prints the variable for the shell in which the engine is started.
func announce(name string, where *plugin.ReattachConfig) error {
	value, err := wire.FormatReattach(name, where)
	if err != nil {
		return fmt.Errorf("serve: debug: %w", err)
	}
	_, err = fmt.Fprintf(os.Stdout, "%s='%s'\n", wire.ReattachVariable, value)
	return err
}
