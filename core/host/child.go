package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// child is one plugin process and the connection to it.
type child struct {
	pace     pace
	log      hclog.Logger
	lines    *lastLines
	secrets  *wire.Secrets
	holds    holds
	folder   *folder  // Of its socket; removed with it. Nil if it was not started here.
	lifeline *os.File // Our end of the pipe whose end tells the process that we are gone.
	childEnd *os.File
	binary   *binary
	cmd      *exec.Cmd      // Nil if it was not started here.
	runner   *processRunner // Nil until go-plugin starts it.
	launched chan int       // Gets the id of the process once it runs.
	client   *plugin.Client
	pid      int  // Zero until it runs.
	reaped   bool // Its end was waited for.

	conn     *grpc.ClientConn
	rpc      *wire.Client
	checksum string
	protocol int
	manifest sdk.Manifest
}

// begin starts the process and brings it to its first healthy answer.
func (c *child) begin(ctx context.Context) error {
	if err := c.start(ctx); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return c.meet(ctx)
}

// meet connects to a process that runs and hears what it is.
func (c *child) meet(ctx context.Context) error {
	if err := c.connect(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return c.greet(ctx)
}

// start waits for the handshake line. go-plugin cannot be interrupted here, but gives
// up when the process is killed.
func (c *child) start(ctx context.Context) error {
	started := make(chan error, 1)
	go func() {
		_, err := c.client.Start()
		started <- handshakeFault(err, c.pace.start)
	}()
	var err error
	select {
	case err = <-started:
	case <-ctx.Done():
		err = errors.Join(ctx.Err(), c.abort(started))
	}
	_ = c.childEnd.Close()
	if c.cmd.Process != nil {
		c.pid = c.cmd.Process.Pid
	}
	return err
}

// abort ends a start, and returns what came of it.
func (c *child) abort(started <-chan error) error {
	select {
	case pid := <-c.launched:
		return errors.Join(killGroup(pid), <-started)
	case err := <-started:
		return err
	}
}

// run makes the runner with which go-plugin starts the private copy, if that
// still is what was configured.
func (c *child) run(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
	if err := c.binary.verify(context.Background()); err != nil {
		return nil, err
	}
	var err error
	if c.runner, err = newRunner(c.cmd, c.folder.path, spec.Env, c.hide); err != nil {
		return nil, err
	}
	c.runner.launched = c.launched
	return c.runner, nil
}

// connect runs beside a timer: with a process that froze after its handshake
// line it would take 20 s and hold go-plugin's lock meanwhile.
func (c *child) connect(ctx context.Context) error {
	type connection struct {
		to  plugin.ClientProtocol
		err error
	}
	connected := make(chan connection, 1)
	go func() {
		to, err := c.client.Client()
		connected <- connection{to, err}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.pace.connect)
	defer cancel()
	select {
	case got := <-connected:
		if got.err != nil {
			return got.err
		}
		return c.dispense(got.to)
	case <-ctx.Done():
		return fmt.Errorf("it does not take connections: %w", ctx.Err())
	}
}

func (c *child) dispense(to plugin.ClientProtocol) error {
	over, ok := to.(*plugin.GRPCClient)
	if !ok {
		return fmt.Errorf("it speaks %T, want gRPC", to)
	}
	dispensed, err := over.Dispense(wire.PluginName)
	if err != nil {
		return err
	}
	if c.rpc, ok = dispensed.(*wire.Client); !ok {
		return fmt.Errorf("it is served by %T, want *wire.Client", dispensed)
	}
	c.conn = over.Conn
	if !c.attached() {
		c.protocol = c.client.NegotiatedVersion()
	}
	return nil
}

// greet asks for health first: only that answer means that the process works.
func (c *child) greet(ctx context.Context) error {
	if err := c.health(ctx, c.pace.connect); err != nil {
		return fmt.Errorf("health: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	var err error
	if c.manifest, err = c.rpc.Describe(ctx); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	return nil
}

// health asks the process whether it serves, within a bound: go-plugin's own
// Ping has none.
func (c *child) health(ctx context.Context, bound time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	resp, err := grpc_health_v1.NewHealthClient(c.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName})
	if err != nil {
		return err
	}
	if resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("it says %v", resp.GetStatus())
	}
	return nil
}

// watchConnection calls lost each time the connection stops being ready, until
// ctx ends. A living process never closes it.
func (c *child) watchConnection(ctx context.Context, lost func()) {
	for c.conn.WaitForStateChange(ctx, connectivity.Ready) {
		lost()
		for state := c.conn.GetState(); state != connectivity.Ready; state = c.conn.GetState() {
			if !c.conn.WaitForStateChange(ctx, state) {
				return
			}
		}
	}
}

// exit says how the process ended, nothing if that cannot be known.
func (c *child) exit() string {
	if !c.attached() && c.over() && c.cmd.ProcessState != nil {
		return c.cmd.ProcessState.String()
	}
	return ""
}

// over reports whether the end of the process was waited for.
func (c *child) over() bool {
	if c.rpc != nil && within(c.rpc.Done(), 0) {
		return true
	}
	return c.reaped
}

// stop ends the process politely, then in earnest. It takes at most the bounds
// of pace: shutdown, and kill twice.
func (c *child) stop() {
	if c.attached() {
		c.detach()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.pace.shutdown)
	defer cancel()
	if err := c.rpc.Shutdown(ctx); err != nil {
		c.log.Debug("plugin did not take the shutdown", "error", err)
	}
	ended := c.reap()
	within(ended, c.pace.kill)
	c.finish(ended)
}

// kill ends the process and all that it started at once.
func (c *child) kill() {
	if c.attached() {
		c.detach()
		return
	}
	c.killGroup()
	c.finish(c.reap())
}

// reap has go-plugin close its side. Kill can block for ever on a process that
// does not answer, so it runs beside timers and is freed by killGroup.
func (c *child) reap() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.client.Kill()
	}()
	return ended
}

