package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/httpapi"
)

// drainWithin bounds a graceful stop: the longest call (30 s), its commit and
// the end of the plugins.
const drainWithin = 40 * time.Second

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the engine",
		Long: "Run the engine until SIGTERM or SIGINT. It then takes no new work, waits for the calls under way\n" +
			"and exits within " + drainWithin.String() + "; a second signal ends it at once, and nothing is lost: what is due stays due.",
		Args: cobra.NoArgs,
		RunE: serve,
	}
	addConfig(cmd)
	cmd.Flags().String("listen", "", "address to listen on, in place of server.listen")
	cmd.Flags().Bool("allow-reattach", false, "use plugins that ENGINE_REATTACH_PLUGINS names (development only)")
	return cmd
}

func serve(cmd *cobra.Command, _ []string) error {
	cfg, err := loadConfig(cmd, listenFlag(cmd))
	if err != nil {
		return err
	}
	log := newLogger(cfg, cmd.ErrOrStderr())
	harden(log)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	listener, err := net.Listen("tcp", cfg.Server.Listen)
	if err != nil {
		return fmt.Errorf("%s", cfg.At("server.listen", "cannot listen: "+err.Error()))
	}
	reattach, err := cmd.Flags().GetBool("allow-reattach")
	if err != nil {
		return err
	}
	provider, metrics, err := newMetrics()
	if err != nil {
		return err
	}
	eng, err := engine.New(cmd.Context(), engine.Options{
		Config: cfg, Logger: log, Address: listener.Addr().String(), AllowReattach: reattach,
		MeterProvider: provider, Metrics: metrics,
	})
	if err != nil && cmd.Context().Err() != nil {
		log.Info("stopped during the start")
		return listener.Close()
	}
	if err != nil {
		return errors.Join(unusable(cmd, err), listener.Close())
	}
	announce(cmd, cfg, listener, eng, log)
	defer keepLoading(cmd.Context(), eng, hangups, log)()
	return untilDone(cmd.Context(), eng, listener, log)
}

// unusable prints a file's faults as validate does, a line each, and counts them.
func unusable(cmd *cobra.Command, err error) error {
	var found engine.DiagnosticsError
	if !errors.As(err, &found) || len(found) == 0 {
		return err
	}
	report(cmd.ErrOrStderr(), found)
	return fmt.Errorf("%s cannot be used: %s", found[0].File, count(failures(found), "error"))
}

func listenFlag(cmd *cobra.Command) map[string]string {
	listen, err := cmd.Flags().GetString("listen")
	if err != nil || listen == "" {
		return nil
	}
	return map[string]string{"server.listen": listen}
}

// announce says where the engine listens and what does not work, loudly.
func announce(cmd *cobra.Command, cfg *config.Config, listener net.Listener, eng *engine.Engine, log hclog.Logger) {
	fmt.Fprintf(cmd.OutOrStdout(), "paymux: listening on http://%s\n", listener.Addr())
	if len(cfg.Auth.Keys) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "paymux: no API keys are configured: everybody on this machine may do everything")
	}
	for _, standing := range eng.Providers(cmd.Context(), operator) {
		ready, why := standing.Ready()
		switch {
		case !standing.Enabled:
			log.Info("account takes no new attempts", "account", standing.Account, "plugin", standing.Plugin, "why", why)
		case !ready:
			log.Error("account is not ready", "account", standing.Account, "plugin", standing.Plugin, "why", why)
		}
	}
}

// untilDone serves until a signal or until the store is poisoned, and then drains.
func untilDone(ctx context.Context, eng *engine.Engine, listener net.Listener, log hclog.Logger) error {
	server := httpapi.NewServer(eng.Handler(), log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- eng.Run(ctx) }()
	var cause error
	select {
	case cause = <-ended:
	case cause = <-failed:
	}
	return errors.Join(negative(cause), drain(eng, server, log))
}

// keepLoading reads the files again when they change and at SIGHUP, until stop is
// called. The signal ends neither a start nor a drain: one that comes during the
// start is heard after it, and one during the drain changes nothing any more.
func keepLoading(ctx context.Context, eng *engine.Engine, hangups <-chan os.Signal, log hclog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	var working sync.WaitGroup
	working.Go(func() { eng.Watch(ctx) })
	working.Go(func() {
		for {
			select {
			case <-hangups:
				_, err := eng.ReloadBySignal(ctx, "SIGHUP")
				if err != nil && !errors.Is(err, core.ErrConfigurationRefused) { // The engine logs those.
					log.Warn("SIGHUP ignored", "error", err)
				}
			case <-over:
				return
			}
		}
	})
	return func() {
		cancel()
		close(over)
		working.Wait()
	}
}

// drain stops in the order in which work flows: no new requests, then the calls
// under way, then plugins and store. A second signal ends the process at once.
func drain(eng *engine.Engine, server *http.Server, log hclog.Logger) error {
	second := make(chan os.Signal, 1)
	signal.Notify(second, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(second)
	log.Info("stopping", "within", drainWithin.String())
	started := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	go func() {
		select {
		case <-second:
			log.Warn("second signal: ending at once")
			cancel()
		case <-ctx.Done():
		}
	}()
	eng.Drain()
	err := errors.Join(server.Shutdown(ctx), eng.Close(ctx))
	switch {
	case errors.Is(err, context.Canceled):
		return negative(errors.New("stopped by a second signal with work under way, which the next start finds"))
	case err != nil:
		return negative(fmt.Errorf("stopped with work under way, which the next start finds: %w", err))
	}
	log.Info("stopped", "after", time.Since(started).Round(time.Millisecond).String())
	return nil
}
