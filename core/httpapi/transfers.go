package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

type transfersOutput struct{ Body api.List[api.Transfer] }

type assignInput struct {
	ID      string `path:"id"`
	RawBody []byte `contentType:"application/json"`
}

type transferOutput struct{ Body api.Transfer }

func (s *server) addTransfers() {
	handle(s, operation{
		id: "listTransfers", method: http.MethodGet, path: "/v1/transfers",
		summary: "What was received at providers that only list it, newest first",
		text: "The engine gives a transfer to the payment that waits for it; what stays unmatched waits for an operator. " +
			"Read on with next_cursor until it is null; a page may be short or empty before that.",
		scopes: []Scope{ScopeOperator}, parameters: transferParameters(),
	}, s.transfers)
	handle(s, operation{
		id: "assignTransfer", method: http.MethodPost, path: "/v1/transfers/{id}/assign",
		summary: "Give an unmatched transfer to a payment, or mark it a top-up",
		text:    "It is done once and cannot be taken back. The actor and the reason are kept in the audit.",
		scopes:  []Scope{ScopeOperator}, body: reflect.TypeFor[api.Assign](),
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable),
	}, s.assign)
}

func transferParameters() []*huma.Param {
	limit := &huma.Schema{Type: huma.TypeInteger, Default: api.LimitDefault}
	return []*huma.Param{
		queryText("matched", "true: those of a transaction or a wallet; false: those of nobody yet"),
		queryText("provider", "The provider account that received it"),
		queryText("customer", "The provider's own id of the customer"),
		{Name: "limit", In: "query", Description: "Transfers a page, 1 to 100", Schema: limit},
		queryText("cursor", "next_cursor of the page before"),
	}
}

func (s *server) transfers(ctx context.Context, in *listInput) (*transfersOutput, error) {
	filter, err := api.TransferFilterOf(in.query)
	if err != nil {
		return nil, err
	}
	page, err := s.Transfers.Transfers(ctx, callerOf(ctx), filter)
	if err != nil {
		return nil, inQuery(err)
	}
	return &transfersOutput{Body: api.TransfersOf(page)}, nil
}

func (s *server) assign(ctx context.Context, in *assignInput) (*transferOutput, error) {
	if _, err := core.ULIDOf(in.ID); err != nil || !strings.HasPrefix(in.ID, core.PrefixTransfer) {
		return nil, errUnknownTransfer()
	}
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, err := body.Assign()
	if err != nil {
		return nil, err
	}
	transfer, err := s.give(ctx, in.ID, asked)
	if errors.Is(err, core.ErrNotFound) {
		err = errUnknownTransfer()
	}
	if err != nil {
		return nil, err
	}
	return &transferOutput{Body: api.TransferOf(transfer)}, nil
}

// give does what was asked with the transfer.
func (s *server) give(ctx context.Context, id string, asked api.Assign) (core.Transfer, error) {
	caller := callerOf(ctx)
	if asked.TopUp != "" {
		return s.Transfers.TopUp(ctx, caller, id, asked.TopUp, asked.Reason)
	}
	if _, err := s.readTransaction(ctx, asked.Transaction); err != nil {
		if errors.Is(err, core.ErrUnknownTransaction) {
			return core.Transfer{}, invalid("body.transaction", "is no payment that was made here")
		}
		return core.Transfer{}, err
	}
	return s.Transfers.Assign(ctx, caller, id, asked.Transaction, asked.AcceptAmount, asked.Reason)
}
