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

// The first seven are CinetPay's, in the order of trouble: from none to a dead
// engine. The others show what the other providers do differently.
func scenes() []scene {
	return []scene{
		{"Paid on CinetPay's page", paid},
		{"Refused by the customer", refused},
		{"Paid late, and the notification is lost", notificationLost},
		{"CinetPay creates the payment, but its answer is lost", answerLost},
		{"Notifications repeated and out of order", notificationsRepeated},
		{"The merchant's request repeated", requestRepeated},
		{"The engine is killed in the middle of a payment", engineKilled},
		{"Cenoa: an order, and the customer sends money in the app", moneySent},
		{"EnovePay: a prompt on the phone", phonePrompt},
		{"Numipay: paid at its cashier", hostedCheckout},
		{"Numipay: payouts wait for a person", heldPayouts},
		{"CinetPay: a payout to a phone", transferPayout},
		{"A definite no goes to the next provider", definiteNo},
		{"An unknown outcome goes to nobody else", noAnswer},
		{"A fifth provider: another team's plugin, added by configuration alone", pluginAdded},
		{"AcmePay: given back in part, and then the rest", givenBackInParts},
		{"AcmePay: given back at once, and never more than was paid", givenBackInFull},
		{"AcmePay: canceled before it was paid", canceled},
		{"Cenoa: the transfer is found in the list", transferMatched},
		{"Cenoa: a transfer that fits no order", transferOfNobody},
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
	story.title("Paymux at work: one engine, four plugins, four sandboxes. No money moves.")
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
	s.story.line("PAYMUX_KEY=%s is the operators' key", s.setup.Desk.Secret)
	s.story.line("API documentation: %s/docs", s.engine.URL)
	for _, account := range s.setup.Accounts {
		s.story.line("%s's ledger: %s/_sandbox/state", providerOf(account.Name), account.URL)
	}
	<-ctx.Done()
}

// stopWithin bounds the end of engine and sandboxes.
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
