package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// memory is a file system without a disk, where there is one.
const memory = "/dev/shm"

// timeless are the packages whose tests prove nothing about time or a disk: time
// is virtual in them and a crash is a store that is opened again. Their files are
// in memory, and they run beside those that wait for a disk.
func timeless() []string {
	return []string{"core/api", "core/coretest", "core/httpapi", "core/machine", "core/orchestrator", "core/reconcile"}
}

// durable are the packages that wait for a disk most of the time. All others
// measure how long something takes, and run alone.
func durable() []string { return []string{"core/store/boltstore"} }

// lanes are the places of suites in their list, by how they run: those of the
// first two at the same time, one after the other in each, and then the third's.
func lanes(list []suite) (inMemory, onDisk, alone []int) {
	for i, one := range list {
		switch {
		case slices.Contains(timeless(), one.folder):
			inMemory = append(inMemory, i)
		case slices.Contains(durable(), one.folder):
			onDisk = append(onDisk, i)
		default:
			alone = append(alone, i)
		}
	}
	return inMemory, onDisk, alone
}

// testAll runs all suites and returns what came of each, in their order.
func testAll(ctx context.Context, asked order, list []suite, stderr io.Writer) ([]result, error) {
	environ, remove := inMemoryFolder()
	progress := &shared{to: stderr}
	results := make([][]result, len(list))
	run := func(places []int, environ ...string) error {
		for _, i := range places {
			fmt.Fprintf(progress, "== %s: %d tests\n", list[i].folder, len(list[i].tests))
			var err error
			if results[i], err = test(ctx, asked, list[i], progress, environ...); err != nil {
				return err
			}
		}
		return nil
	}
	inMemory, onDisk, alone := lanes(list)
	beside := make(chan error, 1)
	go func() { beside <- run(inMemory, environ...) }()
	err := errors.Join(run(onDisk), <-beside)
	if err == nil {
		err = run(alone)
	}
	return slices.Concat(results...), errors.Join(err, remove())
}

// inMemoryFolder makes a folder in memory and returns the environment of tests
// whose files go there. What is built stays where it was: memory may refuse to run
// programs. Where there is no such file system the environment is empty.
func inMemoryFolder() (environ []string, remove func() error) {
	folder, err := os.MkdirTemp(memory, "pmx-")
	if err != nil {
		return nil, func() error { return nil } // Then the files are on a disk.
	}
	return []string{"TMPDIR=" + folder, "GOTMPDIR=" + os.TempDir()}, func() error { return os.RemoveAll(folder) }
}

// shared lets suites write at the same time.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

// Write implements io.Writer.
func (s *shared) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(text)
}
