package api

import "github.com/paymux/paymux/core"

// List is one page. NextCursor is null at the end; a page may be short or empty
// and still have one.
type List[T any] struct {
	Data       []T     `json:"data" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Opaque; give it as cursor to read on, null at the end"`
}

// TransactionsOf returns what clients may see of a page.
func TransactionsOf(page core.Page[core.Transaction]) List[Transaction] {
	list := List[Transaction]{Data: make([]Transaction, 0, len(page.Items))}
	for _, tx := range page.Items {
		list.Data = append(list.Data, TransactionOf(tx))
	}
	if page.Next != "" {
		list.NextCursor = &page.Next
	}
	return list
}

// ProvidersOf returns what operators may see of all accounts, in one page.
func ProvidersOf(standings []core.Standing) List[Provider] {
	list := List[Provider]{Data: make([]Provider, 0, len(standings))}
	for _, s := range standings {
		list.Data = append(list.Data, ProviderOf(s))
	}
	return list
}
