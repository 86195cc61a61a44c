// Command demo shows Paymux at work. It builds the engine and the plugins of four
// providers, starts them beside the providers' sandboxes, and plays what happens to
// money in real life: refusals, lost answers, lost and repeated notifications, an
// engine that is killed, a prompt on a phone, payouts that wait for a person,
// transfers that are found in a list, a provider that has no time, and a fifth
// provider of another team, with refunds and cancellation. At the end it
// lays the engine's books beside the ledgers of all sandboxes, and fails if they
// differ. No money moves.
//
//	go run ./examples/demo          play, and clean up
//	go run ./examples/demo -keep    leave everything running until Ctrl-C
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	keep := flag.Bool("keep", false, "leave engine and sandboxes running after the last scene, until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := play(ctx, os.Stdout, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
