package main

import (
	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"
)

// harden keeps the memory of this process, which holds secrets, out of core
// dumps and of other processes' reach.
func harden(log hclog.Logger) {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		log.Warn("core dumps are not off", "error", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		log.Warn("the process can be dumped", "error", err)
	}
}
