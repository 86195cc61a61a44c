package sandbox

import (
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Action is what a customer, the portal or the provider behind Numipay may do.
type Action string

// The actions.
const (
	// Pay ends a transaction as successful, a held payout included.
	Pay Action = "pay"
	// Refuse ends it as rejected.
	Refuse Action = "refuse"
	// Expire ends it as expired.
	Expire Action = "expire"
)

// Errors of Decide and Notify.
var (
	// ErrUnknownRef says that no transaction has the tracking_id.
	ErrUnknownRef = sandboxkit.Refusal(http.StatusNotFound, "no transaction with this tracking_id")
	// ErrDecided says that a transaction is in a state which the action cannot leave.
	ErrDecided = sandboxkit.ErrDecided
	// ErrUnknownAction says that the action, or a part of it, is no word of the sandbox.
	ErrUnknownAction = sandboxkit.ErrUnknownAction
)

// Decision ends a transaction by hand.
type Decision struct {
	Action Action `json:"action"`
	// Silent sends no webhook of it.
	Silent bool `json:"silent"`
}

// Decide ends the transaction at once, whatever its trigger says about the end.
// Pay after another end is a late success. It returns ErrUnknownRef,
// ErrUnknownAction, or ErrDecided for one that is paid, or ended and ended again.
func (s *Server) Decide(ref string, d Decision) error {
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.transactions[ref]
	if !ok {
		return fmt.Errorf("sandbox: %w", ErrUnknownRef)
	}
	if err := s.decide(t, d); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

func (s *Server) decide(t *transaction, d Decision) error {
	if err := t.may(d.Action); err != nil {
		return err
	}
	switch d.Action {
	case Pay:
		s.conclude(t, successful())
	case Refuse:
		s.conclude(t, rejected("Do not honor"))
	case Expire:
		s.conclude(t, verdict{word: wordExpired})
	}
	if !d.Silent {
		s.announce(t, 0)
	}
	s.stage.Settle()
	return nil
}

// may reports why an action cannot be.
func (t *transaction) may(action Action) error {
	switch {
	case action != Pay && action != Refuse && action != Expire:
		return fmt.Errorf("%w %q: give pay, refuse or expire", ErrUnknownAction, action)
	case t.Paid || action != Pay && t.DecidedAt != nil:
		return fmt.Errorf("%w: %s", ErrDecided, t.Status)
	default:
		return nil
	}
}

// Again asks for webhooks by hand.
type Again struct {
	// Times is how often; zero means once.
	Times int `json:"times"`
	// Status is the word that the webhook claims instead of the truth.
	Status string `json:"status"`
	// Signature is the kind of x-signature. Default: its trigger's, or good.
	Signature SignatureKind `json:"signature"`
}

// Notify sends the webhook of a transaction again and returns what the receiver
// answered. It is not repeated when the receiver does not take it. It returns
// ErrUnknownRef, or ErrUnknownAction for a word or a number that cannot be.
func (s *Server) Notify(ref string, again Again) ([]Notification, error) {
	if again.Signature != "" && !again.Signature.known() {
		return nil, fmt.Errorf("sandbox: %w: signature %q: give good, bad or none", ErrUnknownAction, again.Signature)
	}
	tries, err := s.stage.Notify(again.Times, func() (sandboxkit.Delivery, error) { return s.claim(ref, again) })
	return notificationsOf(tries), err
}

// claim makes one webhook by hand. The caller holds the lock.
func (s *Server) claim(ref string, again Again) (sandboxkit.Delivery, error) {
	t, ok := s.transactions[ref]
	if !ok {
		return sandboxkit.Delivery{}, ErrUnknownRef
	}
	word, kind := t.Status, t.trigger.signature()
	if again.Status != "" {
		word = again.Status
	}
	if again.Signature != "" {
		kind = again.Signature
	}
	return t.webhook(word, kind), nil
}
