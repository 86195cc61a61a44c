package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// killStrays ends what a plugin started and what left the plugin's process group:
// all that have the plugin's own folder in their environment, as its children
// have. Who is in the group was killed before and may still be about to end: it is
// waited for and counts for nothing. It reports whether there was any other, and an
// error if one does not end in time.
func killStrays(folder string, group int, bound time.Duration) (found bool, err error) {
	deadline := time.Now().Add(bound)
	for pause := time.Millisecond; ; pause *= 2 {
		strays, err := straysOf(folder)
		if err != nil || len(strays) == 0 {
			return found, err
		}
		for _, one := range strays {
			found = found || outside(one.Pid, group)
			err = errors.Join(err, one.Kill(), one.Release())
		}
		if time.Now().After(deadline) {
			return found, errors.Join(fmt.Errorf("%d processes do not end", len(strays)), err)
		}
		time.Sleep(pause) // They end a little after the signal.
	}
}

// outside reports whether a process is in another group; one that is over is in none.
func outside(pid, group int) bool {
	its, err := syscall.Getpgid(pid)
	return err == nil && its != group
}

// straysOf returns the processes with folder in their environment. It holds each
// before it reads what it is, so that no other process can get its id meanwhile.
func straysOf(folder string) ([]*os.Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var strays []*os.Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		one, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		environ, err := os.ReadFile("/proc/" + entry.Name() + "/environ")
		if err == nil && names(environ, folder) {
			strays = append(strays, one)
			continue
		}
		_ = one.Release() // Another user's, or over.
	}
	return strays, nil
}

// names reports whether an environment has a folder, or what is in it. The name of
// another one may begin with its name.
func names(environ []byte, folder string) bool {
	return bytes.Contains(environ, []byte(folder+"\x00")) || bytes.Contains(environ, []byte(folder+"/"))
}
