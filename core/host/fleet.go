package host

import "time"

// fleet is all processes of one configuration. It never changes: a reload puts
// another one in its place.
type fleet struct {
	processes map[place]*process
	serving   map[string]*process      // By account.
	bounds    map[string]time.Duration // Of one call, by account.
}

func newFleet(processes map[place]*process) *fleet {
	f := &fleet{processes: processes, serving: map[string]*process{}, bounds: map[string]time.Duration{}}
	for _, p := range processes {
		for name, account := range p.ordered().accounts {
			f.serving[name], f.bounds[name] = p, account.Timeout
		}
	}
	return f
}

// checksums are those of the binaries that are configured.
func (f *fleet) checksums() map[string]bool {
	sums := make(map[string]bool, len(f.processes))
	for _, p := range f.processes {
		sums[p.ordered().source.checksum()] = true
	}
	return sums
}

// unchanged returns a change for each place that changes nothing there.
func (f *fleet) unchanged() map[place]*change {
	changes := make(map[place]*change, len(f.processes))
	for where, p := range f.processes {
		changes[where] = &change{order: p.ordered(), old: p, process: p}
	}
	return changes
}
