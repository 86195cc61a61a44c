package sdk

import (
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// ProviderDataMax is the most bytes of Result.ProviderData.
const ProviderDataMax = 4 << 10

// Result is what a provider answered about an attempt. The zero value says
// that nothing is known.
type Result struct {
	Outcome Outcome
	// Reason is set for REJECTED, DECLINED and DECLINED_FINAL.
	Reason Reason
	// ProviderRef is the provider's own id, where told.
	ProviderRef string
	// ProviderStatus and ProviderCode are the provider's words, verbatim.
	ProviderStatus string
	ProviderCode   string
	// Message is a sentence for people, without secrets or personal data.
	Message string
	// Told is what the provider said of the money. The engine compares it.
	Told Told
	// PaidWith is the instrument as the provider names it, such as "OM".
	PaidWith   string
	NextAction *NextAction
	// Held says that a payout waits for our approval; only with PENDING.
	Held bool
	// Match is set by providers whose payments are found in a list.
	Match *Match
	// ProviderData replaces what is stored with the attempt when not nil; at most ProviderDataMax.
	ProviderData []byte
	// RetryAfter is how long the provider asks us to wait; zero where it does not.
	RetryAfter time.Duration
	// Alert is a sentence for the operator when a person should look.
	Alert string
	// Exchanges are the HTTP calls made, for traces and the request log.
	Exchanges []Exchange
}

// Told is the money as the provider said it, in major units, empty where it did not.
type Told struct {
	Amount    string
	Currency  string
	Reference string
	// Type is the provider's word for what it is, such as "deposit", mapped to a Kind where possible.
	Type string
}

// NextActionType says what somebody must do.
type NextActionType string

// The types of next actions.
const (
	ActionRedirect NextActionType = "redirect" // Open URL.
	ActionPrompt   NextActionType = "prompt"   // Approve on the phone; see Message.
	ActionTransfer NextActionType = "transfer" // Send a transfer; see Instructions.
	ActionSignup   NextActionType = "signup"   // Open an account at URL first.
	ActionExternal NextActionType = "external" // Confirm outside; see Message.
)

// NextAction is what the customer, or for ActionExternal the merchant, must do.
type NextAction struct {
	Type         NextActionType
	URL          string
	Message      string
	Instructions string
	Account      string
	Amount       money.Amount
	Until        time.Time
}

// Match says which transfer pays an order of a pull-only provider.
type Match struct {
	Customer    string
	Amount      money.Amount
	From, Until time.Time
}

// VerdictResult is the answer to Cancel, ApprovePayout and RejectPayout.
type VerdictResult struct {
	Verdict      Verdict
	Reason       Reason
	ProviderCode string
	Message      string
	Alert        string
	ProviderData []byte
	Exchanges    []Exchange
}

// ListPage is one page of a provider's list.
type ListPage struct {
	Items []ListItem
	// Next is the cursor of the next page, empty at the end.
	Next string
	// Cut says that the provider stopped before the end of the range.
	Cut       bool
	Alert     string
	Exchanges []Exchange
}

// ListItem is one transaction as the provider lists it.
type ListItem struct {
	// ID is the provider's id, unique in the account.
	ID string
	// Ref is our reference where the provider tells it.
	Ref string
	// Customer is the provider's id of the customer.
	Customer  string
	Kind      Kind
	Outcome   Outcome
	Told      Told
	Status    string
	CreatedAt time.Time
	// Claimed is what Status says by itself where that ends no attempt, because the
	// provider must be asked before it is believed. Statements are compared with it.
	// It is UNKNOWN where Outcome says all there is.
	Claimed Outcome
}

// Authenticity is how far a notification can be trusted.
type Authenticity uint8

const (
	// Unverified means that nothing could be checked; it is treated as a Hint.
	Unverified Authenticity = iota
	// Hint means that it only brings the next question forward.
	Hint
	// Genuine means that its signature was verified.
	Genuine
	// Forged means that its signature is wrong or missing: it is answered and dropped.
	Forged
	// Ping means that it carries nothing.
	Ping

	authenticityCount
)

var authenticityWords = [authenticityCount]string{"unverified", "hint", "genuine", "forged", "ping"}

// String returns the word of a.
func (a Authenticity) String() string {
	if a >= authenticityCount {
		return authenticityWords[Unverified]
	}
	return authenticityWords[a]
}

// Notification is what a plugin read in a notification.
type Notification struct {
	Authenticity Authenticity
	// Ref is our reference and ProviderRef the provider's, as far as told.
	Ref         string
	ProviderRef string
	// DedupeKey names this announcement; empty means the hash of the body.
	DedupeKey string
	// Confirm says that the provider must be asked before anything is believed.
	Confirm bool
	// Result is what the notification says, believed only where Confirm is false.
	Result Result
	// Status, ContentType and Body are the answer to the provider. Zero Status is 200.
	Status      int
	ContentType string
	Body        []byte
	Alert       string
}

// Balance is the money held at the provider in one currency.
type Balance struct {
	Available money.Amount
	// Pending is zero where the provider does not tell it.
	Pending money.Amount
}

// Exchange is one HTTP call to the provider, for traces. URL and bodies carry no secrets.
type Exchange struct {
	Method     string
	URL        string
	StartedAt  time.Time
	Duration   time.Duration
	HTTPStatus int
	// GotConn says that a connection was handed over: the request may have left.
	GotConn bool
	Error   string
	// RequestBody and AnswerBody are what KeptBody returns: nothing unless WantsBodies.
	RequestBody, AnswerBody string
}
