package sdk

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// Attempt identifies one try of a transaction in every call about it. A plugin
// keeps nothing else between calls.
type Attempt struct {
	// TransactionID is the engine's id, such as "pay_01J...".
	TransactionID string
	Kind          Kind
	// Ref is our reference, 25 of [a-z0-9], sent to the provider unchanged.
	Ref string
	// ProviderRef is the provider's id, empty until it was told.
	ProviderRef string
	// ProviderData is what the plugin last returned for this attempt, at most 4 KiB.
	ProviderData []byte
	Amount       money.Amount
	// StartedAt is when the create call was committed.
	StartedAt time.Time
	// Decision is what was decided about a payout or asked for: approve, reject or cancel; empty if nothing.
	Decision string
	// Reason is the words given with the decision.
	Reason string
	// Evidence is the latest verified notification, if any.
	Evidence *Evidence
}

// Evidence is what the latest verified notification of an attempt said.
type Evidence struct {
	Outcome     Outcome
	ProviderRef string
	Told        Told
}

// PaymentRequest asks to collect money. The provider's body must be a pure
// function of it.
type PaymentRequest struct {
	Attempt
	Country     string // ISO 3166-1 alpha-2, may be empty.
	Method      string // mobile_money, card, wallet, bank_transfer or any.
	Network     string // Canonical network such as ORANGE, may be empty.
	Description string
	Customer    Customer
	// ReturnURL is where the provider sends the customer back; it is the engine's own.
	ReturnURL string
	// NotifyURL is where the provider sends notifications; it is the engine's own.
	NotifyURL string
	Language  string // ISO 639-1, lower case, may be empty.
	// ExpiresAt is the end of the time to pay, zero where the merchant set none.
	ExpiresAt time.Time
	// SendBy is the instant after which the creating call must not be sent any more.
	SendBy time.Time
	// Card and Browser are set only for accounts with CardS2S. They live in memory for this one call.
	Card    *Card
	Browser *Browser
}

// PayoutRequest asks to pay money out.
type PayoutRequest struct {
	Attempt
	Country     string
	Method      string
	Network     string
	Description string
	Recipient   Customer
	BankAccount *BankAccount
	NotifyURL   string
	SendBy      time.Time
}

// RefundRequest asks to give back a payment or a part of it. Attempt is the refund's own.
type RefundRequest struct {
	Attempt
	// Payment is the attempt that took the money.
	Payment   Attempt
	NotifyURL string
	SendBy    time.Time
}

// Customer is the payer of a payment, the recipient of a payout, or what a look-up found.
type Customer struct {
	ID      string // The merchant's id of the customer.
	Name    string
	Surname string
	Email   string
	Phone   string // E.164, such as +2250707123456.
	Address string
	City    string
	State   string
	ZIPCode string
	Country string
	// ProviderCustomer is the provider's own id of the customer, from a look-up.
	ProviderCustomer string
	// NextAction is set by a look-up that found nobody and can say where to sign up.
	NextAction *NextAction
}

// BankAccount is where a bank payout goes.
type BankAccount struct {
	IBAN          string
	BankCode      string
	AccountNumber string
	Holder        string
}

// Card is raw card data. It is never stored, logged or sent twice.
type Card struct {
	Number   string
	Holder   string
	ExpMonth int
	ExpYear  int
	CVV      string
}

// String keeps card data out of logs and errors.
func (Card) String() string { return redacted }

// Format keeps card data out of every verb of fmt, a wrong one included.
func (Card) Format(state fmt.State, _ rune) { fmt.Fprint(state, redacted) }

// MarshalJSON keeps card data out of JSON.
func (Card) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// LogValue keeps card data out of slog.
func (Card) LogValue() slog.Value { return slog.StringValue(redacted) }

// Browser describes the customer's browser for 3-D Secure.
type Browser struct {
	UserAgent    string
	Accept       string
	Language     string
	ScreenWidth  int
	ScreenHeight int
	Timezone     string
}

// ListRequest asks for the transactions of [From, To], from Cursor on.
type ListRequest struct {
	From, To time.Time
	// Cursor is the Next of the previous page; empty for the first.
	Cursor string
}

// NotificationRequest is a provider's HTTP request as it arrived.
type NotificationRequest struct {
	Method string
	// Query is the raw query string.
	Query  string
	Header http.Header
	// Body is at most 256 KiB, unchanged.
	Body []byte
	// PeerIP is the true peer's address, after trusted proxies.
	PeerIP string
	// ReceivedAt is when it arrived.
	ReceivedAt time.Time
}
