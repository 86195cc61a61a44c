package sandbox

import (
	"fmt"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Words of a transfer's treatment_status and sending_status.
const (
	statusNew        = "NEW"
	statusReceived   = "REC"
	statusSent       = "NOS"
	statusPaidOut    = "VAL"
	statusRejected   = "REJ"
	sendingConfirmed = "CONFIRM"
	sendingPending   = "PENDING"
)

func knownTreatment(word string) bool {
	switch word {
	case statusNew, statusReceived, statusSent, statusPaidOut, statusRejected:
		return true
	}
	return false
}

// Transfer is a row of the ledger.
type Transfer struct {
	// Ref is the client_transaction_id that the merchant chose.
	Ref string `json:"ref"`
	// Amount is in major units, with exactly the decimals of the currency, as
	// money.Amount.Decimal writes it. It is the truth, whatever check/money tells.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Status is treatment_status, and SendingStatus sending_status.
	Status        string `json:"status"`
	SendingStatus string `json:"sending_status"`
	// Paid says that the receiver has the money.
	Paid bool `json:"paid"`
	// Created counts the transfers that were made under Ref, and CreateCalls the send calls that
	// named it, the refused ones included.
	Created     int `json:"created"`
	CreateCalls int `json:"create_calls"`
	// Checks counts the check/money calls that named this transfer.
	Checks    int       `json:"checks"`
	CreatedAt time.Time `json:"created_at"`
	// DecidedAt is the time of VAL or REJ, absent before.
	DecidedAt     *time.Time `json:"decided_at,omitempty"`
	TransactionID string     `json:"transaction_id"`
	Lot           string     `json:"lot"`
	// Prefix and PhoneEnds are what the ledger shows of the receiver's number.
	Prefix    string `json:"prefix"`
	PhoneEnds string `json:"phone_ends"`
	NotifyURL string `json:"notify_url"`
}

// transfer is a Transfer and what the ledger does not show.
type transfer struct {
	Transfer
	whole   int64 // the amount in whole units
	phone   string
	method  string
	trigger transferTrigger
}

func (t *transfer) decided() bool { return t.Status == statusPaidOut || t.Status == statusRejected }

// payOut writes the transfer down; the caller holds the lock.
func (s *Server) payOut(asked remittance) *transfer {
	place, _ := countryOf(asked.prefix)
	number := s.stage.Next()
	t := &transfer{
		whole: asked.amount, phone: asked.phone, method: asked.methodOr(place),
		trigger: transferTriggerOf(asked.phone, s.options.CompletionDelay),
		Transfer: Transfer{
			Ref: asked.ref, Amount: decimal(asked.amount, place.currency), Currency: place.currency,
			SendingStatus: sendingConfirmed, Created: 1, CreatedAt: s.stage.Now(),
			TransactionID: fmt.Sprintf("EA%s.%06d", s.stage.Now().Format("060102.150405"), number),
			Lot:           fmt.Sprintf("%022d", 44_557_641_201_539_786+number),
			Prefix:        asked.prefix, PhoneEnds: lastDigits(asked.phone), NotifyURL: asked.notifyURL,
		},
	}
	if t.trigger.unconfirmed {
		t.SendingStatus = sendingPending
	}
	s.transfers[t.Ref] = t
	s.paidOut = append(s.paidOut, t)
	s.held += t.whole
	s.move(t, t.trigger.first)
	s.follow(t)
	return t
}

func lastDigits(phone string) string { return phone[len(phone)-3:] }

// follow schedules the steps of the trigger, and tells of an end that came at once.
func (s *Server) follow(t *transfer) {
	if t.decided() {
		s.announceTransfer(t)
		return
	}
	for _, next := range t.trigger.then {
		s.stage.After(next.delay, func() {
			if !t.decided() {
				s.step(t, next.status)
			}
		})
	}
}

func (s *Server) step(t *transfer, status string) {
	s.move(t, status)
	if t.decided() {
		s.announceTransfer(t)
	}
}

// move is the one place that changes a transfer's state.
func (s *Server) move(t *transfer, status string) {
	t.Status = status
	if !t.decided() {
		return
	}
	now := s.stage.Now()
	t.Paid, t.DecidedAt = status == statusPaidOut, &now
	s.held -= t.whole
	if t.Paid {
		s.paid += t.whole
	}
}

// announceTransfer schedules the notifications of an end. The caller holds the lock.
func (s *Server) announceTransfer(t *transfer) {
	s.stage.Post(0, s.transferNotice(t, t.Status))
	if t.trigger.unordered {
		s.stage.Post(0, s.transferNotice(t, statusReceived))
		s.stage.Post(0, s.transferNotice(t, statusNew))
	}
}

// transferNotice is a notification that tells status; it carries no signature.
func (s *Server) transferNotice(t *transfer, status string) sandboxkit.Delivery {
	return notice{ref: t.Ref, url: t.NotifyURL, word: status, form: []field{
		{"transaction_id", t.TransactionID},
		{"client_transaction_id", t.Ref},
		{"lot", t.Lot},
		{"amount", strconv.FormatInt(t.whole, 10)},
		{"receiver", t.phone},
		{"sending_status", t.SendingStatus},
		{"comment", ""},
		{"treatment_status", status},
		{"operator_transaction_id", t.operatorID(status)},
		{"validated_at", s.validatedAt(t, status)},
	}}.delivery()
}

func (t *transfer) operatorID(status string) string {
	if status != statusPaidOut {
		return ""
	}
	return "CI" + t.Lot[len(t.Lot)-10:]
}

func (s *Server) validatedAt(t *transfer, status string) string {
	if status != statusPaidOut || t.DecidedAt == nil {
		return ""
	}
	return s.stage.Shown(*t.DecidedAt).Format(timeLayout)
}
