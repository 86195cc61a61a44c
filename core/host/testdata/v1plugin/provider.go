package main

import (
	"context"
	"crypto/subtle"
	"net/url"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/paymux/paymux/core/host/testdata/v1plugin/providerv1"
)

type providerService struct {
	pb.UnimplementedProviderServiceServer
	books *books
}

// fault is how a plugin says that a call could not be made.
func fault(code codes.Code, detail *pb.Fault) error {
	told, err := status.New(code, detail.GetMessage()).WithDetails(detail)
	if err != nil {
		return err
	}
	return told.Err()
}

func (s *providerService) unless(a *pb.Account) error {
	if _, open := s.books.text(a, "site"); open {
		return nil
	}
	return fault(codes.FailedPrecondition, &pb.Fault{
		Kind: pb.FaultKind_FAULT_KIND_UNAVAILABLE, Message: "not configured", Sent: pb.Sent_SENT_NOT_SENT,
	})
}

// instant is when everything here happens.
func instant() *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC))
}

func (s *providerService) CreatePayment(ctx context.Context, req *pb.CreatePaymentRequest) (*pb.CreatePaymentResponse, error) {
	if err := s.unless(req.GetAccount()); err != nil {
		return nil, err
	}
	secret, _ := s.books.text(req.GetAccount(), "key")
	ids, _ := metadata.FromIncomingContext(ctx)
	s.books.log.Info("asked", "transaction", ids.Get("paymux-transaction"), "attempt", ids.Get("paymux-attempt"))
	attempt := req.GetPayment().GetAttempt()
	exchange := &pb.Exchange{
		Method: "POST", Url: "https://v1.example/pay", StartedAt: instant(), Duration: durationpb.New(120 * time.Millisecond),
		HttpStatus: 201, GotConn: true,
	}
	switch req.GetPayment().GetDescription() {
	case "decline":
		return &pb.CreatePaymentResponse{Result: &pb.Result{
			Outcome: pb.Outcome_OUTCOME_DECLINED, Reason: "insufficient_funds", ProviderStatus: "REFUSED", ProviderCode: "51",
			Message: "the key is " + secret, Exchanges: []*pb.Exchange{exchange},
		}}, nil
	case "fault":
		return nil, fault(codes.Unavailable, &pb.Fault{
			Kind: pb.FaultKind_FAULT_KIND_RATE_LIMITED, ProviderCode: "429-A", Message: "slow down",
			RetryAfter: durationpb.New(7 * time.Second), Sent: pb.Sent_SENT_NOT_SENT, Exchanges: []*pb.Exchange{exchange},
		})
	case "trouble":
		return nil, status.Error(codes.Internal, "nobody knows")
	}
	return &pb.CreatePaymentResponse{Result: &pb.Result{
		Outcome: pb.Outcome_OUTCOME_REQUIRES_ACTION, ProviderRef: "v1-" + attempt.GetRef(), ProviderStatus: "CREATED", ProviderCode: "201",
		Told:     &pb.Told{Amount: "5000", Currency: "XOF", Reference: attempt.GetRef(), Type: "payment"},
		PaidWith: "OM",
		NextAction: &pb.NextAction{
			Type: pb.NextActionType_NEXT_ACTION_TYPE_REDIRECT, Url: "https://v1.example/" + attempt.GetRef(), Until: instant(),
		},
		ProviderData: []byte("kept"), Alert: "look at this", Exchanges: []*pb.Exchange{exchange},
	}}, nil
}

func (s *providerService) QueryStatus(_ context.Context, req *pb.QueryStatusRequest) (*pb.QueryStatusResponse, error) {
	if err := s.unless(req.GetAccount()); err != nil {
		return nil, err
	}
	attempt := req.GetAttempt()
	outcome, word := pb.Outcome_OUTCOME_PENDING, "CREATED"
	if s.books.isPaid(attempt.GetRef()) {
		outcome, word = pb.Outcome_OUTCOME_SUCCEEDED, "PAID"
	}
	return &pb.QueryStatusResponse{Result: &pb.Result{
		Outcome: outcome, ProviderRef: attempt.GetProviderRef(), ProviderStatus: word,
		Told: &pb.Told{Amount: "5000", Currency: "XOF"}, ProviderData: attempt.GetProviderData(),
	}}, nil
}

func (s *providerService) Cancel(_ context.Context, req *pb.CancelRequest) (*pb.CancelResponse, error) {
	if err := s.unless(req.GetAccount()); err != nil {
		return nil, err
	}
	return &pb.CancelResponse{Decision: &pb.Decision{
		Verdict: pb.Verdict_VERDICT_REFUSED, Reason: "declined", ProviderCode: "TOO_LATE", Message: "it is paid already",
	}}, nil
}

func (s *providerService) ListTransactions(_ context.Context, req *pb.ListTransactionsRequest) (*pb.ListTransactionsResponse, error) {
	if err := s.unless(req.GetAccount()); err != nil {
		return nil, err
	}
	return &pb.ListTransactionsResponse{
		Items: []*pb.ListItem{{
			Id: "item-1", Ref: "0abcdefghijklmnopqrstuvw1", Customer: "c-7", Kind: pb.Kind_KIND_PAYMENT,
			Outcome: pb.Outcome_OUTCOME_SUCCEEDED, Told: &pb.Told{Amount: "5000", Currency: "XOF"}, Status: "PAID",
			CreatedAt: req.GetFrom(), Claimed: pb.Outcome_OUTCOME_SUCCEEDED,
		}},
		Next: "after " + req.GetCursor(), Cut: true,
	}, nil
}

func (s *providerService) HandleNotification(_ context.Context, req *pb.HandleNotificationRequest) (*pb.HandleNotificationResponse, error) {
	if err := s.unless(req.GetAccount()); err != nil {
		return nil, err
	}
	secret, _ := s.books.text(req.GetAccount(), "key")
	for _, header := range req.GetHeaders() {
		if header.GetName() != "X-Key" || len(header.GetValues()) != 1 ||
			subtle.ConstantTimeCompare(header.GetValues()[0], []byte(secret)) != 1 {
			continue
		}
		form, err := url.ParseQuery(string(req.GetBody()))
		if err != nil {
			break
		}
		s.books.pay(form.Get("ref"))
		return &pb.HandleNotificationResponse{Notification: &pb.Notification{
			Authenticity: pb.Authenticity_AUTHENTICITY_GENUINE, Ref: form.Get("ref"), DedupeKey: form.Get("id"), Confirm: true,
			Result: &pb.Result{Outcome: pb.Outcome_OUTCOME_SUCCEEDED, ProviderStatus: "PAID"},
			Status: 202, ContentType: "text/plain", Body: []byte("thanks"),
		}}, nil
	}
	return &pb.HandleNotificationResponse{Notification: &pb.Notification{
		Authenticity: pb.Authenticity_AUTHENTICITY_FORGED, Status: 401, Body: []byte("no"),
	}}, nil
}

func (s *providerService) GetBalance(_ context.Context, req *pb.GetBalanceRequest) (*pb.GetBalanceResponse, error) {
	if err := s.unless(req.GetAccount()); err != nil {
		return nil, err
	}
	return &pb.GetBalanceResponse{Balances: []*pb.Balance{{Available: xof(12_345), Pending: xof(55)}}}, nil
}
