package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"

	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
)

// processRunner starts a plugin process for go-plugin and stands between the
// two. go-plugin believes what a process writes: it panics on a log line whose
// @message is no text, stops reading after a long line on stdout, and resolves
// whatever host name it is told. Here it gets harmless lines and addresses alone.
type processRunner struct {
	cmd      *exec.Cmd
	dir      string // Of its socket.
	stdout   *lineReader
	stderr   *lineReader
	launched chan<- int // Has room for the id of the process.
}

var _ runner.Runner = (*processRunner)(nil)

// newRunner returns the runner of a command, whose environment gets what
// go-plugin adds to it. What it logs is read without secrets.
func newRunner(cmd *exec.Cmd, dir string, further []string, hide func(string) string) (*processRunner, error) {
	// The last one of a name counts: go-plugin chose another directory.
	cmd.Env = slices.Concat(cmd.Env, further, []string{plugin.EnvUnixSocketDir + "=" + dir})
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, errors.Join(err, stdout.Close())
	}
	without := func(line []byte) []byte { return []byte(hide(string(line))) }
	return &processRunner{
		cmd: cmd, dir: dir,
		stdout: newLineReader(stdout, plainLine),
		stderr: newLineReader(stderr, func(line []byte) []byte { return logLine(without(line)) }),
	}, nil
}

// Start starts the process and bounds what it may take.
func (r *processRunner) Start(context.Context) error {
	if err := r.cmd.Start(); err != nil {
		return unstartable(err)
	}
	if err := confine(r.cmd.Process.Pid, r.cmd.Path); err != nil {
		return errors.Join(err, r.cmd.Process.Kill(), r.cmd.Wait())
	}
	r.launched <- r.cmd.Process.Pid
	return nil
}

// unstartable says in words why the system starts no process from a copy whose
// file is there and may be executed.
func unstartable(err error) error {
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("it is no program for %s/%s: build it for this system: %w", runtime.GOOS, runtime.GOARCH, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("what it needs to run is not here, the interpreter in its first line or its loader: install that, or link it statically: %w", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("nothing may be executed where its private copy is: mount that without noexec: %w", err)
	}
	return err
}

// Wait waits for the end of the process. go-plugin calls it after both streams ended.
func (r *processRunner) Wait(context.Context) error { return r.cmd.Wait() }

// Kill ends the process itself; its group is ended by killGroup.
func (r *processRunner) Kill(context.Context) error {
	if r.cmd.Process == nil {
		return nil
	}
	if err := r.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// abandon stops reading from the process. Somebody that it started and that
// left its group can hold the streams open for ever.
func (r *processRunner) abandon() {
	_ = r.stdout.Close()
	_ = r.stderr.Close()
}

// Stdout has the handshake line.
func (r *processRunner) Stdout() io.ReadCloser { return r.stdout }

// Stderr has the log.
func (r *processRunner) Stderr() io.ReadCloser { return r.stderr }

// Name is the path of the private copy.
func (r *processRunner) Name() string { return r.cmd.Path }

// ID is the process id; empty means to go-plugin that there is nothing to end.
func (r *processRunner) ID() string {
	if r.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(r.cmd.Process.Pid)
}

// Diagnose has nothing to add: handshakeFault says it.
func (r *processRunner) Diagnose(context.Context) string { return "" }

// PluginToHost lets the engine connect to a socket in the process's own
// directory or to a port of this machine, given as a number, and nowhere else.
func (r *processRunner) PluginToHost(network, address string) (string, string, error) {
	port, err := netip.ParseAddrPort(address)
	switch {
	case network == "unix" && filepath.Dir(address) == r.dir:
		return network, address, nil
	case network == "tcp" && err == nil && port.Addr().IsLoopback():
		return network, address, nil
	}
	return "", "", fmt.Errorf("it serves at %s %s, which is neither a socket in its directory (%s) nor a port of 127.0.0.1",
		network, brief(address), plugin.EnvUnixSocketDir)
}

// HostToPlugin changes nothing. Only the broker would ask, and there is none.
func (r *processRunner) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
