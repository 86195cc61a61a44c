// Command run serves the sandbox until it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/paymux/paymux/sdk/scaffold/payout/sandbox"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7100", "`host:port` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := sandbox.New(*addr)
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stdout, "Acme's sandbox is at %s, its ledger at %[1]s/_sandbox/state. No money moves.\n", server.URL())
	<-ctx.Done()
	_ = server.Close() // It never fails.
}
