package host

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/paymux/paymux/sdk/wire"
)

// launcher starts plugin processes.
type launcher struct {
	socketDir string
	log       hclog.Logger
	pace      pace
}

func newLauncher(o Options) launcher {
	l := launcher{socketDir: o.SocketDir, log: o.Logger, pace: usualPace()}
	if l.log == nil {
		l.log = hclog.NewNullLogger()
	}
	if o.pace != nil {
		l.pace = *o.pace
	}
	return l
}

// allowed returns the variables that a plugin may see: what HTTPS and time need,
// and what the operator names. The others may hold another provider's keys.
func allowed(environ, further []string) []string {
	names := append([]string{"PATH", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "NO_PROXY"}, further...)
	var entries []string
	for _, entry := range environ {
		if name, _, ok := strings.Cut(entry, "="); ok && slices.Contains(names, name) {
			entries = append(entries, entry)
		}
	}
	return entries
}

// launch starts a process from a private copy. It returns when the process is
// healthy and has described itself; otherwise no process and no file is left, and
// of a process that did run the child tells the last words. environment names
// further variables that it sees.
func (l launcher) launch(ctx context.Context, name string, b *binary, environment ...string) (*child, error) {
	c, err := l.prepare(name, b, allowed(os.Environ(), environment))
	if err != nil {
		return nil, err
	}
	if err := c.begin(ctx); err != nil {
		c.kill()
		return c, err
	}
	return c, nil
}

// prepare makes everything that a process needs before it starts.
func (l launcher) prepare(name string, b *binary, environment []string) (*child, error) {
	parent, err := socketDirIn(l.socketDir)
	if err != nil {
		return nil, err
	}
	identity, shown, err := newCertificate()
	if err != nil {
		return nil, err
	}
	dir, err := newFolder(parent)
	if err != nil {
		return nil, fmt.Errorf("socket directory: %w", err)
	}
	childEnd, hostEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lifeline: %w", err), dir.remove())
	}
	c := &child{
		pace: l.pace, log: l.log.Named("plugin." + name), lines: &lastLines{}, secrets: &wire.Secrets{},
		folder: dir, lifeline: hostEnd, childEnd: childEnd, binary: b, checksum: b.checksum,
		cmd: l.command(b.path, dir.path, childEnd, append(environment, certificateVariable+"="+shown)), launched: make(chan int, 1),
	}
	if err := keepDescriptors(); err != nil {
		c.log.Warn("what this process inherited is open in the plugin too", "error", err)
	}
	c.client = plugin.NewClient(l.config(c, identity))
	return c, nil
}

func (l launcher) command(path, dir string, lifeline *os.File, environment []string) *exec.Cmd {
	cmd := exec.Command(path)
	cmd.Env = append(environment,
		"TMPDIR="+dir,
		"GOMAXPROCS=2", "GOMEMLIMIT=64MiB", // Each Go process believes that it owns the machine.
		wire.LifelineVariable+"=3", wire.LogVariable+"="+l.log.GetLevel().String())
	cmd.ExtraFiles = []*os.File{lifeline} // Descriptor 3.
	cmd.SysProcAttr = ownGroup()
	return cmd
}

// config is of one process: a client starts once. The binary is checked by run,
// because go-plugin can check only what it starts by itself.
func (l launcher) config(c *child, identity *tls.Config) *plugin.ClientConfig {
	said := c.log.Named("said")
	return &plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake,
		VersionedPlugins: wire.ClientSets(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		RunnerFunc:       c.run,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: c.folder.path},
		SkipHostEnv:      true,
		TLSConfig:        identity,
		StartTimeout:     l.pace.start,
		Logger:           l.log.Named("plugin"), // go-plugin adds the binary's name.
		Stderr:           &lineWriter{each: c.lines.add},
		SyncStdout:       &lineWriter{each: func(line string) { said.Warn(impersonal(c.hide(line)), "stream", "stdout") }},
		SyncStderr: &lineWriter{each: func(line string) {
			line = impersonal(c.hide(line))
			c.lines.add(line)
			said.Warn(line, "stream", "stderr")
		}},
		GRPCDialOptions: dialOptions(),
	}
}

// dialOptions bound messages and keep gRPC from repeating anything by itself.
func dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MessageBytesMax), grpc.MaxCallSendMsgSize(wire.MessageBytesMax)),
		grpc.WithMaxHeaderListSize(wire.MessageBytesMax),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithStreamInterceptor(noBroker),
	}
}

// noBroker refuses go-plugin's broker, which nothing here uses and in which a
// plugin could have the engine keep whatever it announces.
func noBroker(
	ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	if strings.HasPrefix(method, "/plugin.GRPCBroker/") {
		return nil, status.Error(codes.Unimplemented, "the engine uses no broker")
	}
	return stream(ctx, desc, conn, method, opts...)
}
