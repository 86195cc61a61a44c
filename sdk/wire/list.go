package wire

import (
	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func listPageToProto(page sdk.ListPage) *pb.ListTransactionsResponse {
	return &pb.ListTransactionsResponse{
		Items:     each(page.Items, listItemToProto),
		Next:      page.Next,
		Cut:       page.Cut,
		Alert:     page.Alert,
		Exchanges: each(page.Exchanges, exchangeToProto),
	}
}

func listPageFromProto(p *pb.ListTransactionsResponse) sdk.ListPage {
	return sdk.ListPage{
		Items:     each(p.GetItems(), listItemFromProto),
		Next:      p.GetNext(),
		Cut:       p.GetCut(),
		Alert:     p.GetAlert(),
		Exchanges: each(p.GetExchanges(), exchangeFromProto),
	}
}

func listItemToProto(item sdk.ListItem) *pb.ListItem {
	return &pb.ListItem{
		Id:        item.ID,
		Ref:       item.Ref,
		Customer:  item.Customer,
		Kind:      kinds.proto[item.Kind],
		Outcome:   outcomes.proto[item.Outcome],
		Told:      toldToProto(item.Told),
		Status:    item.Status,
		CreatedAt: timeToProto(item.CreatedAt),
		Claimed:   outcomes.proto[item.Claimed],
	}
}

func listItemFromProto(p *pb.ListItem) sdk.ListItem {
	return sdk.ListItem{
		ID:        p.GetId(),
		Ref:       p.GetRef(),
		Customer:  p.GetCustomer(),
		Kind:      kinds.sdk[p.GetKind()],
		Outcome:   outcomes.sdk[p.GetOutcome()],
		Told:      toldFromProto(p.GetTold()),
		Status:    p.GetStatus(),
		CreatedAt: timeFromProto(p.GetCreatedAt()),
		Claimed:   outcomes.sdk[p.GetClaimed()],
	}
}

func balanceToProto(b sdk.Balance) *pb.Balance {
	return &pb.Balance{Available: moneyToProto(b.Available), Pending: moneyToProto(b.Pending)}
}

func (r *reader) balances(list []*pb.Balance) []sdk.Balance {
	return each(list, func(b *pb.Balance) sdk.Balance {
		return sdk.Balance{
			Available: r.amount("available", b.GetAvailable()),
			Pending:   r.amount("pending", b.GetPending()),
		}
	})
}
