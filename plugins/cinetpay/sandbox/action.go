package sandbox

import (
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Action is what a customer, or an operator of the merchant, may do.
type Action string

// The actions.
const (
	// Pay accepts a payment, or a transfer (which then also needs no e-mail confirmation any more).
	Pay Action = "pay"
	// Refuse ends a payment with code 600, or a transfer with REJ.
	Refuse Action = "refuse"
	// Cancel ends a payment with code 627. A transfer has no such end.
	Cancel Action = "cancel"
)

// Errors of Decide and Notify.
var (
	// ErrUnknownRef says that no payment and no transfer has the id.
	ErrUnknownRef = sandboxkit.Refusal(http.StatusNotFound, "no payment or transfer with this id")
	// ErrDecided says that a payment or transfer is in a state which the action cannot leave.
	ErrDecided = sandboxkit.ErrDecided
	// ErrUnknownAction says that the action, or a part of it, is no word of the sandbox.
	ErrUnknownAction = sandboxkit.ErrUnknownAction
)

// Decision ends a payment or a transfer by hand.
type Decision struct {
	Action Action `json:"action"`
	// Silent sends no notification of it.
	Silent bool `json:"silent"`
}

// Decide ends the payment or transfer with the id at once, as a customer would, whatever its
// trigger says about the end. Pay after a refusal is a late success. It returns ErrUnknownRef,
// ErrUnknownAction, or ErrDecided for one that is paid, or refused and refused again.
func (s *Server) Decide(ref string, d Decision) error {
	s.stage.Lock()
	defer s.stage.Unlock()
	if err := s.decide(ref, d); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.stage.Settle()
	return nil
}

func (s *Server) decide(ref string, d Decision) error {
	if p, ok := s.payments[ref]; ok {
		return s.decidePayment(p, d)
	}
	if t, ok := s.transfers[ref]; ok {
		return s.decideTransfer(t, d)
	}
	return ErrUnknownRef
}

func (s *Server) decidePayment(p *payment, d Decision) error {
	v, err := p.verdictOf(d.Action)
	if err != nil {
		return err
	}
	if p.Paid || p.Status == statusRefused && !v.paid {
		return fmt.Errorf("%w: %s", ErrDecided, p.Status)
	}
	s.conclude(p, v)
	if !d.Silent {
		s.announce(p)
	}
	return nil
}

func (p *payment) verdictOf(action Action) (verdict, error) {
	switch action {
	case Pay:
		if p.trigger.verdict.paid {
			return p.trigger.verdict, nil
		}
		return accepted(), nil
	case Refuse:
		return refused(codeFailed), nil
	case Cancel:
		return refused(codeCanceled), nil
	}
	return verdict{}, fmt.Errorf("%w %q: give pay, refuse or cancel", ErrUnknownAction, action)
}

func (s *Server) decideTransfer(t *transfer, d Decision) error {
	status := statusPaidOut
	switch d.Action {
	case Pay:
	case Refuse:
		status = statusRejected
	case Cancel:
		return fmt.Errorf("%w %q for a transfer: give pay or refuse", ErrUnknownAction, d.Action)
	default:
		return fmt.Errorf("%w %q: give pay or refuse", ErrUnknownAction, d.Action)
	}
	if t.decided() {
		return fmt.Errorf("%w: %s", ErrDecided, t.Status)
	}
	t.SendingStatus = sendingConfirmed
	s.move(t, status)
	if !d.Silent {
		s.announceTransfer(t)
	}
	return nil
}

// Again asks for notifications by hand.
type Again struct {
	// Times is how often; zero means once.
	Times int `json:"times"`
	// Status is what the notification claims instead of the truth: a check code of a payment (its
	// word goes into cpm_error_message), or a treatment_status of a transfer.
	Status string `json:"status"`
	// Token is the kind of x-token of a payment's notification. Default: its trigger's, or good.
	Token TokenKind `json:"token"`
}

// Notify sends the notification of a payment or transfer again and returns what the receiver
// answered. It is not repeated when the receiver does not take it. It returns ErrUnknownRef, or
// ErrUnknownAction for a word or a number that cannot be.
func (s *Server) Notify(ref string, again Again) ([]Notification, error) {
	tries, err := s.stage.Notify(again.Times, func() (sandboxkit.Delivery, error) { return s.claim(ref, again) })
	return notificationsOf(tries), err
}

// claim makes one notification by hand. The caller holds the lock.
func (s *Server) claim(ref string, again Again) (sandboxkit.Delivery, error) {
	if p, ok := s.payments[ref]; ok {
		return s.claimPayment(p, again)
	}
	if t, ok := s.transfers[ref]; ok {
		return s.claimTransfer(t, again)
	}
	return sandboxkit.Delivery{}, ErrUnknownRef
}

func (s *Server) claimPayment(p *payment, again Again) (sandboxkit.Delivery, error) {
	code, kind := p.Code, p.trigger.token
	if again.Status != "" {
		code = again.Status
	}
	if checkoutWord(code) == "" {
		return sandboxkit.Delivery{}, fmt.Errorf("%w: status %q: give a code of check, such as 00 or 627", ErrUnknownAction, code)
	}
	if again.Token != "" {
		kind = again.Token
	}
	if !kind.known() {
		return sandboxkit.Delivery{}, fmt.Errorf("%w: token %q: give good, bad, none or posted", ErrUnknownAction, kind)
	}
	return s.paymentNotice(p, code, kind), nil
}

func (s *Server) claimTransfer(t *transfer, again Again) (sandboxkit.Delivery, error) {
	if again.Token != "" {
		return sandboxkit.Delivery{}, fmt.Errorf("%w: token %q: transfers are not signed", ErrUnknownAction, again.Token)
	}
	status := t.Status
	if again.Status != "" {
		status = again.Status
	}
	if !knownTreatment(status) {
		return sandboxkit.Delivery{}, fmt.Errorf("%w: status %q: give NEW, REC, NOS, VAL or REJ", ErrUnknownAction, status)
	}
	return s.transferNotice(t, status), nil
}
