package sandboxkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	shutdownTimeoutMax   = time.Second
	readHeaderTimeoutMax = 10 * time.Second
)

// Server is the face of a sandbox to tests. Its methods may be called from any
// goroutine that does not hold the Stage's lock.
type Server struct{ stage *Stage }

// Start listens and serves in the background until Close. It returns the error
// of listening, and one for a server that was started or closed before.
func (s *Server) Start() error {
	stage := s.stage
	listener, err := net.Listen("tcp", stage.setup.Addr)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	stage.mu.Lock()
	defer stage.mu.Unlock()
	if stage.closed || stage.listener != nil {
		return errors.Join(errors.New("sandbox: already started or closed"), listener.Close())
	}
	server := &http.Server{Handler: stage.mux, ReadHeaderTimeout: readHeaderTimeoutMax}
	stage.listener, stage.http = listener, server
	// Serve returns only when Close ends it, so its error says nothing new.
	stage.serving.Go(func() { _ = server.Serve(listener) })
	return nil
}

// URL returns the root of the sandbox, without a final slash, or an empty string
// before Start.
func (s *Server) URL() string {
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	if s.stage.listener == nil {
		return ""
	}
	return "http://" + s.stage.listener.Addr().String()
}

// Handler serves the sandbox without a listener. A fault that cuts the
// connection panics with http.ErrAbortHandler, which net/http's server
// understands.
func (s *Server) Handler() http.Handler { return s.stage.mux }

// Close ends the listener, running calls and pending notifications, and waits
// until no goroutine of the sandbox is left. Its error is always nil.
func (s *Server) Close() error {
	stage := s.stage
	stage.mu.Lock()
	server, first := stage.http, !stage.closed
	stage.closed = true
	stage.queue = nil
	stage.arm()
	stage.mu.Unlock()
	stage.stop()
	if server != nil && first {
		shutdown(server)
	}
	stage.serving.Wait()
	stage.awaitIdle()
	if stage.own != nil {
		stage.own.CloseIdleConnections()
	}
	return nil
}

// shutdown lets running answers end, because a cancelled wait answers at once,
// and cuts what is left after a second.
func shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeoutMax)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

// Reset forgets the ledger, the faults and all that was planned, and puts the
// clock back to the base clock.
func (s *Server) Reset() {
	stage := s.stage
	stage.mu.Lock()
	defer stage.mu.Unlock()
	close(stage.epoch)
	stage.world = newWorld()
	stage.setup.Forget()
	stage.queue = nil
	for i := range stage.lanes {
		stage.carrying -= len(stage.lanes[i].waiting)
		stage.lanes[i].waiting = nil
	}
	stage.idle.Broadcast()
	stage.clock.offset, stage.clock.skew = 0, 0
	stage.arm()
}

// Now returns the time on the sandbox clock, in UTC.
func (s *Server) Now() time.Time {
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	return s.stage.Now()
}

// Advance moves the sandbox clock on by d, in steps from one due event to the
// next, and returns when they were fired and their notifications delivered or
// given up. A negative d moves nothing.
func (s *Server) Advance(d time.Duration) {
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	s.stage.advance(max(d, 0))
}

// Skew sets how far the clock that clients see is ahead of the sandbox clock, or
// behind it when d is negative. No delay runs on that clock.
func (s *Server) Skew(d time.Duration) {
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	s.stage.clock.skew = d
}

// Inject queues a fault. Several faults for one operation follow each other. It
// returns ErrBadFault, which says what is wrong.
func (s *Server) Inject(fault Fault) error {
	if err := fault.check(s.stage.setup.Operations); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	fault.Times = max(fault.Times, 1)
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	s.stage.faults = append(s.stage.faults, &fault)
	return nil
}

// ClearFaults forgets the faults that were not used yet.
func (s *Server) ClearFaults() {
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	s.stage.faults = nil
}
