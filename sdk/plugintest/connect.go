package plugintest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/serve"
	"github.com/paymux/paymux/sdk/wire"
)

// pipeBytes is the buffer of a connection inside of one process.
const pipeBytes = 1 << 20

// Connection is a plugin that is served in this process, as the engine sees it.
type Connection struct {
	*wire.Client
	server *grpc.Server
	conn   *grpc.ClientConn
	ended  context.CancelFunc
	served sync.WaitGroup
}

// Connect serves p through gRPC, with every guard of sdk/serve, for what is no
// test: in one, use Serve or Client. The caller closes what it returns.
func Connect(p sdk.Plugin) (*Connection, error) {
	served, ok := serve.Sets(p)[wire.ProtocolVersion][wire.PluginName].(plugin.GRPCPlugin)
	if !ok {
		return nil, errors.New("plugintest: connect: the plugin is not served by gRPC")
	}
	c := &Connection{server: grpc.NewServer(
		grpc.MaxRecvMsgSize(wire.MessageBytesMax), grpc.MaxSendMsgSize(wire.MessageBytesMax))}
	if err := served.GRPCServer(nil, c.server); err != nil {
		return nil, fmt.Errorf("plugintest: connect: %w", err)
	}
	pipe := bufconn.Listen(pipeBytes)
	conn, err := grpc.NewClient("passthrough:plugin",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }))
	if err != nil {
		return nil, fmt.Errorf("plugintest: connect: %w", err)
	}
	// Serve returns when Close ends it, so its error says nothing new.
	c.served.Go(func() { _ = c.server.Serve(pipe) })
	ctx, ended := context.WithCancel(context.Background())
	c.conn, c.ended, c.Client = conn, ended, wire.NewClient(ctx, conn)
	return c, nil
}

// Close ends the calls in flight and the server.
func (c *Connection) Close() error {
	err := c.conn.Close()
	c.server.Stop()
	c.served.Wait()
	c.ended()
	return err
}

// ServeIfStarted serves p, and ends the process, where Launch or an engine
// started this process as a plugin. It is the first line of a TestMain: the test
// binary then is the plugin too, and its tests can launch it at os.Executable.
func ServeIfStarted(p sdk.Plugin) {
	if os.Getenv(wire.Handshake.MagicCookieKey) != wire.Handshake.MagicCookieValue {
		return
	}
	serve.Main(p)
	os.Exit(0)
}
