package conformance

import (
	"context"
	"time"
)

// orphanMax is how long a process may outlive its engine.
const orphanMax = 5 * time.Second

func lifelineEndsProcess() clause {
	return clause{
		name:    "the end of the lifeline ends the process",
		demands: "When the pipe at the descriptor that PAYMUX_PLUGIN_LIFELINE names ends, the engine is gone, and the process ends within 5 seconds.",
		mend:    "Read the descriptor in a thread of its own and exit at its end. serve.Main does.",
		on:      processOnly,
		check: func(ctx context.Context, b *bench) (string, error) {
			if err := b.process.HangUp(); err != nil {
				return "", err
			}
			began := time.Now()
			ctx, cancel := context.WithTimeout(ctx, orphanMax)
			defer cancel()
			if !b.process.Ended(ctx) {
				return "", broken("%s later the process lives on", orphanMax)
			}
			return "ended after " + time.Since(began).Round(time.Millisecond).String(), nil
		},
	}
}
