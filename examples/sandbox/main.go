// Command sandbox starts the sandboxes of the providers on loopback ports and runs until it is
// interrupted. It prints where they are and what a plugin's settings need to reach them.
//
//	go run ./examples/sandbox               free ports
//	go run ./examples/sandbox -addr :7000   this port, and the ones after it
//	go run ./examples/sandbox -json         one line for a script: {"cinetpay": "http://127.0.0.1:39211"}
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

// run starts every sandbox, prints them, and closes them when ctx ends.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:0", "first `host:port`; the next sandboxes take the ports after it (0: free ones)")
	asJSON := flags.Bool("json", false, "print the addresses as one line of JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag: see -help", flags.Arg(0))
	}
	first, err := splitAddress(*addr)
	if err != nil {
		return err
	}
	running := providers(first)
	defer func() { err = errors.Join(err, closeAll(running)) }()
	for _, p := range running {
		if err := p.server.Start(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	show := printText
	if *asJSON {
		show = printJSON
	}
	if err := show(out, running); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func closeAll(running []provider) error {
	var errs []error
	for _, p := range running {
		errs = append(errs, p.server.Close())
	}
	return errors.Join(errs...)
}

// address is where the sandboxes listen.
type address struct {
	host string
	port int
}

func splitAddress(text string) (address, error) {
	host, digits, err := net.SplitHostPort(text)
	if err != nil {
		return address{}, fmt.Errorf("-addr: %w: give host:port", err)
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return address{}, fmt.Errorf("-addr: port %q: give 0 to 65535", digits)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return address{host: host, port: int(port)}, nil
}

// of is the address of the sandbox with the number, from 0.
func (a address) of(number int) string {
	port := a.port
	if port > 0 {
		port += number
	}
	return net.JoinHostPort(a.host, strconv.Itoa(port))
}
