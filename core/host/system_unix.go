//go:build unix

package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// ownGroup puts a process into a process group of its own, so that a terminal's
// or a service manager's signals miss it and killGroup reaches its children.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends the group that the process with id pid leads. A group that is
// gone already is no fault.
func killGroup(pid int) error {
	if pid <= 1 {
		return fmt.Errorf("%d leads no process group of ours", pid)
	}
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process group %d: %w", pid, err)
	}
	return nil
}

// openNoFollow opens a file for reading unless its last element is a symlink.
func openNoFollow(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// lockShared marks a directory as used, by this engine beside others.
func lockShared(dir *os.File) error { return syscall.Flock(int(dir.Fd()), syscall.LOCK_SH) }

// lockAlone reports whether nobody else uses the directory, and marks it if so.
func lockAlone(dir *os.File) bool {
	return syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// starved reports whether an error is of what this process or the machine has no more of.
func starved(err error) bool {
	shortages := []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EAGAIN, syscall.ENOSPC, syscall.EDQUOT}
	return slices.ContainsFunc(shortages, func(one error) bool { return errors.Is(err, one) })
}

// ownedByOther reports whether somebody but this user and root owns a file.
func ownedByOther(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || stat.Uid != 0 && int(stat.Uid) != os.Geteuid()
}
