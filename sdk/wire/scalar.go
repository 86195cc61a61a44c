package wire

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/paymux/paymux/sdk/money"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// reader converts messages to sdk values and keeps the first thing that it
// could not read, which makes the whole message unreadable.
type reader struct{ fault error }

// read converts p and returns what could not be read of it as an error.
func read[P, S any](p P, convert func(*reader, P) S) (S, error) {
	var r reader
	s := convert(&r, p)
	if r.fault != nil {
		var none S
		return none, r.fault
	}
	return s, nil
}

// each converts a list. An empty list is nil.
func each[A, B any](list []A, convert func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	converted := make([]B, len(list))
	for i, item := range list {
		converted[i] = convert(item)
	}
	return converted
}

// words converts a list of words from one string type to another.
func words[B, A ~string](list []A) []B {
	return each(list, func(word A) B { return B(word) })
}

func moneyToProto(a money.Amount) *pb.Money {
	if a == (money.Amount{}) {
		return nil
	}
	return &pb.Money{Minor: a.Minor(), Currency: a.Currency().String()}
}

func (r *reader) amount(field string, m *pb.Money) money.Amount {
	if m.GetCurrency() == "" {
		return money.Of(m.GetMinor(), 0)
	}
	return money.Of(m.GetMinor(), r.currency(field, m.GetCurrency()))
}

func (r *reader) currency(field, code string) money.Currency {
	c, err := money.ParseCurrency(code)
	if err != nil && r.fault == nil {
		r.fault = fmt.Errorf("wire: %s: %w", field, err)
	}
	return c
}

func timeToProto(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// timeFromProto returns no time for one outside of the years 1 to 9999, which
// could not be written as JSON, and what holds it could not be stored.
func timeFromProto(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}

func durationToProto(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}

func durationFromProto(d *durationpb.Duration) time.Duration { return d.AsDuration() }

// int32Of keeps a number that does not fit at the nearest that does: wrapped
// round it could become a valid one, such as an HTTP status.
func int32Of(n int) int32 { return int32(max(math.MinInt32, min(math.MaxInt32, n))) }
