package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/paymux/paymux/examples/demo/local"
)

// scene is one thing that happens to payments in real life.
type scene struct {
	title string
	play  func(context.Context, *stage) error
}

// The order is that of trouble: from none to a dead engine.
func scenes() []scene {
	return []scene{
		{"Paid on CinetPay's page", paid},
		{"Refused by the customer", refused},
		{"Paid late, and the notification is lost", notificationLost},
		{"CinetPay creates the payment, but its answer is lost", answerLost},
		{"Notifications repeated and out of order", notificationsRepeated},
		{"The merchant's request repeated", requestRepeated},
		{"The engine is killed in the middle of a payment", engineKilled},
	}
}

// play builds, plays every scene, compares the books and cleans up.
func play(ctx context.Context, out io.Writer, keep bool) (err error) {
	dir, err := os.MkdirTemp("", local.DirPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	story := newStory(out)
	story.title("Paymux at work: one engine, one plugin, CinetPay's sandbox. No money moves.")
	s, err := open(ctx, dir, story)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i, scene := range scenes() {
		story.title(fmt.Sprintf("%d. %s", i+1, scene.title))
		if err := scene.play(ctx, s); err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
	}
	story.title("The books")
	if err := compare(ctx, s); err != nil {
		return err
	}
	if keep {
		stay(ctx, s)
	}
	return s.checkStore()
}

// stay leaves everything running until the interrupt.
func stay(ctx context.Context, s *stage) {
	s.story.title("Everything keeps running. Ctrl-C stops it and removes its files.")
	s.story.line("export PAYMUX_URL=%s PAYMUX_KEY=%s", s.engine.URL, s.setup.Key.Secret)
	s.story.line("%s tx list", s.setup.Programs.Engine)
	s.story.line("API documentation: %s/docs   sandbox's ledger: %s/_sandbox/state", s.engine.URL, s.sandbox.URL)
	<-ctx.Done()
}

// stopWithin bounds the end of engine and sandbox.
const stopWithin = 15 * time.Second

// checkStore stops the engine and walks every record of its store.
func (s *stage) checkStore() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.engine.Stop(ctx); err != nil {
		return err
	}
	if err := s.setup.Programs.CheckStore(ctx, s.setup.Store()); err != nil {
		return err
	}
	s.story.tell("operator", "engine store check: the store is whole")
	return nil
}
