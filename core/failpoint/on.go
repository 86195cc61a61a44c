//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// killed is the exit code of a process that kill -9 ended, as a shell tells it.
const killed = 137

// armed is the place that ends the process, left the times to pass it until then.
var (
	armed, times, _ = strings.Cut(os.Getenv("PAYMUX_FAILPOINT"), "#")
	left            = counter(times)
)

func counter(times string) *atomic.Int64 {
	var left atomic.Int64
	n, err := strconv.ParseInt(times, 10, 64)
	if err != nil {
		n = 1
	}
	left.Store(n)
	return &left
}

// At is a place where the process may end: it does at the one that is armed.
func At(name string) {
	fmt.Fprintf(os.Stderr, "failpoint: %s\n", name)
	if name == armed && left.Add(-1) == 0 {
		os.Exit(killed)
	}
}
