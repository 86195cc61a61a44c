package serve

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// Main serves p until the engine ends the process. Run by hand it tells what
// the binary is; with -debug it serves an engine that runs already.
func Main(p sdk.Plugin) {
	if err := run(p, os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(p sdk.Plugin, args []string) error {
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	debug := flags.Bool("debug", false, "serve an engine that runs already")
	err := flags.Parse(args[1:])
	switch {
	case err != nil && !errors.Is(err, flag.ErrHelp):
		return fmt.Errorf("%w\n%s", err, introduction(p, args[0]))
	case err != nil, !*debug && !startedByEngine():
		return errors.New(introduction(p, args[0]))
	case *debug:
		return serveDebug(p)
	default:
		return serveEngine(p)
	}
}

// startedByEngine reports whether an engine started this process.
func startedByEngine() bool {
	return os.Getenv(wire.Handshake.MagicCookieKey) == wire.Handshake.MagicCookieValue
}

// introduction tells somebody who ran the binary what it is.
func introduction(p sdk.Plugin, binary string) string {
	manifest := p.Describe()
	return fmt.Sprintf(`This is %s %s, a payment provider plugin for Paymux. The engine starts it; it does nothing by itself.

  use it      name its path and sha256 under plugins: in paymux.yaml ("engine plugin hash %s" prints the lines)
  look at it  engine plugin inspect %s
  debug it    %s -debug, then start the engine with --allow-reattach and the variable that is printed`,
		manifest.Name, manifest.Version, binary, binary, binary)
}

// serveEngine serves the engine that started this process, until it ends it.
func serveEngine(p sdk.Plugin) error {
	if err := emptyStdin(); err != nil {
		return err
	}
	if err := watchLifeline(os.Getenv(wire.LifelineVariable)); err != nil {
		return err
	}
	out := hclog.New(&hclog.LoggerOptions{Level: logLevel(), Output: os.Stderr, JSONFormat: true})
	hidden := &secrets{}
	log := slog.New(&logHandler{out: out, secrets: hidden})
	slog.SetDefault(log)
	server := newServer(p, hidden, log)
	server.stopped = holdSignals(log)
	os.Stdout = processStdout
	plugin.Serve(configOf(server, out))
	return nil
}

// configOf returns what go-plugin serves. Its messages are bounded in both directions.
func configOf(s *server, out hclog.Logger) *plugin.ServeConfig {
	return &plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake,
		VersionedPlugins: wire.ServerSets(s, s.guard),
		Logger:           out,
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts,
				grpc.MaxRecvMsgSize(wire.MessageBytesMax), grpc.MaxSendMsgSize(wire.MessageBytesMax))...)
		},
	}
}

// emptyStdin keeps the plugin from reading what is the engine's.
func emptyStdin() error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return fmt.Errorf("serve: stdin: %w", err)
	}
	os.Stdin = null
	return nil
}

// Sets returns the plugin sets that Main serves for p, with the same guards,
// for tests that bring their own connection. It logs with slog's default logger.
func Sets(p sdk.Plugin) map[int]plugin.PluginSet {
	server := newServer(p, &secrets{}, slog.Default())
	return wire.ServerSets(server, server.guard)
}

// nameOf returns the plugin's name for people, the binary's where it has none.
func nameOf(p sdk.Plugin) string {
	if name := p.Describe().Name; name != "" {
		return name
	}
	return filepath.Base(os.Args[0])
}
