package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type transactionInput struct {
	ID     string `path:"id"`
	Expand string `query:"expand" pattern:"^(history|routing)(,(history|routing))*$" doc:"history: with every transition; routing: with the routing decision; both with a comma between them"`
}

type historyInput struct {
	ID string `path:"id"`
}

type historyOutput struct{ Body api.History }

// listInput holds the query as it came; package api reads it.
type listInput struct{ query url.Values }

// Resolve is huma's way to reach the request.
func (in *listInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	in.query = u.Query()
	return nil
}

type listOutput struct{ Body api.List[api.Transaction] }

func (s *server) addTransactions() {
	readers := []Scope{ScopeRead, ScopeOperator}
	handle(s, operation{
		id: "getTransaction", method: http.MethodGet, path: "/v1/transactions/{id}",
		summary: "One transaction with its attempts", scopes: readers, refused: []int{http.StatusNotFound},
	}, s.transaction)
	handle(s, operation{
		id: "listTransactions", method: http.MethodGet, path: "/v1/transactions",
		summary: "Transactions, newest first",
		text:    "Read on with next_cursor until it is null; a page may be short or empty before that.",
		scopes:  readers, parameters: listParameters(),
	}, s.transactions)
	handle(s, operation{
		id: "getHistory", method: http.MethodGet, path: "/v1/transactions/{id}/history",
		summary: "Every transition with cause and actor", scopes: readers, refused: []int{http.StatusNotFound},
	}, s.history)
}

func listParameters() []*huma.Param {
	limit := &huma.Schema{Type: huma.TypeInteger, Default: api.LimitDefault}
	return []*huma.Param{
		queryText("kind", "payment, payout or refund"),
		queryText("state", "A state such as unknown"),
		queryText("provider", "A provider account that an attempt went to"),
		queryText("reference", "The merchant's own reference"),
		queryText("merchant", "Operators only: another merchant than the key's; absent means all"),
		queryText("customer", "The merchant's id of the customer"),
		queryText("created_after", "RFC 3339 time"),
		queryText("created_before", "RFC 3339 time"),
		queryText("older_than", "Not changed for this long, such as 24h"),
		queryText("q", "Text in id, reference, ref or provider_ref"),
		{Name: "limit", In: "query", Description: "Transactions a page, 1 to 100", Schema: limit},
		queryText("cursor", "next_cursor of the page before"),
	}
}

func (s *server) transaction(ctx context.Context, in *transactionInput) (*transactionOutput, error) {
	var parts []string
	if in.Expand != "" {
		parts = strings.Split(in.Expand, ",")
	}
	if slices.ContainsFunc(parts, func(part string) bool { return part != "history" && part != "routing" }) {
		return nil, invalid("query.expand", "must be history, routing or both, with a comma between them")
	}
	tx, err := s.readTransaction(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &transactionOutput{Body: api.TransactionOf(tx)}
	if slices.Contains(parts, "routing") {
		routing := api.RoutingOf(tx)
		if !callerOf(ctx).Operator {
			routing = routing.WithoutTerms()
		}
		out.Body.Routing = &routing
	}
	if !slices.Contains(parts, "history") {
		return out, nil
	}
	entries, err := s.Transactions.History(ctx, callerOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out.Body.History = api.HistoryOf(tx, known(tx, entries)).Data
	return out, nil
}

// known are the entries up to the transaction as it was read: it may have gone on
// before its history was.
func known(tx core.Transaction, entries []core.HistoryEntry) []core.HistoryEntry {
	return slices.DeleteFunc(entries, func(e core.HistoryEntry) bool { return e.Sequence > tx.Sequence })
}

// readTransaction returns the caller's transaction with id, or a not_found.
func (s *server) readTransaction(ctx context.Context, id string) (core.Transaction, error) {
	if !validID(id) {
		return core.Transaction{}, errUnknownTransaction()
	}
	tx, err := s.Transactions.Transaction(ctx, callerOf(ctx), id)
	if err == nil && !owns(callerOf(ctx), tx) {
		err = errUnknownTransaction()
	}
	return tx, nameMissing(err)
}

// nameMissing says in words that the transaction is what was not found.
func nameMissing(err error) error {
	if errors.Is(err, core.ErrNotFound) {
		return errUnknownTransaction()
	}
	return err
}

func (s *server) history(ctx context.Context, in *historyInput) (*historyOutput, error) {
	tx, err := s.readTransaction(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	entries, err := s.Transactions.History(ctx, callerOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &historyOutput{Body: api.HistoryOf(tx, entries)}, nil
}

func (s *server) transactions(ctx context.Context, in *listInput) (*listOutput, error) {
	filter, err := api.FilterOf(in.query, s.Now())
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	if !caller.Operator {
		if filter.Merchant != "" && filter.Merchant != caller.Merchant {
			return nil, &core.Problem{
				Code: core.ErrForbidden.Code, Detail: "query.merchant: only an operator may list another merchant's transactions",
			}
		}
		filter.Merchant = caller.Merchant
	}
	page, err := s.Transactions.Transactions(ctx, caller, filter)
	if err != nil {
		return nil, inQuery(err)
	}
	return &listOutput{Body: api.TransactionsOf(page)}, nil
}
