package wire

import (
	"context"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// account is a configured account in another process.
type account struct {
	client *Client
	id     AccountID
}

var _ sdk.FullProvider = (*account)(nil)

// Capabilities returns what Configure answered.
func (a *account) Capabilities() sdk.Capabilities { return a.client.capabilitiesOf(a.id) }

func (a *account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	resp, err := a.client.provider.CreatePayment(about(ctx, req.Attempt),
		&pb.CreatePaymentRequest{Account: a.id.proto(), Payment: paymentToProto(req)})
	if err != nil {
		return sdk.Result{}, err
	}
	return read(resp.GetResult(), (*reader).result)
}

func (a *account) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	resp, err := a.client.provider.CreatePayout(about(ctx, req.Attempt),
		&pb.CreatePayoutRequest{Account: a.id.proto(), Payout: payoutToProto(req)})
	if err != nil {
		return sdk.Result{}, err
	}
	return read(resp.GetResult(), (*reader).result)
}

func (a *account) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	resp, err := a.client.provider.CreateRefund(about(ctx, req.Attempt),
		&pb.CreateRefundRequest{Account: a.id.proto(), Refund: refundToProto(req)})
	if err != nil {
		return sdk.Result{}, err
	}
	return read(resp.GetResult(), (*reader).result)
}

func (a *account) Cancel(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	resp, err := a.client.provider.Cancel(about(ctx, attempt),
		&pb.CancelRequest{Account: a.id.proto(), Attempt: attemptToProto(attempt)})
	if err != nil {
		return sdk.VerdictResult{}, err
	}
	return decisionFromProto(resp.GetDecision()), nil
}

func (a *account) ApprovePayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	resp, err := a.client.provider.ApprovePayout(about(ctx, attempt),
		&pb.ApprovePayoutRequest{Account: a.id.proto(), Attempt: attemptToProto(attempt)})
	if err != nil {
		return sdk.VerdictResult{}, err
	}
	return decisionFromProto(resp.GetDecision()), nil
}

func (a *account) RejectPayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	resp, err := a.client.provider.RejectPayout(about(ctx, attempt),
		&pb.RejectPayoutRequest{Account: a.id.proto(), Attempt: attemptToProto(attempt)})
	if err != nil {
		return sdk.VerdictResult{}, err
	}
	return decisionFromProto(resp.GetDecision()), nil
}

func (a *account) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	resp, err := a.client.provider.QueryStatus(about(ctx, attempt),
		&pb.QueryStatusRequest{Account: a.id.proto(), Attempt: attemptToProto(attempt)})
	if err != nil {
		return sdk.Result{}, err
	}
	return read(resp.GetResult(), (*reader).result)
}

func (a *account) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	message := listRequestToProto(req)
	message.Account = a.id.proto()
	resp, err := a.client.provider.ListTransactions(ctx, message)
	if err != nil {
		return sdk.ListPage{}, err
	}
	return listPageFromProto(resp), nil
}

func (a *account) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	message := notificationRequestToProto(req)
	message.Account = a.id.proto()
	resp, err := a.client.provider.HandleNotification(ctx, message)
	if err != nil {
		return sdk.Notification{}, err
	}
	return read(resp.GetNotification(), (*reader).notification)
}

func (a *account) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	resp, err := a.client.provider.LookupCustomer(ctx,
		&pb.LookupCustomerRequest{Account: a.id.proto(), Phone: phone})
	if err != nil {
		return sdk.Customer{}, err
	}
	return read(resp.GetCustomer(), (*reader).customer)
}

func (a *account) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	resp, err := a.client.provider.GetBalance(ctx, &pb.GetBalanceRequest{Account: a.id.proto()})
	if err != nil {
		return nil, err
	}
	return read(resp.GetBalances(), (*reader).balances)
}
