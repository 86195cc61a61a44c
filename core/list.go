package core

// TransferFilter selects transfers. Zero fields select all.
type TransferFilter struct {
	Account string
	// Customer is the provider's id of the customer.
	Customer string
	// Unmatched selects those that belong to no transaction and filled no wallet.
	Unmatched bool
	// Matched selects the others. Both together select none.
	Matched bool
	Limit   int // At most 100.
	Cursor  string
}

// AuditFilter selects actions of operators. Zero fields select all.
type AuditFilter struct {
	Transaction string
	Actor       string
	Limit       int // At most 100.
	Cursor      string
}
