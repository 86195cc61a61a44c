package wire

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

const (
	// ProtocolVersion is the protocol's major version and the key of the plugin sets.
	ProtocolVersion = 1
	// PluginName is the name to dispense. What is dispensed is a *Client.
	PluginName = "provider"
	// MessageBytesMax bounds every message in both directions.
	MessageBytesMax = 4 << 20
)

// The environment variables in which an engine tells a process that it starts.
const (
	// LifelineVariable holds the number of a file descriptor: the reading end of a
	// pipe whose other end only the engine holds. When it ends, the engine is gone.
	LifelineVariable = "PAYMUX_PLUGIN_LIFELINE"
	// LogVariable names the least level that is logged: trace, debug, info, warn
	// or error.
	LogVariable = "PAYMUX_PLUGIN_LOG"
)

// Handshake is how an engine and a plugin recognise each other. It guards
// against a mistaken start and is no secret. It never changes.
var Handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "PAYMUX_PROVIDER_PLUGIN",
	MagicCookieValue: "6f0d3c7a9b52e4188c1de07f35a96b24",
}

// ClientSets returns the plugin sets of the engine's side, by protocol version.
func ClientSets() map[int]plugin.PluginSet {
	return map[int]plugin.PluginSet{ProtocolVersion: {PluginName: &provider{}}}
}

// ServerSets returns the plugin sets of the plugin's side, by protocol version.
// Every call to backend goes through guard, on whatever server they are served.
func ServerSets(backend Backend, guard grpc.UnaryServerInterceptor) map[int]plugin.PluginSet {
	return map[int]plugin.PluginSet{ProtocolVersion: {PluginName: &provider{backend: backend, guard: guard}}}
}

// provider is what go-plugin serves and dispenses.
type provider struct {
	plugin.NetRPCUnsupportedPlugin

	backend Backend
	guard   grpc.UnaryServerInterceptor
}

var _ plugin.GRPCPlugin = (*provider)(nil)

// GRPCServer registers both services.
func (p *provider) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	if p.backend == nil {
		return errors.New("wire: the sets of ClientSets cannot be served: use ServerSets")
	}
	through := registrar{server, p.guard}
	pb.RegisterPluginServiceServer(through, &pluginServer{backend: p.backend})
	pb.RegisterProviderServiceServer(through, &providerServer{accounts: p.backend})
	return nil
}

// GRPCClient returns a *Client. go-plugin cancels ctx when the process ends.
func (p *provider) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(ctx, conn), nil
}
