package serve

import (
	"context"
	"fmt"
	"sync"

	"github.com/paymux/paymux/sdk"
)

// calls counts the calls in flight, until it is stopped and refuses new ones.
type calls struct {
	mu       sync.Mutex
	inFlight int
	// idle is set by stop and closed when the last call ends.
	idle chan struct{}
}

// begin counts a call, which must end. After stop it refuses it, before anything was sent.
func (c *calls) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		return &sdk.Error{Kind: sdk.KindUnavailable, Message: "the plugin is shutting down", Sent: sdk.NotSent}
	}
	c.inFlight++
	return nil
}

func (c *calls) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight--
	if c.idle != nil && c.inFlight == 0 {
		close(c.idle)
	}
}

// stop refuses new calls and waits until none is in flight or ctx ends. It may be called again.
func (c *calls) stop(ctx context.Context) error {
	select {
	case <-c.refuse():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("shutdown: calls are still in flight: %w", ctx.Err())
	}
}

func (c *calls) refuse() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == nil {
		c.idle = make(chan struct{})
		if c.inFlight == 0 {
			close(c.idle)
		}
	}
	return c.idle
}
