package record_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
	"github.com/paymux/paymux/core/store/storetest"
)

// One reader and one past are used again and again, as a scan does: nothing of one
// transaction may stay for the next.
func TestAPastIsThatOfTheTransaction(t *testing.T) {
	var reader record.PastReader
	var got core.Past
	rapid.Check(t, func(t *rapid.T) {
		x := drawTransaction(t)
		x.Metadata = maps.Clone(x.Metadata)
		data, err := record.EncodeTransaction(x)
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.Read(data, &got); err != nil {
			t.Fatal(err)
		}
		same(t, core.PastOf(x), got)
	})
}

func TestADamagedPastIsRefused(t *testing.T) {
	data, err := record.EncodeTransaction(storetest.Payment(storetest.Start(), 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		broken := append([]byte{}, data...)
		broken[i] ^= 0x40
		var reader record.PastReader
		if err := reader.Read(broken, &core.Past{}); !errors.Is(err, core.ErrInvalidRecord) {
			t.Fatalf("byte %d: error is %v, want %v", i, err, core.ErrInvalidRecord)
		}
	}
}

func BenchmarkPast(b *testing.B) {
	payment := storetest.Ended(storetest.Payment(storetest.Start(), 1), core.StateSucceeded, storetest.Start())
	data, err := record.EncodeTransaction(payment)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("past", func(b *testing.B) {
		b.ReportAllocs()
		var reader record.PastReader
		var past core.Past
		for b.Loop() {
			if err := reader.Read(data, &past); err != nil {
				b.Fatal(err)
			}
		}
		if diff := cmp.Diff(core.PastOf(payment), past, cmpopts.EquateComparable(core.Sample{}.Amount)); diff != "" {
			b.Error(diff)
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := record.DecodeTransaction(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
