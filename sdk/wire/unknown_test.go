package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
	"github.com/paymux/paymux/sdk/wire"
)

// later is an enum value of a version that does not exist yet.
const later = 99

// stranger is a plugin that was not written with the sdk. Its answers are set by hand.
type stranger struct {
	pb.UnimplementedPluginServiceServer
	pb.UnimplementedProviderServiceServer

	manifest     *pb.Manifest
	result       *pb.Result
	decision     *pb.Decision
	page         *pb.ListTransactionsResponse
	notification *pb.Notification
	err          error
}

func (s *stranger) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return &pb.DescribeResponse{Manifest: s.manifest}, s.err
}

func (s *stranger) CreatePayment(context.Context, *pb.CreatePaymentRequest) (*pb.CreatePaymentResponse, error) {
	return &pb.CreatePaymentResponse{Result: s.result}, s.err
}

func (s *stranger) Cancel(context.Context, *pb.CancelRequest) (*pb.CancelResponse, error) {
	return &pb.CancelResponse{Decision: s.decision}, s.err
}

func (s *stranger) ListTransactions(context.Context, *pb.ListTransactionsRequest) (*pb.ListTransactionsResponse, error) {
	return s.page, s.err
}

func (s *stranger) HandleNotification(
	context.Context, *pb.HandleNotificationRequest,
) (*pb.HandleNotificationResponse, error) {
	return &pb.HandleNotificationResponse{Notification: s.notification}, s.err
}

func meet(t testing.TB, s *stranger) *wire.Client {
	t.Helper()
	conn, _ := connect(t, func(server *grpc.Server) {
		pb.RegisterPluginServiceServer(server, s)
		pb.RegisterProviderServiceServer(server, s)
	})
	return wire.NewClient(t.Context(), conn)
}

func TestAnOutcomeOfALaterVersionIsUnknown(t *testing.T) {
	s := &stranger{
		result:       &pb.Result{Outcome: later, NextAction: &pb.NextAction{Type: later}},
		decision:     &pb.Decision{Verdict: later},
		page:         &pb.ListTransactionsResponse{Items: []*pb.ListItem{{Kind: later, Outcome: later}}},
		notification: &pb.Notification{Authenticity: later, Result: &pb.Result{Outcome: later}},
	}
	account := meet(t, s).Account("cinetpay-ci", "hash")

	result, err := account.CreatePayment(t.Context(), sdk.PaymentRequest{})
	if diff := cmp.Diff(sdk.Result{NextAction: &sdk.NextAction{}}, result); diff != "" || err != nil {
		t.Errorf("payment: %v (-want +got):\n%s", err, diff)
	}
	verdict, err := account.Cancel(t.Context(), sdk.Attempt{})
	if diff := cmp.Diff(sdk.VerdictResult{}, verdict); diff != "" || err != nil {
		t.Errorf("cancel: %v (-want +got):\n%s", err, diff)
	}
	page, err := account.ListTransactions(t.Context(), sdk.ListRequest{})
	if diff := cmp.Diff(sdk.ListPage{Items: []sdk.ListItem{{}}}, page); diff != "" || err != nil {
		t.Errorf("list: %v (-want +got):\n%s", err, diff)
	}
	notification, err := account.HandleNotification(t.Context(), sdk.NotificationRequest{})
	if diff := cmp.Diff(sdk.Notification{}, notification); diff != "" || err != nil {
		t.Errorf("notification: %v (-want +got):\n%s", err, diff)
	}
}

func TestAnAbsentAnswerIsUnknown(t *testing.T) {
	account := meet(t, &stranger{}).Account("cinetpay-ci", "hash")
	result, err := account.CreatePayment(t.Context(), sdk.PaymentRequest{})
	if diff := cmp.Diff(sdk.Result{}, result); diff != "" || err != nil {
		t.Errorf("payment: %v (-want +got):\n%s", err, diff)
	}
	verdict, err := account.Cancel(t.Context(), sdk.Attempt{})
	if diff := cmp.Diff(sdk.VerdictResult{}, verdict); diff != "" || err != nil {
		t.Errorf("cancel: %v (-want +got):\n%s", err, diff)
	}
}

