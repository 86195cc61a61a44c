// Command embed is a shop with the engine inside: one process that sells, and takes
// money through three doors. Its customers' credit is a provider inside the process,
// CinetPay is a plugin outside of it, and the engine's API, with the notifications
// of providers, is mounted below /pay.
//
//	make build && go build -o bin/sandbox ./examples/sandbox
//	bin/sandbox -addr 127.0.0.1:7000 &
//	go run ./examples/embed
//	curl http://127.0.0.1:8080/checkout -d '{ "order": "1", "customer": "c-7", "amount": "3000", "with": "credit" }'
//	curl http://127.0.0.1:8080/checkout -d '{ "order": "2", "customer": "c-7", "amount": "3000", "with": "phone" }'
//	curl http://127.0.0.1:8080/pay/v1/transactions
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	config := flag.String("c", "examples/embed/paymux.yaml", "the engine's configuration `file`")
	listen := flag.String("listen", "127.0.0.1:8080", "`host:port` of the shop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *listen)
	if err == nil {
		err = run(ctx, listener, *config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// closeWithin bounds the end of the shop: calls under way to providers included.
const closeWithin = 40 * time.Second

// run sells until ctx ends, or the engine cannot go on.
func run(ctx context.Context, listener net.Listener, config string) (err error) {
	shop, err := open(ctx, config, listener.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: shop.handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Printf("shop: http://%s/checkout, payments at http://%[1]s/pay/docs\n", listener.Addr())
	// It returns when ctx ends, and with an error when the store cannot be written
	// any more: then the process must end and start again.
	err = shop.engine.Run(ctx)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ending), shop.engine.Close(ending))
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
