//go:build unix

package plugintest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/sdk/wire"
)

const (
	// startTimeout bounds the time from the start to the handshake.
	startTimeout = 20 * time.Second
	// killTimeout bounds what go-plugin does at the end, before the group is killed.
	killTimeout = 3 * time.Second
	// writtenMax bounds what is kept of what a process writes, in bytes.
	writtenMax = 4 << 20
	// lastWordsMax is how much of it an error repeats.
	lastWordsMax = 600
)

// Binary is a plugin to be started, in whatever language it is written.
type Binary struct {
	Path string
	// Env are entries "NAME=value" that the process sees beside PATH, TMPDIR and
	// those of the protocol.
	Env []string
	// LogLevel is the least level that it is told to log. Default: debug.
	LogLevel string
}

// Process is a plugin in a process of its own, started as an engine starts one.
type Process struct {
	*wire.Client
	pid      int
	client   *plugin.Client
	lifeline *os.File
	dir      string
	written  *written
}

// Launch starts a plugin: with the handshake, mutual TLS, a lifeline, a process
// group of its own, and nothing of this process's environment but PATH. The
// error repeats the last that the process wrote. The caller stops what it returns.
func Launch(b Binary) (*Process, error) {
	p, err := prepare()
	if err != nil {
		return nil, fmt.Errorf("plugintest: launch: %w", err)
	}
	if err := p.begin(b); err != nil {
		p.Stop() // Only after its end all that it wrote is here.
		return nil, fmt.Errorf("plugintest: launch %s: %w%s", filepath.Base(b.Path), err, p.lastWords())
	}
	return p, nil
}

func prepare() (*Process, error) {
	// Below /tmp, because the path of a socket has at most 103 bytes.
	dir, err := os.MkdirTemp("/tmp", "paymux-")
	if err != nil {
		return nil, err
	}
	return &Process{dir: dir, written: &written{}}, nil
}

func (p *Process) begin(b Binary) error {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return err
	}
	p.lifeline = ours
	cmd := b.command(p.dir, theirs)
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake, VersionedPlugins: wire.ClientSets(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              cmd, SkipHostEnv: true, AutoMTLS: true, StartTimeout: startTimeout,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.dir}, Logger: hclog.NewNullLogger(),
		Stderr: p.written, SyncStdout: p.written, SyncStderr: p.written,
	})
	_, err = p.client.Start()
	err = errors.Join(err, theirs.Close())
	if cmd.Process != nil {
		p.pid = cmd.Process.Pid
	}
	if err != nil {
		_, _ = p.written.Write([]byte(wire.StrangeLine(err))) // go-plugin has it, and no other line of stdout. It never fails.
		return wire.HandshakeFault(err, startTimeout)
	}
	return p.connect()
}

func (b Binary) command(dir string, lifeline *os.File) *exec.Cmd {
	level := b.LogLevel
	if level == "" {
		level = "debug"
	}
	cmd := exec.Command(b.Path)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, plugin.EnvUnixSocketDir + "=" + dir,
		wire.LifelineVariable + "=3", wire.LogVariable + "=" + level,
	}, b.Env...)
	cmd.ExtraFiles = []*os.File{lifeline} // Descriptor 3.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// connect awaits the connection beside a timer: go-plugin does not bound it.
func (p *Process) connect() error {
	connected := make(chan error, 1)
	go func() {
		protocol, err := p.client.Client()
		if err == nil {
			var dispensed any
			dispensed, err = protocol.Dispense(wire.PluginName)
			p.Client, _ = dispensed.(*wire.Client)
		}
		connected <- err
	}()
	select {
	case err := <-connected:
		return err
	case <-time.After(startTimeout):
		_ = syscall.Kill(-p.pid, syscall.SIGKILL) // This frees the connection.
		return errors.Join(errors.New("no connection after the handshake"), <-connected)
	}
}

// lastWords is the end of an error about a process that wrote something.
func (p *Process) lastWords() string {
	text := p.Written()
	if text == "" {
		return ""
	}
	return fmt.Sprintf("; it wrote %q", text[max(0, len(text)-lastWordsMax):])
}

// Signal sends a signal to the process.
func (p *Process) Signal(s syscall.Signal) error { return syscall.Kill(p.pid, s) }

// HangUp closes the lifeline, as the end of an engine does.
func (p *Process) HangUp() error { return p.lifeline.Close() }

// Written is what the process wrote to its stderr and stdout so far.
func (p *Process) Written() string { return p.written.String() }

// Descriptors counts the files and connections that the process has open. It
// returns false where the system does not tell.
func (p *Process) Descriptors() (int, bool) {
	open, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(p.pid), "fd"))
	return len(open), err == nil
}

// Stop ends the process, by force where it does not end by itself, and removes
// its files. It may be called again.
func (p *Process) Stop() {
	if p.client != nil {
		killed := make(chan struct{})
		go func() { defer close(killed); p.client.Kill() }()
		select {
		case <-killed:
		case <-time.After(killTimeout):
		}
		if p.pid > 1 {
			_ = syscall.Kill(-p.pid, syscall.SIGKILL) // What is left of the group, if anything.
		}
		<-killed
	}
	if p.lifeline != nil {
		_ = p.lifeline.Close()
	}
	_ = os.RemoveAll(p.dir)
}

// Ended waits until the process has ended, at most until ctx does, and reports
// whether it did.
func (p *Process) Ended(ctx context.Context) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !p.client.Exited() {
		select {
		case <-p.Done():
			return true
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// written keeps what a process wrote, up to a bound.
type written struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write never fails.
func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(p[:min(len(p), max(0, writtenMax-w.buf.Len()))])
	return len(p), nil
}

// String returns what was written so far.
func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}
