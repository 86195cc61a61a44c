package wire

import (
	"maps"
	"slices"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func manifestToProto(m sdk.Manifest) *pb.Manifest {
	return &pb.Manifest{
		Name:         m.Name,
		Version:      m.Version,
		Doc:          m.Doc,
		Settings:     each(m.Settings, fieldToProto),
		Facts:        factsToProto(m.Facts),
		Capabilities: capabilitiesToProto(m.Capabilities),
	}
}

func (r *reader) manifest(p *pb.Manifest) sdk.Manifest {
	return sdk.Manifest{
		Name:         p.GetName(),
		Version:      p.GetVersion(),
		Doc:          p.GetDoc(),
		Settings:     each(p.GetSettings(), fieldFromProto),
		Facts:        factsFromProto(p.GetFacts()),
		Capabilities: r.capabilities(p.GetCapabilities()),
	}
}

func fieldToProto(f sdk.Field) *pb.Field {
	return &pb.Field{
		Name:     f.Name,
		Kind:     fieldKinds.proto[f.Kind],
		Required: f.Required,
		Secret:   f.Secret,
		Default:  f.Default,
		Enum:     f.Enum,
		Doc:      f.Doc,
	}
}

func fieldFromProto(p *pb.Field) sdk.Field {
	return sdk.Field{
		Name:     p.GetName(),
		Kind:     fieldKinds.sdk[p.GetKind()],
		Required: p.GetRequired(),
		Secret:   p.GetSecret(),
		Default:  p.GetDefault(),
		Enum:     p.GetEnum(),
		Doc:      p.GetDoc(),
	}
}

// factsToProto orders by kind, so that the same manifest is the same bytes.
func factsToProto(facts map[sdk.Kind]sdk.Facts) []*pb.Facts {
	return each(slices.Sorted(maps.Keys(facts)), func(kind sdk.Kind) *pb.Facts {
		f := facts[kind]
		return &pb.Facts{
			Kind:                  kinds.proto[kind],
			Idempotency:           idempotencies.proto[f.Idempotency],
			KeyTtl:                durationToProto(f.KeyTTL),
			KeyScope:              f.KeyScope,
			ReplaysErrors:         f.ReplaysErrors,
			QueryBy:               queryBys.proto[f.QueryBy],
			NotFoundFinalAfter:    durationToProto(f.NotFoundFinalAfter),
			DeclinedIsFinal:       f.DeclinedIsFinal,
			LateSuccess:           durationToProto(f.LateSuccess),
			Reversals:             f.Reversals,
			TellsCurrency:         f.TellsCurrency,
			PaidByLink:            f.PaidByLink,
			PushWebhooks:          f.PushWebhooks,
			NotifiesByProviderRef: f.NotifiesByProviderRef,
			Poll:                  each(f.Poll, durationToProto),
			Window:                durationToProto(f.Window),
		}
	})
}

// factsFromProto leaves out kinds that this version does not know: nothing of
// such a kind can be asked.
func factsFromProto(list []*pb.Facts) map[sdk.Kind]sdk.Facts {
	facts := make(map[sdk.Kind]sdk.Facts, len(list))
	for _, p := range list {
		kind, known := kinds.sdk[p.GetKind()]
		if !known || kind == "" {
			continue
		}
		facts[kind] = sdk.Facts{
			Idempotency:           idempotencies.sdk[p.GetIdempotency()],
			KeyTTL:                durationFromProto(p.GetKeyTtl()),
			KeyScope:              p.GetKeyScope(),
			ReplaysErrors:         p.GetReplaysErrors(),
			QueryBy:               queryBys.sdk[p.GetQueryBy()],
			NotFoundFinalAfter:    durationFromProto(p.GetNotFoundFinalAfter()),
			DeclinedIsFinal:       p.GetDeclinedIsFinal(),
			LateSuccess:           durationFromProto(p.GetLateSuccess()),
			Reversals:             p.GetReversals(),
			TellsCurrency:         p.GetTellsCurrency(),
			PaidByLink:            p.GetPaidByLink(),
			PushWebhooks:          p.GetPushWebhooks(),
			NotifiesByProviderRef: p.GetNotifiesByProviderRef(),
			Poll:                  each(p.GetPoll(), durationFromProto),
			Window:                durationFromProto(p.GetWindow()),
		}
	}
	return facts
}
