package sdk

import "context"

// Plugin is one provider's integration. It holds no state between calls.
type Plugin interface {
	// Describe returns what the plugin is. It makes no call and never changes.
	Describe() Manifest
	// Open returns the account with the given settings, already checked against
	// the schema. It makes no network call, so that a provider that is down does
	// not keep an engine from starting. The error is a Diagnostics where a
	// setting is wrong.
	Open(Settings) (Provider, error)
}

// SettingsValidator is implemented by plugins that can check more than the
// schema says, such as two settings that exclude each other.
type SettingsValidator interface {
	Plugin
	// ValidateSettings returns what is wrong with the settings, or nil.
	ValidateSettings(context.Context, Settings) Diagnostics
}

// Provider is one configured account. It also implements StatusQuerier or
// TransactionLister, and an interface for each further operation it offers.
// All methods are called concurrently. An error is a fault (see Error): on a
// create call it counts as NOT_SENT only where Error.Sent says so and as
// UNKNOWN otherwise; on any other call it says nothing about the attempt.
type Provider interface {
	// Capabilities returns what this account can do. Operations may be left nil:
	// they are then read off the implemented interfaces.
	Capabilities() Capabilities
}

// PaymentCreator takes payments. The answer is REQUIRES_ACTION, PENDING or a
// definite no; SUCCEEDED only where the provider's answer is proof.
type PaymentCreator interface {
	Provider
	CreatePayment(context.Context, PaymentRequest) (Result, error)
}

// PayoutCreator pays out.
type PayoutCreator interface {
	Provider
	CreatePayout(context.Context, PayoutRequest) (Result, error)
}

// RefundCreator gives back a payment or a part of it.
type RefundCreator interface {
	Provider
	CreateRefund(context.Context, RefundRequest) (Result, error)
}

// Canceler closes what has not moved money yet.
type Canceler interface {
	Provider
	Cancel(context.Context, Attempt) (VerdictResult, error)
}

// PayoutDecider approves and rejects payouts that the provider holds.
type PayoutDecider interface {
	Provider
	ApprovePayout(context.Context, Attempt) (VerdictResult, error)
	RejectPayout(context.Context, Attempt) (VerdictResult, error)
}

// StatusQuerier asks the provider what became of an attempt. It never answers
// NOT_SENT or REJECTED: a query cannot know that nothing was created.
type StatusQuerier interface {
	Provider
	QueryStatus(context.Context, Attempt) (Result, error)
}

// TransactionLister lists what the provider has seen, page by page.
type TransactionLister interface {
	Provider
	ListTransactions(context.Context, ListRequest) (ListPage, error)
}

// NotificationHandler verifies and reads a notification. It makes no network
// call: where the provider's word must be confirmed it says so, and the engine asks.
type NotificationHandler interface {
	Provider
	HandleNotification(context.Context, NotificationRequest) (Notification, error)
}

// CustomerLooker finds the provider's customer for a phone number.
type CustomerLooker interface {
	Provider
	LookupCustomer(ctx context.Context, phone string) (Customer, error)
}

// BalanceReader reads the money held at the provider.
type BalanceReader interface {
	Provider
	GetBalance(context.Context) ([]Balance, error)
}

// FullProvider is a Provider with every operation. The engine works with it;
// Complete makes one of any Provider, and the wire is one by nature.
type FullProvider interface {
	PaymentCreator
	PayoutCreator
	RefundCreator
	Canceler
	PayoutDecider
	StatusQuerier
	TransactionLister
	NotificationHandler
	CustomerLooker
	BalanceReader
}
