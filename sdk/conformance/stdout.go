package conformance

import (
	"context"

	"github.com/paymux/paymux/sdk"
)

func stdoutIsFree() clause {
	return clause{
		name:    "noise on stdout is harmless",
		demands: "With everything logged (PAYMUX_PLUGIN_LOG=trace) the first line on stdout is the handshake, and calls are answered.",
		mend:    "Print and log to stderr. serve.Main points os.Stdout there until the handshake; what a C library or a raw descriptor writes is yours to find.",
		on:      processOnly,
		level:   "trace",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) {
				_, a, err := b.settled(ctx, kind, b.usual(kind))
				return a.asked().String(), err
			})
		},
	}
}
