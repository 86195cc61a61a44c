package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// outputWithin bounds how long the output of a process that ended is waited for.
const outputWithin = 5 * time.Second

// Process is a program that was started. It is in a process group of its own, so
// that an interrupt at the terminal reaches it only through whoever started it.
type Process struct {
	name   string
	cmd    *exec.Cmd
	output *output
	ended  chan struct{}
	err    error
}

// start starts a program with the additional environment.
func start(path string, environ []string, args ...string) (*Process, error) {
	p := &Process{name: filepath.Base(path), output: newOutput(), ended: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.Env = append(os.Environ(), environ...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.WaitDelay = outputWithin
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		p.output.close()
		close(p.ended)
	}()
	return p, nil
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Output is all that the process printed so far.
func (p *Process) Output() string { return p.output.String() }

// Await waits until the output matches, and returns the match and its groups. It
// returns an error with the output if the process ends before, or ctx does.
func (p *Process) Await(ctx context.Context, pattern string) ([]string, error) {
	wanted := regexp.MustCompile(pattern)
	for {
		text, more := p.output.read()
		if found := wanted.FindStringSubmatch(text); found != nil {
			return found, nil
		}
		if more == nil {
			return nil, fmt.Errorf("%s ended without printing %q:\n%s", p.name, pattern, text)
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, fmt.Errorf("%s has not printed %q: %w\n%s", p.name, pattern, ctx.Err(), text)
		}
	}
}

// Signal sends a signal.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Wait waits until the process has ended, and returns its exit code: -1 if a
// signal ended it.
func (p *Process) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%s still runs: %w", p.name, ctx.Err())
	}
}

// Kill ends the process as a power failure would, with SIGKILL, and waits until it
// is gone.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	<-p.ended
	return nil
}

// Stop asks the process to end, and kills it when ctx ends before it does. It
// returns an error with the output if the process did not end well.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	code, err := p.Wait(ctx)
	if err != nil {
		return errors.Join(err, p.Kill())
	}
	if code != 0 {
		return fmt.Errorf("%s ended with code %d:\n%s", p.name, code, p.Output())
	}
	return nil
}

// output collects what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	// more is closed by the next write, and nil after the last one.
	more chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(p)
	close(o.more)
	o.more = make(chan struct{})
	return n, err
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = nil
}

// read returns the text so far and a channel that is closed when there is more;
// the channel is nil if there never will be.
func (o *output) read() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.more
}

// String returns the text so far.
func (o *output) String() string {
	text, _ := o.read()
	return text
}
