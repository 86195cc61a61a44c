package wire

import (
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func capabilitiesToProto(c sdk.Capabilities) *pb.Capabilities {
	return &pb.Capabilities{
		Operations: words[string](c.Operations),
		Corridors:  each(c.Corridors, corridorToProto),
		Needs:      needsToProto(c.Needs),
		Identity:   c.Identity,
		CardS2S:    c.CardS2S,
	}
}

// capabilities never returns nil Operations: nil would read as "everything that
// is implemented", and on this side of the wire everything is.
func (r *reader) capabilities(p *pb.Capabilities) sdk.Capabilities {
	operations := words[sdk.Operation](p.GetOperations())
	if operations == nil {
		operations = []sdk.Operation{}
	}
	return sdk.Capabilities{
		Operations: operations,
		Corridors:  each(p.GetCorridors(), r.corridor),
		Needs:      needsFromProto(p.GetNeeds()),
		Identity:   p.GetIdentity(),
		CardS2S:    p.GetCardS2S(),
	}
}

func needsToProto(needs map[sdk.Operation][]string) map[string]*pb.FieldNames {
	if len(needs) == 0 {
		return nil
	}
	converted := make(map[string]*pb.FieldNames, len(needs))
	for operation, names := range needs {
		converted[string(operation)] = &pb.FieldNames{Names: names}
	}
	return converted
}

func needsFromProto(needs map[string]*pb.FieldNames) map[sdk.Operation][]string {
	if len(needs) == 0 {
		return nil
	}
	converted := make(map[sdk.Operation][]string, len(needs))
	for operation, names := range needs {
		converted[sdk.Operation(operation)] = names.GetNames()
	}
	return converted
}

func corridorToProto(c sdk.Corridor) *pb.Corridor {
	return &pb.Corridor{
		Kind:       kinds.proto[c.Kind],
		Countries:  c.Countries,
		Currencies: each(c.Currencies, money.Currency.String),
		Methods:    c.Methods,
		Networks:   c.Networks,
		Min:        moneyToProto(c.Min),
		Max:        moneyToProto(c.Max),
		Step:       moneyToProto(c.Step),
	}
}

func (r *reader) corridor(p *pb.Corridor) sdk.Corridor {
	return sdk.Corridor{
		Kind:      kinds.sdk[p.GetKind()],
		Countries: p.GetCountries(),
		Currencies: each(p.GetCurrencies(), func(code string) money.Currency {
			return r.currency("corridor.currencies", code)
		}),
		Methods:  p.GetMethods(),
		Networks: p.GetNetworks(),
		Min:      r.amount("corridor.min", p.GetMin()),
		Max:      r.amount("corridor.max", p.GetMax()),
		Step:     r.amount("corridor.step", p.GetStep()),
	}
}
