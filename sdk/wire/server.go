package wire

import (
	"context"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// providerServer serves ProviderService.
type providerServer struct {
	pb.UnimplementedProviderServiceServer
	accounts Accounts
}

// unreadable is the fault for a request that this version cannot read. Nothing
// was asked of the provider.
func unreadable(err error) error {
	return &sdk.Error{Kind: sdk.KindInvalid, Message: err.Error(), Sent: sdk.NotSent}
}

// open finds the account and reads the request, which every call begins with.
func open[P, S any](s *providerServer, id *pb.Account, p P, convert func(*reader, P) S) (sdk.FullProvider, S, error) {
	var none S
	provider, err := s.accounts.Account(accountID(id))
	if err != nil {
		return nil, none, err
	}
	req, err := read(p, convert)
	if err != nil {
		return nil, none, unreadable(err)
	}
	return provider, req, nil
}

func (s *providerServer) CreatePayment(
	ctx context.Context, message *pb.CreatePaymentRequest,
) (*pb.CreatePaymentResponse, error) {
	provider, req, err := open(s, message.GetAccount(), message.GetPayment(), (*reader).payment)
	if err != nil {
		return nil, err
	}
	result, err := provider.CreatePayment(sdk.WithSendBy(ctx, req.SendBy), req)
	if err != nil {
		return nil, err
	}
	return readable(&pb.CreatePaymentResponse{Result: resultToProto(result)}), nil
}

func (s *providerServer) CreatePayout(
	ctx context.Context, message *pb.CreatePayoutRequest,
) (*pb.CreatePayoutResponse, error) {
	provider, req, err := open(s, message.GetAccount(), message.GetPayout(), (*reader).payout)
	if err != nil {
		return nil, err
	}
	result, err := provider.CreatePayout(sdk.WithSendBy(ctx, req.SendBy), req)
	if err != nil {
		return nil, err
	}
	return readable(&pb.CreatePayoutResponse{Result: resultToProto(result)}), nil
}

func (s *providerServer) CreateRefund(
	ctx context.Context, message *pb.CreateRefundRequest,
) (*pb.CreateRefundResponse, error) {
	provider, req, err := open(s, message.GetAccount(), message.GetRefund(), (*reader).refund)
	if err != nil {
		return nil, err
	}
	result, err := provider.CreateRefund(sdk.WithSendBy(ctx, req.SendBy), req)
	if err != nil {
		return nil, err
	}
	return readable(&pb.CreateRefundResponse{Result: resultToProto(result)}), nil
}

func (s *providerServer) Cancel(ctx context.Context, message *pb.CancelRequest) (*pb.CancelResponse, error) {
	provider, attempt, err := open(s, message.GetAccount(), message.GetAttempt(), (*reader).attempt)
	if err != nil {
		return nil, err
	}
	verdict, err := provider.Cancel(ctx, attempt)
	if err != nil {
		return nil, err
	}
	return readable(&pb.CancelResponse{Decision: decisionToProto(verdict)}), nil
}

func (s *providerServer) ApprovePayout(
	ctx context.Context, message *pb.ApprovePayoutRequest,
) (*pb.ApprovePayoutResponse, error) {
	provider, attempt, err := open(s, message.GetAccount(), message.GetAttempt(), (*reader).attempt)
	if err != nil {
		return nil, err
	}
	verdict, err := provider.ApprovePayout(ctx, attempt)
	if err != nil {
		return nil, err
	}
	return readable(&pb.ApprovePayoutResponse{Decision: decisionToProto(verdict)}), nil
}

func (s *providerServer) RejectPayout(
	ctx context.Context, message *pb.RejectPayoutRequest,
) (*pb.RejectPayoutResponse, error) {
	provider, attempt, err := open(s, message.GetAccount(), message.GetAttempt(), (*reader).attempt)
	if err != nil {
		return nil, err
	}
	verdict, err := provider.RejectPayout(ctx, attempt)
	if err != nil {
		return nil, err
	}
	return readable(&pb.RejectPayoutResponse{Decision: decisionToProto(verdict)}), nil
}

func (s *providerServer) QueryStatus(
	ctx context.Context, message *pb.QueryStatusRequest,
) (*pb.QueryStatusResponse, error) {
	provider, attempt, err := open(s, message.GetAccount(), message.GetAttempt(), (*reader).attempt)
	if err != nil {
		return nil, err
	}
	result, err := provider.QueryStatus(ctx, attempt)
	if err != nil {
		return nil, err
	}
	return readable(&pb.QueryStatusResponse{Result: resultToProto(result)}), nil
}

func (s *providerServer) ListTransactions(
	ctx context.Context, message *pb.ListTransactionsRequest,
) (*pb.ListTransactionsResponse, error) {
	provider, err := s.accounts.Account(accountID(message.GetAccount()))
	if err != nil {
		return nil, err
	}
	page, err := provider.ListTransactions(ctx, listRequestFromProto(message))
	if err != nil {
		return nil, err
	}
	return readable(listPageToProto(page)), nil
}

func (s *providerServer) HandleNotification(
	ctx context.Context, message *pb.HandleNotificationRequest,
) (*pb.HandleNotificationResponse, error) {
	provider, err := s.accounts.Account(accountID(message.GetAccount()))
	if err != nil {
		return nil, err
	}
	notification, err := provider.HandleNotification(ctx, notificationRequestFromProto(message))
	if err != nil {
		return nil, err
	}
	return readable(&pb.HandleNotificationResponse{Notification: notificationToProto(notification)}), nil
}

func (s *providerServer) LookupCustomer(
	ctx context.Context, message *pb.LookupCustomerRequest,
) (*pb.LookupCustomerResponse, error) {
	provider, err := s.accounts.Account(accountID(message.GetAccount()))
	if err != nil {
		return nil, err
	}
	customer, err := provider.LookupCustomer(ctx, message.GetPhone())
	if err != nil {
		return nil, err
	}
	return readable(&pb.LookupCustomerResponse{Customer: customerToProto(customer)}), nil
}

func (s *providerServer) GetBalance(
	ctx context.Context, message *pb.GetBalanceRequest,
) (*pb.GetBalanceResponse, error) {
	provider, err := s.accounts.Account(accountID(message.GetAccount()))
	if err != nil {
		return nil, err
	}
	balances, err := provider.GetBalance(ctx)
	if err != nil {
		return nil, err
	}
	return readable(&pb.GetBalanceResponse{Balances: each(balances, balanceToProto)}), nil
}
