package sandbox

import (
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// Order asks for a transfer, as a customer makes it in the app.
type Order struct {
	UserID string `json:"userId"`
	// Amount is in major units, such as "10.50"; its decimals choose what happens.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Status stays, whatever the decimals say. Default: what they say.
	Status string `json:"status"`
	// CreatedAt is when the customer sent it. Default: now.
	CreatedAt time.Time `json:"createdAt"`
}

// Transfer is a row of the ledger.
type Transfer struct {
	ID       string `json:"id"`
	UserID   string `json:"userId"`
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Status is the truth now, whatever the list tells.
	Status string `json:"status"`
	// CreatedAt is when it was really sent.
	CreatedAt time.Time `json:"createdAt"`
	// Paid says that the merchant has the money.
	Paid bool `json:"paid"`
	// Listed counts the times that it was listed.
	Listed int `json:"listed"`
}

// transfer is a Transfer and how it goes on.
type transfer struct {
	Transfer
	amount  money.Amount
	trigger transferTrigger
}

// Send makes a transfer of a user to the merchant. It returns ErrUnknownUser, or
// ErrBadTransfer for an amount or a currency that cannot be.
func (s *Server) Send(order Order) (Transfer, error) {
	currency, err := money.ParseCurrency(order.Currency)
	if err != nil {
		return Transfer{}, fmt.Errorf("sandbox: %w: currency: %w", ErrBadTransfer, err)
	}
	amount, err := money.ParsePositive(order.Amount, currency)
	if err != nil {
		return Transfer{}, fmt.Errorf("sandbox: %w: amount: %w", ErrBadTransfer, err)
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if s.byUser[order.UserID] == nil {
		return Transfer{}, fmt.Errorf("sandbox: %w: add the user or look the phone up first", ErrUnknownUser)
	}
	return s.row(s.add(order, amount)), nil
}

// add keeps a new transfer; the caller holds the lock.
func (s *Server) add(order Order, amount money.Amount) *transfer {
	created := order.CreatedAt.UTC()
	if order.CreatedAt.IsZero() {
		created = s.stage.Now()
	}
	t := &transfer{amount: amount, trigger: transferTriggerOf(amount.Decimal()), Transfer: Transfer{
		ID: fmt.Sprintf("tr_%06d", s.stage.Next()), UserID: order.UserID,
		Amount: amount.Decimal(), Currency: amount.Currency().String(), CreatedAt: created,
	}}
	if order.Status != "" {
		t.trigger.stages = []stage{{0, order.Status}}
	}
	s.transfers = append(s.transfers, t)
	return t
}

// SetStatus changes the status of a transfer, to any word, for good. It returns
// ErrUnknownTransfer, or ErrBadTransfer for no word.
func (s *Server) SetStatus(id, status string) (Transfer, error) {
	if strings.TrimSpace(status) == "" {
		return Transfer{}, fmt.Errorf("sandbox: %w: status: give a word", ErrBadTransfer)
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	for _, t := range s.transfers {
		if t.ID == id {
			t.trigger.stages = []stage{{0, status}}
			return s.row(t), nil
		}
	}
	return Transfer{}, fmt.Errorf("sandbox: %w", ErrUnknownTransfer)
}

// row is the transfer as it is now; the caller holds the lock.
func (s *Server) row(t *transfer) Transfer {
	row := t.Transfer
	row.Status = t.status(s.stage.Now())
	switch strings.ToLower(row.Status) {
	case statusCompleted, "success", "successful", "settled", statusUnknown:
		row.Paid = true
	}
	return row
}

// status is the latest stage that the transfer has reached.
func (t *transfer) status(now time.Time) string {
	status := t.trigger.stages[0].status
	for _, one := range t.trigger.stages[1:] {
		if !now.Before(t.CreatedAt.Add(one.after)) {
			status = one.status
		}
	}
	return status
}
