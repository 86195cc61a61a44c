package record

import (
	"encoding/binary"
	"testing"

	"github.com/paymux/paymux/core/store/storetest"
)

// FuzzDecode gives every payload a right checksum, so that what is behind it is reached.
func FuzzDecode(f *testing.F) {
	data, err := EncodeTransaction(storetest.Payment(storetest.Start(), 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[headerSize:])
	f.Fuzz(func(t *testing.T, payload []byte) {
		sealed := append([]byte{Format, 0, 0, 0, 0}, payload...)
		binary.BigEndian.PutUint32(sealed[1:], checksum(Format, payload))
		x, err := DecodeTransaction(sealed)
		if err != nil {
			return
		}
		if _, err := EncodeTransaction(x); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
