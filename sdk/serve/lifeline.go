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
)

// lifelineVariable holds the number of a file descriptor: the reading end of a
// pipe whose other end only the engine holds. When it ends, the engine is gone.
const lifelineVariable = "PAYMUX_PLUGIN_LIFELINE"

// watchLifeline ends the process when the engine is gone. Calls in flight are
// not waited for: nobody is there to hear, and the engine will ask the provider.
func watchLifeline(descriptor string) error {
	if descriptor == "" {
		return nil
	}
	number, err := strconv.ParseUint(descriptor, 10, 16)
	if err != nil {
		return fmt.Errorf("serve: %s: %q is not a file descriptor", lifelineVariable, descriptor)
	}
	pipe := os.NewFile(uintptr(number), "lifeline")
	if _, err := pipe.Stat(); err != nil {
		return fmt.Errorf("serve: %s: descriptor %d is not open: %w", lifelineVariable, number, err)
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
	signal.Notify(signals, syscall.SIGINT)
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
