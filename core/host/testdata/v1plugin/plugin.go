package main

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/paymux/paymux/core/host/testdata/v1plugin/providerv1"
)

type pluginService struct {
	pb.UnimplementedPluginServiceServer
	books *books
}

func (s *pluginService) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return &pb.DescribeResponse{Manifest: &pb.Manifest{
		Name: "v1plugin", Version: "1.0.0", Doc: "A provider that keeps its books in memory.",
		Settings: []*pb.Field{
			{Name: "site", Kind: pb.FieldKind_FIELD_KIND_STRING, Required: true, Doc: "The site's number."},
			{Name: "key", Kind: pb.FieldKind_FIELD_KIND_STRING, Required: true, Secret: true, Doc: "The key."},
			{Name: "wait", Kind: pb.FieldKind_FIELD_KIND_DURATION, Default: "20s", Doc: "How long a call may take."},
		},
		Facts: []*pb.Facts{{
			Kind: pb.Kind_KIND_PAYMENT, Idempotency: pb.Idempotency_IDEMPOTENCY_KEY, KeyTtl: durationpb.New(24 * time.Hour),
			KeyScope: "site", QueryBy: pb.QueryBy_QUERY_BY_OUR_REF, DeclinedIsFinal: true,
			LateSuccess: durationpb.New(72 * time.Hour), TellsCurrency: true, PushWebhooks: true,
			Poll: []*durationpb.Duration{durationpb.New(5 * time.Second), durationpb.New(time.Minute)},
		}},
		Capabilities: capabilities(""),
	}}, nil
}

func capabilities(identity string) *pb.Capabilities {
	return &pb.Capabilities{
		Operations: []string{"payment", "cancel", "query", "list", "notification", "balance"},
		Corridors: []*pb.Corridor{{
			Kind: pb.Kind_KIND_PAYMENT, Countries: []string{"CI"}, Currencies: []string{"XOF"},
			Methods: []string{"mobile_money"}, Networks: []string{"ORANGE"},
			Min: xof(100), Max: xof(1_500_000), Step: xof(5),
		}},
		Needs:    map[string]*pb.FieldNames{"payment": {Names: []string{"customer.phone"}}},
		Identity: identity,
	}
}

func xof(minor int64) *pb.Money { return &pb.Money{Minor: minor, Currency: "XOF"} }

func (s *pluginService) ValidateSettings(_ context.Context, req *pb.ValidateSettingsRequest) (*pb.ValidateSettingsResponse, error) {
	return &pb.ValidateSettingsResponse{Diagnostics: wrong(req.GetSettings())}, nil
}

// wrong says what is wrong with settings.
func wrong(settings *pb.Settings) []*pb.Diagnostic {
	if settings.GetValues()["site"].GetText() != "unknown" {
		return nil
	}
	return []*pb.Diagnostic{{Path: "site", Summary: "no such site", Detail: "look it up in the portal"}}
}

func (s *pluginService) Configure(_ context.Context, req *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	if found := wrong(req.GetSettings()); len(found) > 0 {
		return &pb.ConfigureResponse{Diagnostics: found}, nil
	}
	s.books.open(req.GetAccount(), req.GetSettings())
	return &pb.ConfigureResponse{Capabilities: capabilities(req.GetSettings().GetValues()["site"].GetText())}, nil
}

func (s *pluginService) Remove(_ context.Context, req *pb.RemoveRequest) (*pb.RemoveResponse, error) {
	s.books.forget(req.GetAccount())
	return &pb.RemoveResponse{}, nil
}

func (s *pluginService) CheckHealth(context.Context, *pb.CheckHealthRequest) (*pb.CheckHealthResponse, error) {
	return &pb.CheckHealthResponse{}, nil
}

func (s *pluginService) Shutdown(context.Context, *pb.ShutdownRequest) (*pb.ShutdownResponse, error) {
	s.books.log.Info("shut down")
	return &pb.ShutdownResponse{}, nil
}