// finish kills what is left, also children that outlived the process, and
// removes its files.
func (c *child) finish(ended <-chan struct{}) {
	c.killGroup()
	c.killStrays()
	if c.reaped = within(ended, c.pace.kill) || c.abandoned(ended); !c.reaped {
		c.log.Error("plugin process does not end, it is left alone", "pid", c.pid)
	}
	_ = c.lifeline.Close()
	_ = c.childEnd.Close()
	if err := c.folder.remove(); err != nil {
		c.log.Warn("socket directory stays behind", "error", err)
	}
}

// abandoned stops reading from the process and reports whether that was all
// that kept go-plugin waiting.
func (c *child) abandoned(ended <-chan struct{}) bool {
	if c.runner == nil {
		return false
	}
	c.runner.abandon()
	if !within(ended, c.pace.kill) {
		return false
	}
	c.log.Warn("the plugin left a process behind that is out of reach", "pid", c.pid)
	return true
}

// killStrays ends what the process started outside of its group.
func (c *child) killStrays() {
	if c.pid == 0 {
		return
	}
	switch found, err := killStrays(c.folder.path, c.pid, c.pace.kill); {
	case err != nil:
		c.log.Warn("what the plugin started cannot be ended", "error", err)
	case found:
		c.log.Warn("the plugin left processes behind, they were ended", "pid", c.pid)
	}
}

func (c *child) killGroup() {
	if c.pid == 0 {
		return
	}
	if err := killGroup(c.pid); err != nil {
		c.log.Warn("plugin process cannot be killed", "error", err)
	}
}

// within reports whether done is closed in time; zero asks whether it is closed already.
func within(done <-chan struct{}, bound time.Duration) bool {
	if bound > 0 {
		timer := time.NewTimer(bound)
		defer timer.Stop()
		select {
		case <-done:
			return true
		case <-timer.C:
		}
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}
