package wire_test

import (
	"context"
	"net"
	"testing"

	"github.com/hashicorp/go-plugin"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is both sides' view of one call: what the plugin answers, and what it was asked.
type script struct {
	manifest     sdk.Manifest
	diagnostics  sdk.Diagnostics
	capabilities sdk.Capabilities
	result       sdk.Result
	verdict      sdk.VerdictResult
	page         sdk.ListPage
	notification sdk.Notification
	customer     sdk.Customer
	balances     []sdk.Balance
	err          error

	asked any
	ctx   context.Context
	raw   map[string]any
	id    wire.AccountID
}

var _ wire.Backend = (*script)(nil)

func (s *script) Describe() sdk.Manifest { return s.manifest }

func (s *script) ValidateSettings(_ context.Context, raw map[string]any) (sdk.Diagnostics, error) {
	s.raw = raw
	return s.diagnostics, s.err
}

func (s *script) Configure(_ context.Context, id wire.AccountID, raw map[string]any) (sdk.Capabilities, error) {
	s.id, s.raw = id, raw
	if s.diagnostics.Failed() {
		return sdk.Capabilities{}, s.diagnostics
	}
	return s.capabilities, s.err
}

func (s *script) Remove(id wire.AccountID)            { s.id = id }
func (s *script) Shutdown(context.Context) error      { return s.err }
func (s *script) Capabilities() sdk.Capabilities      { return s.capabilities }
func (s *script) hear(ctx context.Context, asked any) { s.ctx, s.asked = ctx, asked }
func (s *script) answer() (sdk.Result, error)         { return s.result, s.err }
func (s *script) decide() (sdk.VerdictResult, error)  { return s.verdict, s.err }
func (s *script) Account(id wire.AccountID) (sdk.FullProvider, error) {
	s.id = id
	return s, nil
}

func (s *script) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	s.hear(ctx, req)
	return s.answer()
}

func (s *script) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	s.hear(ctx, req)
	return s.answer()
}

func (s *script) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	s.hear(ctx, req)
	return s.answer()
}

func (s *script) Cancel(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	s.hear(ctx, a)
	return s.decide()
}

func (s *script) ApprovePayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	s.hear(ctx, a)
	return s.decide()
}

func (s *script) RejectPayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	s.hear(ctx, a)
	return s.decide()
}

func (s *script) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	s.hear(ctx, a)
	return s.answer()
}

func (s *script) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	s.hear(ctx, req)
	return s.page, s.err
}

func (s *script) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	s.hear(ctx, req)
	return s.notification, s.err
}

func (s *script) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	s.hear(ctx, phone)
	return s.customer, s.err
}

func (s *script) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	s.hear(ctx, nil)
	return s.balances, s.err
}

// open lets every call through.
func open(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return handler(ctx, req)
}

// dial returns the engine's side of backend, over go-plugin.
func dial(t testing.TB, backend wire.Backend) *wire.Client {
	t.Helper()
	conn, server := plugin.TestPluginGRPCConn(t, false, wire.ServerSets(backend, open)[wire.ProtocolVersion])
	t.Cleanup(func() {
		// Closing tells the server to stop, which it does by itself.
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		<-server.DoneCh
	})
	client, err := conn.Dispense(wire.PluginName)
	if err != nil {
		t.Fatalf("dispense: %v", err)
	}
	return client.(*wire.Client)
}

// connect returns a connection to a server with the services that register adds,
// for plugins that were not written with the sdk.
func connect(t testing.TB, register func(*grpc.Server)) (*grpc.ClientConn, *grpc.Server) {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///plugin",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return conn, server
}
