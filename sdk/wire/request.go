package wire

import (
	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func paymentToProto(req sdk.PaymentRequest) *pb.Payment {
	return &pb.Payment{
		Attempt:     attemptToProto(req.Attempt),
		Country:     req.Country,
		Method:      req.Method,
		Network:     req.Network,
		Description: req.Description,
		Customer:    customerToProto(req.Customer),
		ReturnUrl:   req.ReturnURL,
		NotifyUrl:   req.NotifyURL,
		Language:    req.Language,
		ExpiresAt:   timeToProto(req.ExpiresAt),
		SendBy:      timeToProto(req.SendBy),
		Card:        cardToProto(req.Card),
		Browser:     browserToProto(req.Browser),
	}
}

func (r *reader) payment(p *pb.Payment) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		Attempt:     r.attempt(p.GetAttempt()),
		Country:     p.GetCountry(),
		Method:      p.GetMethod(),
		Network:     p.GetNetwork(),
		Description: p.GetDescription(),
		Customer:    r.customer(p.GetCustomer()),
		ReturnURL:   p.GetReturnUrl(),
		NotifyURL:   p.GetNotifyUrl(),
		Language:    p.GetLanguage(),
		ExpiresAt:   timeFromProto(p.GetExpiresAt()),
		SendBy:      timeFromProto(p.GetSendBy()),
		Card:        cardFromProto(p.GetCard()),
		Browser:     browserFromProto(p.GetBrowser()),
	}
}

func payoutToProto(req sdk.PayoutRequest) *pb.Payout {
	return &pb.Payout{
		Attempt:     attemptToProto(req.Attempt),
		Country:     req.Country,
		Method:      req.Method,
		Network:     req.Network,
		Description: req.Description,
		Recipient:   customerToProto(req.Recipient),
		BankAccount: bankAccountToProto(req.BankAccount),
		NotifyUrl:   req.NotifyURL,
		SendBy:      timeToProto(req.SendBy),
	}
}

func (r *reader) payout(p *pb.Payout) sdk.PayoutRequest {
	return sdk.PayoutRequest{
		Attempt:     r.attempt(p.GetAttempt()),
		Country:     p.GetCountry(),
		Method:      p.GetMethod(),
		Network:     p.GetNetwork(),
		Description: p.GetDescription(),
		Recipient:   r.customer(p.GetRecipient()),
		BankAccount: bankAccountFromProto(p.GetBankAccount()),
		NotifyURL:   p.GetNotifyUrl(),
		SendBy:      timeFromProto(p.GetSendBy()),
	}
}

func refundToProto(req sdk.RefundRequest) *pb.Refund {
	return &pb.Refund{
		Attempt:   attemptToProto(req.Attempt),
		Payment:   attemptToProto(req.Payment),
		NotifyUrl: req.NotifyURL,
		SendBy:    timeToProto(req.SendBy),
	}
}

func (r *reader) refund(p *pb.Refund) sdk.RefundRequest {
	return sdk.RefundRequest{
		Attempt:   r.attempt(p.GetAttempt()),
		Payment:   r.attempt(p.GetPayment()),
		NotifyURL: p.GetNotifyUrl(),
		SendBy:    timeFromProto(p.GetSendBy()),
	}
}

func listRequestToProto(req sdk.ListRequest) *pb.ListTransactionsRequest {
	return &pb.ListTransactionsRequest{
		From:   timeToProto(req.From),
		To:     timeToProto(req.To),
		Cursor: req.Cursor,
	}
}

func listRequestFromProto(p *pb.ListTransactionsRequest) sdk.ListRequest {
	return sdk.ListRequest{From: timeFromProto(p.GetFrom()), To: timeFromProto(p.GetTo()), Cursor: p.GetCursor()}
}
