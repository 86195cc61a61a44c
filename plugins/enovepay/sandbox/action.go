package sandbox

import (
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Action is what a customer, or EnovePay, may do with a transaction.
type Action string

// The actions.
const (
	// Pay ends a transaction with Success, also one that failed: a late success.
	Pay Action = "pay"
	// Refuse ends a waiting transaction with Failed.
	Refuse Action = "refuse"
	// Refund takes a success back, or returns a waiting payout.
	Refund Action = "refund"
)

// Errors of Decide and Notify.
var (
	// ErrUnknownRef says that no transaction has the reference.
	ErrUnknownRef = sandboxkit.Refusal(http.StatusNotFound, "no transaction with this reference")
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

// Decide ends the transaction with the reference at once, whatever its trigger
// has in mind. It returns ErrUnknownRef, ErrUnknownAction, or ErrDecided.
func (s *Server) Decide(ref string, d Decision) error {
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.byReference(ref)
	if !ok {
		return fmt.Errorf("sandbox: %w", ErrUnknownRef)
	}
	word, err := t.after(d.Action)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	t.plan++
	s.move(t, word)
	if !d.Silent {
		s.announce(t)
	}
	s.stage.Settle()
	return nil
}

// after is the status word that an action leads to.
func (t *transaction) after(action Action) (string, error) {
	waiting := t.Status == wordProgress
	var word string
	var allowed bool
	switch action {
	case Pay:
		word, allowed = wordSuccess, waiting || t.Status == wordFailed
	case Refuse:
		word, allowed = wordFailed, waiting
	case Refund:
		word, allowed = wordRefunded, t.Status == wordSuccess || waiting && t.op == OpPayout
	default:
		return "", fmt.Errorf("%w %q: give pay, refuse or refund", ErrUnknownAction, action)
	}
	if !allowed {
		return "", fmt.Errorf("%w: %s", ErrDecided, t.Status)
	}
	return word, nil
}

// Again asks for webhooks by hand.
type Again struct {
	// Times is how often; zero means once.
	Times int `json:"times"`
	// Status is the status word that the webhook claims. Default: the truth.
	Status string `json:"status"`
	// Token is the kind of bearer token. Default: its trigger's, or good.
	Token TokenKind `json:"token"`
	// Body is the form of the body. Default: its trigger's, or json.
	Body BodyKind `json:"body"`
}

// Notify sends a webhook of the transaction and returns what the receiver
// answered. It is not repeated when the receiver does not take it. It returns
// ErrUnknownRef, or ErrUnknownAction for a word or a number that cannot be.
func (s *Server) Notify(ref string, again Again) ([]Notification, error) {
	tries, err := s.stage.Notify(again.Times, func() (sandboxkit.Delivery, error) { return s.claim(ref, again) })
	return notificationsOf(tries), err
}

// claim makes one webhook by hand. The caller holds the lock.
func (s *Server) claim(ref string, again Again) (sandboxkit.Delivery, error) {
	t, ok := s.byReference(ref)
	if !ok {
		return sandboxkit.Delivery{}, ErrUnknownRef
	}
	again = again.withDefaults(t)
	switch {
	case !knownWord(again.Status):
		return sandboxkit.Delivery{}, fmt.Errorf("%w: status %q: give Success, Failed, Refunded or Credit In Progress", ErrUnknownAction, again.Status)
	case !again.Token.known():
		return sandboxkit.Delivery{}, fmt.Errorf("%w: token %q: give good, bad or none", ErrUnknownAction, again.Token)
	case !again.Body.known():
		return sandboxkit.Delivery{}, fmt.Errorf("%w: body %q: give json, form or javascript", ErrUnknownAction, again.Body)
	}
	return s.webhookAs(t, again.Status, again.Token, again.Body), nil
}

func (a Again) withDefaults(t *transaction) Again {
	if a.Status == "" {
		a.Status = t.Status
	}
	if a.Token == "" {
		a.Token = t.trigger.token
	}
	if a.Body == "" {
		a.Body = t.trigger.body
	}
	return a
}
