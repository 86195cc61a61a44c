package wire

import (
	"context"
	"sync"

	"google.golang.org/grpc"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// Client is the engine's side of one plugin process. Its errors are *sdk.Error
// where the plugin answered with a fault; any other error means that no answer
// arrived, and nothing is known. It is safe for concurrent use.
type Client struct {
	conn     grpc.ClientConnInterface
	plugin   pb.PluginServiceClient
	provider pb.ProviderServiceClient
	done     <-chan struct{}

	mu           sync.Mutex
	capabilities map[AccountID]sdk.Capabilities
}

// AccountID names one configuration of one account.
type AccountID struct {
	// Name is the operator's, such as "cinetpay-ci".
	Name string
	// SettingsHash is what SettingsHash returned for its settings.
	SettingsHash string
}

// NewClient returns a client that calls through conn. ctx ends with the process.
func NewClient(ctx context.Context, conn grpc.ClientConnInterface) *Client {
	through := connection{conn}
	return &Client{
		conn:         through,
		plugin:       pb.NewPluginServiceClient(through),
		provider:     pb.NewProviderServiceClient(through),
		done:         ctx.Done(),
		capabilities: make(map[AccountID]sdk.Capabilities),
	}
}

// Done is closed when the plugin's process ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Describe returns what the plugin is. A manifest that names a currency which
// this version does not know is an error.
func (c *Client) Describe(ctx context.Context) (sdk.Manifest, error) {
	resp, err := c.plugin.Describe(ctx, &pb.DescribeRequest{})
	if err != nil {
		return sdk.Manifest{}, err
	}
	return read(resp.GetManifest(), (*reader).manifest)
}

// ValidateSettings returns what is wrong with settings, nil if nothing is.
func (c *Client) ValidateSettings(ctx context.Context, settings sdk.Settings) (sdk.Diagnostics, error) {
	resp, err := c.plugin.ValidateSettings(ctx, &pb.ValidateSettingsRequest{Settings: settingsToProto(settings)})
	if err != nil {
		return nil, err
	}
	return each(resp.GetDiagnostics(), diagnosticFromProto), nil
}

// Configure opens account with settings and returns what it can do. Calls use
// it through Account with SettingsHash(settings). The error is an
// sdk.Diagnostics where a setting is wrong.
func (c *Client) Configure(ctx context.Context, account string, settings sdk.Settings) (sdk.Capabilities, error) {
	id := AccountID{account, SettingsHash(settings)}
	req := &pb.ConfigureRequest{Account: id.proto(), Settings: settingsToProto(settings)}
	resp, err := c.plugin.Configure(ctx, req)
	if err != nil {
		return sdk.Capabilities{}, err
	}
	if diagnostics := sdk.Diagnostics(each(resp.GetDiagnostics(), diagnosticFromProto)); diagnostics.Failed() {
		return sdk.Capabilities{}, diagnostics
	}
	capabilities, err := read(resp.GetCapabilities(), (*reader).capabilities)
	if err != nil {
		return sdk.Capabilities{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.capabilities[id] = capabilities
	return capabilities, nil
}

// Remove makes the plugin forget one configuration of account. One that it does
// not know is no error.
func (c *Client) Remove(ctx context.Context, account, settingsHash string) error {
	id := AccountID{account, settingsHash}
	if _, err := c.plugin.Remove(ctx, &pb.RemoveRequest{Account: id.proto()}); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.capabilities, id)
	return nil
}

// CheckHealth returns nil while the plugin takes calls.
func (c *Client) CheckHealth(ctx context.Context) error {
	_, err := c.plugin.CheckHealth(ctx, &pb.CheckHealthRequest{})
	return err
}

// Shutdown makes the plugin refuse new calls and returns when those in flight
// have ended, or with ctx. The process lives on until it is killed.
func (c *Client) Shutdown(ctx context.Context) error {
	_, err := c.plugin.Shutdown(ctx, &pb.ShutdownRequest{})
	return err
}

// Account returns the configured account. It makes no call; one that was not
// configured can do nothing, and its calls are faults with NotSent.
func (c *Client) Account(name, settingsHash string) sdk.FullProvider {
	return &account{client: c, id: AccountID{name, settingsHash}}
}

func (c *Client) capabilitiesOf(id AccountID) sdk.Capabilities {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.capabilities[id]; ok {
		return known
	}
	return sdk.Capabilities{Operations: []sdk.Operation{}}
}

func (id AccountID) proto() *pb.Account {
	return &pb.Account{Name: id.Name, SettingsHash: id.SettingsHash}
}

func accountID(p *pb.Account) AccountID { return AccountID{p.GetName(), p.GetSettingsHash()} }

// connection bounds the messages of every call and turns its error into what the engine sees.
type connection struct{ grpc.ClientConnInterface }

func (c connection) Invoke(ctx context.Context, method string, req, resp any, opts ...grpc.CallOption) error {
	opts = append(opts, grpc.MaxCallRecvMsgSize(MessageBytesMax), grpc.MaxCallSendMsgSize(MessageBytesMax))
	if err := c.ClientConnInterface.Invoke(wanting(ctx), method, req, resp, opts...); err != nil {
		return errorFrom(method, err)
	}
	return nil
}
