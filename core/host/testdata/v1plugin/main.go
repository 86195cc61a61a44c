// Command v1plugin is a plugin of protocol 1 that was written by hand, without
// the sdk. It keeps its books in memory: what is created with the description
// "decline" is declined, with "fault" it never leaves, and everything else is paid
// once a notification came.
//
// Under the name "toonew" it speaks protocol 2 alone, and as "tooold" protocol 0.
package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	pb "github.com/paymux/paymux/core/host/testdata/v1plugin/providerv1"
)

// What an engine and a plugin of version 1 know each other by.
const (
	cookieKey        = "PAYMUX_PROVIDER_PLUGIN"
	cookieValue      = "6f0d3c7a9b52e4188c1de07f35a96b24"
	protocolVersion  = 1
	dispensed        = "provider"
	lifelineVariable = "PAYMUX_PLUGIN_LIFELINE"
	lifelineNumber   = "3"
	messageBytesMax  = 4 << 20
)

func main() {
	if os.Getenv(lifelineVariable) == lifelineNumber {
		go endWithTheEngine(os.NewFile(3, "lifeline"))
	}
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Info, Output: os.Stderr, JSONFormat: true})
	books := &books{log: log, accounts: map[string]*pb.Settings{}, paid: map[string]bool{}}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  plugin.HandshakeConfig{MagicCookieKey: cookieKey, MagicCookieValue: cookieValue},
		VersionedPlugins: map[int]plugin.PluginSet{spoken(): {dispensed: &served{books: books}}},
		Logger:           log,
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, grpc.MaxRecvMsgSize(messageBytesMax), grpc.MaxSendMsgSize(messageBytesMax))...)
		},
	})
}

func endWithTheEngine(lifeline io.Reader) {
	_, _ = io.Copy(io.Discard, lifeline)
	os.Exit(0)
}

// spoken is the protocol of the name that the binary was given.
func spoken() int {
	switch filepath.Base(os.Args[0]) {
	case "toonew":
		return protocolVersion + 1
	case "tooold":
		return protocolVersion - 1
	default:
		return protocolVersion
	}
}

// served is what go-plugin serves.
type served struct {
	plugin.NetRPCUnsupportedPlugin
	books *books
}

func (s *served) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	pb.RegisterPluginServiceServer(server, &pluginService{books: s.books})
	pb.RegisterProviderServiceServer(server, &providerService{books: s.books})
	return nil
}

func (s *served) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

// books are what the provider behind the plugin would keep.
type books struct {
	log hclog.Logger

	mu       sync.Mutex
	accounts map[string]*pb.Settings
	paid     map[string]bool
}

func key(a *pb.Account) string { return a.GetName() + " " + a.GetSettingsHash() }

func (b *books) open(a *pb.Account, settings *pb.Settings) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts[key(a)] = settings
}

func (b *books) forget(a *pb.Account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.accounts, key(a))
}

// text returns a setting of an open account.
func (b *books) text(a *pb.Account, name string) (value string, open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	settings, open := b.accounts[key(a)]
	return settings.GetValues()[name].GetText(), open
}

func (b *books) pay(ref string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paid[ref] = true
}

func (b *books) isPaid(ref string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paid[ref]
}
