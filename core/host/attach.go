package host

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/sdk/wire"
)

// attachments reads from the environment which plugins run already, under a
// debugger, by name; nothing unless it is allowed.
func attachments(allow bool, log hclog.Logger) (map[string]*plugin.ReattachConfig, error) {
	text := os.Getenv(wire.ReattachVariable)
	if text == "" {
		return nil, nil
	}
	if !allow {
		log.Warn("the variable is ignored: it counts only with --allow-reattach", "variable", wire.ReattachVariable)
		return nil, nil
	}
	return wire.ParseReattach(text)
}

// attach connects to a process that somebody else started. It is without TLS,
// its binary is not checked, and it is never ended here: it belongs to a debugger.
func (l launcher) attach(ctx context.Context, name string, to *plugin.ReattachConfig) (*child, error) {
	set, ok := wire.ClientSets()[to.ProtocolVersion]
	if !ok {
		return nil, fmt.Errorf("attach: %s speaks protocol %d, which is not known", name, to.ProtocolVersion)
	}
	where := *to
	where.Test = true // Keeps go-plugin from ending it.
	c := &child{pace: l.pace, log: l.log.Named("plugin." + name), lines: &lastLines{}, secrets: &wire.Secrets{}, protocol: to.ProtocolVersion}
	c.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake,
		Plugins:          set, // go-plugin does not look into VersionedPlugins here.
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           l.log.Named("plugin").Named(name),
		GRPCDialOptions:  dialOptions(),
		Reattach:         &where,
	})
	if err := c.meet(ctx); err != nil {
		c.kill()
		return nil, unattached(err, to.Pid)
	}
	l.log.Warn("plugin is attached, not started: it is neither checked nor ended by the engine", "plugin", name, "pid", to.Pid)
	return c, nil
}

// unattached says what to do about a process that ended: its successor has another
// socket, which only the variable tells.
func unattached(err error, pid int) error {
	if errors.Is(err, plugin.ErrProcessNotFound) {
		return fmt.Errorf("attach: process %d, which %s names, is gone: start the plugin with -debug again, and then the engine with what it prints", pid, wire.ReattachVariable)
	}
	return fmt.Errorf("attach: %w", err)
}

// attached reports whether somebody else started the process.
func (c *child) attached() bool { return c.cmd == nil }

// detach leaves a process that was not started here.
func (c *child) detach() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
}