func TestAManifestOfALaterVersion(t *testing.T) {
	t.Run("guarantees nothing that is not known", func(t *testing.T) {
		client := meet(t, &stranger{manifest: &pb.Manifest{
			Name:  "later",
			Facts: []*pb.Facts{{Kind: later}, {Kind: pb.Kind_KIND_PAYMENT, Idempotency: later, QueryBy: later}},
		}})
		got, err := client.Describe(t.Context())
		if err != nil {
			t.Fatalf("describe: %v", err)
		}
		want := map[sdk.Kind]sdk.Facts{sdk.KindPayment: {}}
		if diff := cmp.Diff(want, got.Facts); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
	t.Run("with a currency that is not known is refused", func(t *testing.T) {
		corridor := &pb.Corridor{Kind: pb.Kind_KIND_PAYMENT, Currencies: []string{"QQQ"}}
		client := meet(t, &stranger{manifest: &pb.Manifest{
			Capabilities: &pb.Capabilities{Corridors: []*pb.Corridor{corridor}},
		}})
		if _, err := client.Describe(t.Context()); !errors.Is(err, money.ErrCurrency) {
			t.Errorf("describe: %v, want ErrCurrency: without the currency the corridor would serve any", err)
		}
	})
}

func TestAnAmountThatCannotBeReadIsUnknown(t *testing.T) {
	unreadable := &pb.Money{Minor: 5000, Currency: "QQQ"}
	t.Run("in an answer", func(t *testing.T) {
		s := &stranger{result: &pb.Result{
			Outcome:    pb.Outcome_OUTCOME_SUCCEEDED,
			NextAction: &pb.NextAction{Amount: unreadable},
		}}
		result, err := meet(t, s).Account("a", "h").CreatePayment(t.Context(), sdk.PaymentRequest{})
		if !errors.Is(err, money.ErrCurrency) || result.Outcome != sdk.OutcomeUnknown {
			t.Errorf("answer = %s, %v, want UNKNOWN and ErrCurrency", result.Outcome, err)
		}
		if got := sdk.CreateOutcome(err); got != sdk.OutcomeUnknown {
			t.Errorf("counts as %s, want UNKNOWN", got)
		}
	})
	t.Run("in a request nothing is asked", func(t *testing.T) {
		s := &script{}
		conn, _ := connect(t, func(server *grpc.Server) { register(t, server, s) })
		_, err := pb.NewProviderServiceClient(conn).CreatePayment(t.Context(),
			&pb.CreatePaymentRequest{Payment: &pb.Payment{Attempt: &pb.Attempt{Amount: unreadable}}})
		fault := detailOf(t, err)
		if fault.GetKind() != pb.FaultKind_FAULT_KIND_INVALID || fault.GetSent() != pb.Sent_SENT_NOT_SENT {
			t.Errorf("fault = %v %v, want INVALID and NOT_SENT", fault.GetKind(), fault.GetSent())
		}
		if s.asked != nil {
			t.Errorf("the provider was asked for an amount nobody can read")
		}
	})
}

func TestATimeThatCannotBeWrittenIsNone(t *testing.T) {
	for name, at := range map[string]*timestamppb.Timestamp{
		"after the year 9999": {Seconds: math.MaxInt64}, "before the year 1": {Seconds: math.MinInt64},
		"more than a second": {Nanos: math.MaxInt32}, "absent": nil,
	} {
		s := &stranger{result: &pb.Result{NextAction: &pb.NextAction{Until: at}}}
		result, err := meet(t, s).Account("cinetpay-ci", "hash").CreatePayment(t.Context(), sdk.PaymentRequest{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := json.Marshal(result); err != nil || !result.NextAction.Until.IsZero() {
			t.Errorf("%s: until = %v, %v, want none", name, result.NextAction.Until, err)
		}
	}
}
