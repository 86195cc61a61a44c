package wire

import (
	"context"

	"google.golang.org/grpc/metadata"

	"github.com/paymux/paymux/sdk"
)

// The metadata keys of the ids, for logs alone.
const (
	transactionKey = "paymux-transaction"
	attemptKey     = "paymux-attempt"
)

// bodiesKey is in the metadata of a call whose exchanges are to have bodies.
const bodiesKey = "paymux-bodies"

// Call names what a call is about. Both are empty for calls about no attempt.
type Call struct {
	// Transaction is the engine's id, such as "pay_01J...".
	Transaction string
	// Attempt is the attempt's reference at the provider.
	Attempt string
}

// CallOf returns what the call being served is about, as its metadata tells.
func CallOf(ctx context.Context) Call {
	md, _ := metadata.FromIncomingContext(ctx)
	return Call{Transaction: first(md.Get(transactionKey)), Attempt: first(md.Get(attemptKey))}
}

// BodiesWanted reports whether the exchanges of the call being served are to have
// bodies, as its metadata tells.
func BodiesWanted(ctx context.Context) bool {
	md, _ := metadata.FromIncomingContext(ctx)
	return len(md.Get(bodiesKey)) > 0
}

// wanting returns ctx with the other side told whether bodies are wanted.
func wanting(ctx context.Context) context.Context {
	if !sdk.WantsBodies(ctx) {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, bodiesKey, "yes")
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// about returns ctx with the ids of a for the other side's logs.
func about(ctx context.Context, a sdk.Attempt) context.Context {
	if !printable(a.TransactionID) || !printable(a.Ref) {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, transactionKey, a.TransactionID, attemptKey, a.Ref)
}

// printable reports whether gRPC takes text as metadata; it refuses the whole call otherwise.
func printable(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return text != ""
}
