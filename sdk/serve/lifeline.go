package serve

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	"github.com/paymux/paymux/sdk/wire"
)

// watchLifeline ends the process when the engine is gone, which the end of the
// pipe at the descriptor tells; there is none when it is empty. Calls in flight are
// not waited for: nobody is there to hear, and the engine will ask the provider.
func watchLifeline(descriptor string) error {
	if descriptor == "" {
		return nil
	}
	number, err := strconv.ParseUint(descriptor, 10, 16)
	if err != nil {
		return fmt.Errorf("serve: %s: %q is not a file descriptor", wire.LifelineVariable, descriptor)
	}
	pipe := os.NewFile(uintptr(number), "lifeline")
	if _, err := pipe.Stat(); err != nil {
		return fmt.Errorf("serve: %s: descriptor %d is not open: %w", wire.LifelineVariable, number, err)
	}
	go func() {
		// Any end of reading, an error too, means that nobody holds the other end.
		_, _ = io.Copy(io.Discard, pipe)
		os.Exit(0)
	}()
	return nil
}

// holdSignals ignores SIGINT and SIGTERM until release is called. A service
// manager signals the whole group, and this process may be asking a provider to
// pay; the engine ends it when its calls have ended. Children are not affected.
func holdSignals(log *slog.Logger) (release func()) {
	signals := make(chan os.Signal, 1)
	released := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for {
			select {
			case got := <-signals:
				log.Info("signal ignored: the engine ends this process", "signal", got.String())
			case <-released:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		signal.Stop(signals)
		close(released)
	})
}
