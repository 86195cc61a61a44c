package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/paymux/paymux/core/api"
)

type statementInput struct {
	Account string `path:"account"`
	RawBody []byte `contentType:"application/json"`
}

type comparisonOutput struct{ Body api.Comparison }

type adoptionsOutput struct{ Body api.Adoptions }

// expectedInput is an account and the query as it came; package api reads it.
type expectedInput struct {
	Account string `path:"account"`
	listInput
}

type recordsOutput struct{ Body api.List[api.Record] }

func (s *server) addStatements() {
	handle(s, operation{
		id: "compareStatement", method: http.MethodPost, path: "/v1/providers/{account}/statement",
		summary: "Compare what the provider lists, or the rows of a file, with what is recorded",
		text: "It changes nothing. The provider's list is read page by page for at most 40 seconds; where that was not all, " +
			"unread says why and nothing is called missing_there: compare a shorter time. Of rows nothing is called missing_there " +
			"either, because the others are not known: take what /expected tells and leave out what was found.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.CompareStatement](), bodyMax: api.StatementBodyMax,
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable),
	}, s.compareStatement)
	handle(s, operation{
		id: "listExpected", method: http.MethodGet, path: "/v1/providers/{account}/expected",
		summary: "What a statement of the account must show, newest first",
		text: "Attempts that were begun in that time and are live, succeeded, reversed or a mismatch; of providers that only list, " +
			"transfers. Read on with next_cursor until it is null; a page may be short or empty before that.",
		scopes: []Scope{ScopeOperator}, parameters: []*huma.Param{
			queryText("from", "RFC 3339 time"), queryText("to", "RFC 3339 time, not included"), queryText("cursor", "next_cursor of the page before"),
		},
		refused: []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}, s.expected)
	handle(s, operation{
		id: "adoptStatement", method: http.MethodPost, path: "/v1/providers/{account}/adopt",
		summary: "Ask the provider about what a statement shows otherwise than it is recorded",
		text: "Nobody's word is taken but the provider's own of this moment: attempts are asked about, transfers are received as its " +
			"list shows them, and the rules that always hold decide what follows. Each is audited before anybody is asked.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Adopt](),
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusServiceUnavailable),
	}, s.adopt)
}

func (s *server) compareStatement(ctx context.Context, in *statementInput) (*comparisonOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	about, err := body.Statement(in.Account)
	if err != nil {
		return nil, err
	}
	comparison, err := s.Statements.Statement(ctx, callerOf(ctx), about)
	if err != nil {
		return nil, nameAccount(err)
	}
	return &comparisonOutput{Body: api.ComparisonOf(about, comparison)}, nil
}

func (s *server) expected(ctx context.Context, in *expectedInput) (*recordsOutput, error) {
	about, cursor, err := api.ExpectedOf(in.Account, in.query)
	if err != nil {
		return nil, err
	}
	page, err := s.Statements.Expected(ctx, callerOf(ctx), about, cursor)
	if err != nil {
		return nil, inQuery(nameAccount(err))
	}
	return &recordsOutput{Body: api.RecordsOf(page)}, nil
}

func (s *server) adopt(ctx context.Context, in *statementInput) (*adoptionsOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	adoptions, err := body.Adopt()
	if err != nil {
		return nil, err
	}
	adopted, err := s.Statements.Adopt(ctx, callerOf(ctx), in.Account, adoptions)
	if err != nil {
		return nil, nameAccount(err)
	}
	return &adoptionsOutput{Body: api.AdoptionsOf(adopted)}, nil
}
