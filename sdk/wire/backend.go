package wire

import (
	"context"
	"errors"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// Backend is what a plugin's process answers with. sdk/serve implements it for
// every sdk.Plugin. An error of any method leaves as a fault; settings arrive
// as Schema.Parse reads them.
type Backend interface {
	Accounts
	// Describe returns what the plugin is.
	Describe() sdk.Manifest
	// ValidateSettings returns what is wrong with settings, nil if nothing is.
	ValidateSettings(ctx context.Context, raw map[string]any) (sdk.Diagnostics, error)
	// Configure opens an account and keeps it under id. The error is an
	// sdk.Diagnostics where a setting is wrong.
	Configure(ctx context.Context, id AccountID, raw map[string]any) (sdk.Capabilities, error)
	// Remove forgets id. One that is not known is no error.
	Remove(id AccountID)
	// Shutdown refuses new calls and waits for those in flight, at most until ctx ends.
	Shutdown(ctx context.Context) error
}

// Accounts finds configured accounts.
type Accounts interface {
	// Account returns the account kept under id. For one that is not known it
	// returns an *sdk.Error with NotSent.
	Account(id AccountID) (sdk.FullProvider, error)
}

// pluginServer serves PluginService.
type pluginServer struct {
	pb.UnimplementedPluginServiceServer
	backend Backend
}

func (s *pluginServer) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return readable(&pb.DescribeResponse{Manifest: manifestToProto(s.backend.Describe())}), nil
}

func (s *pluginServer) ValidateSettings(
	ctx context.Context, req *pb.ValidateSettingsRequest,
) (*pb.ValidateSettingsResponse, error) {
	diagnostics, err := s.backend.ValidateSettings(ctx, rawFromProto(req.GetSettings()))
	if err != nil {
		return nil, err
	}
	return readable(&pb.ValidateSettingsResponse{Diagnostics: each(diagnostics, diagnosticToProto)}), nil
}

func (s *pluginServer) Configure(ctx context.Context, req *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	capabilities, err := s.backend.Configure(ctx, accountID(req.GetAccount()), rawFromProto(req.GetSettings()))
	var diagnostics sdk.Diagnostics
	if errors.As(err, &diagnostics) && diagnostics.Failed() {
		return readable(&pb.ConfigureResponse{Diagnostics: each(diagnostics, diagnosticToProto)}), nil
	}
	if err != nil {
		return nil, err
	}
	return readable(&pb.ConfigureResponse{Capabilities: capabilitiesToProto(capabilities)}), nil
}

func (s *pluginServer) Remove(_ context.Context, req *pb.RemoveRequest) (*pb.RemoveResponse, error) {
	s.backend.Remove(accountID(req.GetAccount()))
	return &pb.RemoveResponse{}, nil
}

// CheckHealth has nothing to ask: the guard refuses it once calls are refused.
func (s *pluginServer) CheckHealth(context.Context, *pb.CheckHealthRequest) (*pb.CheckHealthResponse, error) {
	return &pb.CheckHealthResponse{}, nil
}

func (s *pluginServer) Shutdown(ctx context.Context, _ *pb.ShutdownRequest) (*pb.ShutdownResponse, error) {
	return &pb.ShutdownResponse{}, s.backend.Shutdown(ctx)
}
