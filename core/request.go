package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Caller is on whose behalf something is done.
type Caller struct {
	// Actor is the key's id, for the history and the audit.
	Actor    string
	Merchant string
	// Operator may act on every merchant's transactions; ChooseProvider may name an account.
	Operator       bool
	ChooseProvider bool
	// SendCards may send raw card data.
	SendCards bool
}

// PaymentRequest asks for a payment. The HTTP body carries the same fields.
type PaymentRequest struct {
	Caller Caller
	// IdempotencyKey is required: 1 to 255 printable ASCII characters.
	IdempotencyKey string
	// Fingerprint is of the whole request as it came; a repeat must carry the same.
	// Left empty it is made of the fields below.
	Fingerprint []byte
	Reference   string
	Amount      money.Amount
	Country     string
	Method      string
	Network     string
	Provider    string
	Description string
	Customer    sdk.Customer
	ReturnURL   string
	ExpiresIn   time.Duration
	Language    string
	Metadata    map[string]string
	// Card and Browser are raw card data, for accounts that take it and for
	// callers that may send it. They live in memory for the calls of this request:
	// no record, fingerprint, log or later call has them.
	Card    *sdk.Card
	Browser *sdk.Browser
}

// PayoutRequest asks to pay money out.
type PayoutRequest struct {
	Caller         Caller
	IdempotencyKey string
	// Fingerprint is of the whole request as it came, as in PaymentRequest.
	Fingerprint []byte
	Reference   string
	Amount      money.Amount
	Country     string
	Method      string
	Network     string
	Provider    string
	Description string
	// Recipient is named by phone, or by BankAccount.
	Recipient   sdk.Customer
	BankAccount *sdk.BankAccount
	Metadata    map[string]string
}

// RefundRequest asks to give a payment back, whole or in part.
type RefundRequest struct {
	Caller         Caller
	IdempotencyKey string
	// Fingerprint is of the whole request as it came, as in PaymentRequest.
	Fingerprint []byte
	// Payment is the payment's id.
	Payment string
	// Attempt is the id of the attempt that took the money, empty for the one
	// that succeeded first.
	Attempt string
	// Amount is what to give back; zero means all that is left.
	Amount    money.Amount
	Reason    string
	Reference string
	Metadata  map[string]string
	// Manual records money that was given back outside. Operators only.
	Manual bool
}

// Answer is a transaction as it is answered to the one who created it.
type Answer struct {
	Transaction Transaction
	// Replayed says that it was answered before under the same idempotency key.
	Replayed bool
}

// Reply is what a provider's notification is answered with. Zero Status is 200.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}
