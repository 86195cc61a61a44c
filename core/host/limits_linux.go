package host

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// The bounds of one plugin process.
const (
	// filesMax bounds its open files and connections: accounts call at most some
	// hundreds of times at once.
	filesMax = 1024
	// dataMax bounds the memory that it can write to, in bytes. Go takes 1.8 GB of
	// addresses for nothing, so that a bound on those (RLIMIT_AS) would have to be
	// useless; of this it takes 130 MB, nearly all for the stacks of threads.
	dataMax = 1 << 30
)

// confine bounds what a process that was just started may take, and has it leave
// no core file, in which its secrets would be.
func confine(pid int, path string) error {
	bounds := map[int]uint64{unix.RLIMIT_NOFILE: filesMax, unix.RLIMIT_CORE: 0, unix.RLIMIT_DATA: dataMax}
	if raceDetector(path) {
		delete(bounds, unix.RLIMIT_DATA) // Its shadow of the memory is larger than any bound.
	}
	for resource, most := range bounds {
		// A process that is over already is no fault of the limits.
		if err := bound(pid, resource, most); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("limits of process %d: %w", pid, err)
		}
	}
	return nil
}

func bound(pid, resource int, most uint64) error {
	var now unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &now); err != nil {
		return err
	}
	most = min(most, now.Max) // Raising it would need rights.
	return unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil)
}

// keepDescriptors keeps what this process has open from its children. Go opens
// everything so; what its own parent left open, such as a listener of systemd or
// a pipe of a shell, would be open in every plugin.
func keepDescriptors() error {
	const first = 3 // After stdin, stdout and stderr.
	if err := unix.CloseRange(first, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("descriptors: %w", err)
	}
	return nil
}
