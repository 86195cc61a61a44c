package sdk

import (
	"slices"

	"github.com/paymux/paymux/sdk/money"
)

// Operation is one thing that an account can be asked to do.
type Operation string

// The operations, one for each optional interface.
const (
	OperationPayment       Operation = "payment"
	OperationPayout        Operation = "payout"
	OperationRefund        Operation = "refund"
	OperationCancel        Operation = "cancel"
	OperationPayoutDecider Operation = "payout_decision"
	OperationQuery         Operation = "query"
	OperationList          Operation = "list"
	OperationNotification  Operation = "notification"
	OperationLookup        Operation = "lookup"
	OperationBalance       Operation = "balance"
)

// Capabilities is what one account can do: the operations it implements, where
// and how much, and the request fields each operation needs.
type Capabilities struct {
	Operations []Operation
	// Corridors say which kinds, countries, currencies and amounts are served.
	// A transaction must fit one of them.
	Corridors []Corridor
	// Needs names the request fields, such as "customer.phone", without which an
	// operation is refused before anything is stored.
	Needs map[Operation][]string
	// Identity names the provider's own account behind the settings, without any
	// secret. The engine serves one account of an identity only, so it is for
	// providers whose payments are found in a list: two that read the same list
	// would both be told of the same money. Elsewhere it stays empty.
	Identity string
	// CardS2S says that raw card data is accepted, server to server.
	CardS2S bool
}

// Corridor is one set of transactions that an account serves. An empty list means any.
type Corridor struct {
	Kind       Kind
	Countries  []string
	Currencies []money.Currency
	Methods    []string
	Networks   []string
	// Min and Max bound the amount, inclusive; a zero Amount is no bound.
	Min, Max money.Amount
	// Step is what the amount must be a multiple of; a zero Amount is no step.
	Step money.Amount
}

// Can reports whether the account implements op.
func (c Capabilities) Can(op Operation) bool { return slices.Contains(c.Operations, op) }

// OperationsOf returns the operations that p implements, in a stable order.
// serve and Complete report them, so that an author cannot forget one.
func OperationsOf(p Provider) []Operation {
	var ops []Operation
	add := func(ok bool, op Operation) {
		if ok {
			ops = append(ops, op)
		}
	}
	_, payment := p.(PaymentCreator)
	add(payment, OperationPayment)
	_, payout := p.(PayoutCreator)
	add(payout, OperationPayout)
	_, refund := p.(RefundCreator)
	add(refund, OperationRefund)
	_, cancel := p.(Canceler)
	add(cancel, OperationCancel)
	_, decide := p.(PayoutDecider)
	add(decide, OperationPayoutDecider)
	_, query := p.(StatusQuerier)
	add(query, OperationQuery)
	_, list := p.(TransactionLister)
	add(list, OperationList)
	_, notify := p.(NotificationHandler)
	add(notify, OperationNotification)
	_, lookup := p.(CustomerLooker)
	add(lookup, OperationLookup)
	_, balance := p.(BalanceReader)
	add(balance, OperationBalance)
	return ops
}

// CapabilitiesOf returns p's capabilities. Operations left empty are filled with
// what p implements; otherwise they are cut to it, because one plugin's accounts
// may do less than its type could (a payout needs a transfer password).
func CapabilitiesOf(p Provider) Capabilities {
	c := p.Capabilities()
	implemented := OperationsOf(p)
	if c.Operations == nil {
		c.Operations = implemented
		return c
	}
	c.Operations = slices.DeleteFunc(implemented, func(op Operation) bool {
		return !slices.Contains(c.Operations, op)
	})
	return c
}
