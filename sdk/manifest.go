package sdk

import "time"

// Kind is what a transaction is: money in, money out, or money back.
type Kind string

// The kinds of transactions.
const (
	KindPayment Kind = "payment"
	KindPayout  Kind = "payout"
	KindRefund  Kind = "refund"
)

// Manifest is what a plugin says of itself, before any account is configured.
// It must be the same at every call: the engine and the conformance run compare.
type Manifest struct {
	// Name is the plugin's name, lower case, such as "cinetpay".
	Name string
	// Version is the plugin's own version, such as "1.2.0".
	Version string
	// Doc is one sentence for operators.
	Doc string
	// Settings is the schema of an account's settings.
	Settings Schema
	// Facts holds what the provider guarantees, per kind that the plugin serves.
	Facts map[Kind]Facts
	// Capabilities is the most that any account of this plugin can do.
	Capabilities Capabilities
}

// Facts are a provider's guarantees for one kind. The engine reads them to
// decide what may be asked, repeated and believed.
type Facts struct {
	Idempotency Idempotency
	// KeyTTL is how long an idempotency key is remembered; zero where there are none.
	KeyTTL time.Duration
	// KeyScope says where a key holds, such as "account"; empty where there are none.
	KeyScope string
	// ReplaysErrors says that an error answer is replayed under its key.
	ReplaysErrors bool
	QueryBy       QueryBy
	// NotFoundFinalAfter is the age at which "not found" is proof; zero means never.
	NotFoundFinalAfter time.Duration
	// DeclinedIsFinal says that the provider documents a late no as final.
	DeclinedIsFinal bool
	// LateSuccess is how long an attempt is watched after its transaction ended
	// without money; zero means 48 h.
	LateSuccess time.Duration
	// Reversals says that a success may be taken back and that a query tells so.
	Reversals bool
	// TellsCurrency says that a success is told with its currency.
	TellsCurrency bool
	// PaidByLink says that a customer can pay only through the link that the
	// create call answers: without it nobody can have paid.
	PaidByLink bool
	// PushWebhooks says that the provider sends notifications.
	PushWebhooks bool
	// NotifiesByProviderRef says that notifications lack our Ref, so that the
	// engine must find the attempt by the provider's own id.
	NotifiesByProviderRef bool
	// Poll holds the ages of an attempt, counted from its create call, at which
	// a pending or waiting attempt is asked. After the last one it is asked hourly to 48 h.
	Poll []time.Duration
	// Window is how long a customer has by default for an action, where the
	// merchant set no time; zero leaves it to the engine (24 h for a redirect).
	Window time.Duration
}

// Idempotency is what a provider does with a repeated create call.
type Idempotency string

// The kinds of idempotency.
const (
	// IdempotencyNone means that a repeat may create twice.
	IdempotencyNone Idempotency = "none"
	// IdempotencyKey means that a repeat with the same key gets the first answer.
	IdempotencyKey Idempotency = "key"
	// IdempotencyUniqueReference means that a repeat is refused as a duplicate.
	IdempotencyUniqueReference Idempotency = "unique_reference"
	// IdempotencyHarmless means that create creates nothing at the provider: a lost answer is asked again.
	IdempotencyHarmless Idempotency = "harmless"
)

// QueryBy is how an attempt is found again at the provider.
type QueryBy string

// The ways to find an attempt.
const (
	QueryByNone        QueryBy = "none"
	QueryByOurRef      QueryBy = "our_ref"
	QueryByProviderRef QueryBy = "provider_ref"
	QueryByList        QueryBy = "list"
)
