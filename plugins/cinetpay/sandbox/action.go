package sandbox

import (
	"errors"
	"fmt"
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
	ErrUnknownRef = errors.New("no payment or transfer with this id")
	// ErrDecided says that a payment or transfer is in a state which the action cannot leave.
	ErrDecided = errors.New("already decided")
	// ErrUnknownAction says that the action, or a part of it, is no word of the sandbox.
	ErrUnknownAction = errors.New("unknown action")
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if err := s.decide(ref, d); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.settle()
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

// notifyTimesMax bounds what one Notify sends.
const notifyTimesMax = 1000

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
	var tried []Notification
	for range max(again.Times, 1) {
		sent, err := s.claim(ref, again)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		tried = append(tried, s.carryNow(sent)...)
	}
	return tried, nil
}

// claim makes one notification by hand.
func (s *Server) claim(ref string, again Again) (*delivery, error) {
	if again.Times < 0 || again.Times > notifyTimesMax {
		return nil, fmt.Errorf("%w: times %d: give 1 to %d", ErrUnknownAction, again.Times, notifyTimesMax)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if p, ok := s.payments[ref]; ok {
		return s.claimPayment(p, again)
	}
	if t, ok := s.transfers[ref]; ok {
		return s.claimTransfer(t, again)
	}
	return nil, ErrUnknownRef
}

func (s *Server) claimPayment(p *payment, again Again) (*delivery, error) {
	code, kind := p.Code, p.trigger.token
	if again.Status != "" {
		code = again.Status
	}
	if checkoutWord(code) == "" {
		return nil, fmt.Errorf("%w: status %q: give a code of check, such as 00 or 627", ErrUnknownAction, code)
	}
	if again.Token != "" {
		kind = again.Token
	}
	if !kind.known() {
		return nil, fmt.Errorf("%w: token %q: give good, bad, none or posted", ErrUnknownAction, kind)
	}
	return signed(p.NotifyURL, p.Ref, s.form(p, code), kind), nil
}

func (s *Server) claimTransfer(t *transfer, again Again) (*delivery, error) {
	if again.Token != "" {
		return nil, fmt.Errorf("%w: token %q: transfers are not signed", ErrUnknownAction, again.Token)
	}
	status := t.Status
	if again.Status != "" {
		status = again.Status
	}
	if !knownTreatment(status) {
		return nil, fmt.Errorf("%w: status %q: give NEW, REC, NOS, VAL or REJ", ErrUnknownAction, status)
	}
	return s.transferNotice(t, status), nil
}
