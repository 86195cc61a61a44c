package host

import (
	"os"
	"syscall"
	"time"
)

// fingerprint tells whether a file may have changed: every write, rename, link or
// change of mode sets its ctime, which nobody but root can set back. The zero
// fingerprint is nobody's.
type fingerprint struct {
	device, inode uint64
	size          int64
	changed       syscall.Timespec
}

// fingerprintOf returns that of the file at path, the zero one if it cannot be
// relied on.
func fingerprintOf(path string) fingerprint {
	info, err := os.Lstat(path)
	if err != nil {
		return fingerprint{}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || time.Since(time.Unix(stat.Ctim.Unix())) < settledAfter {
		return fingerprint{}
	}
	return fingerprint{uint64(stat.Dev), stat.Ino, stat.Size, stat.Ctim}
}
