// Package record holds the bytes of every noun that is stored: the protobuf
// messages of record.proto and the way from core to them and back. Stores,
// exports and idempotency answers share it, so that a record written by one
// store is read by another.
//
// A record is one byte of format, four bytes of CRC-32C over all the rest, and
// the message. A record that was damaged, written by a newer format, or that
// breaks an invariant of Check is refused with core.ErrInvalidRecord: it is
// neither written nor believed.
//
// Times keep their instant to the nanosecond and come back in UTC; a time that
// is zero comes back zero. Instants outside 1970 to 2262 are refused.
package record

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"google.golang.org/protobuf/proto"

	"github.com/paymux/paymux/core"
)

// Format is the version of the records that this package writes.
const Format = 1

// headerSize is the format byte and the checksum.
const headerSize = 5

// SizeMax is the most bytes of a record: far above any real one, far below what a store can hold.
const SizeMax = 4 << 20

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func checksum(format byte, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte{format}, castagnoli()), castagnoli(), payload)
}

// seal returns the record of m.
func seal(m proto.Message) ([]byte, error) {
	options := proto.MarshalOptions{Deterministic: true}
	data := make([]byte, headerSize, headerSize+options.Size(m))
	data, err := options.MarshalAppend(data, m)
	if err != nil {
		return nil, fmt.Errorf("record: %w: %w", core.ErrInvalidRecord, err)
	}
	if len(data) > SizeMax {
		return nil, fmt.Errorf("record: %d bytes, the most is %d: %w", len(data), SizeMax, core.ErrInvalidRecord)
	}
	data[0] = Format
	binary.BigEndian.PutUint32(data[1:headerSize], checksum(Format, data[headerSize:]))
	return data, nil
}

// unseal returns the message's bytes in data, which stay part of it.
func unseal(data []byte) ([]byte, error) {
	if len(data) < headerSize {
		return nil, fmt.Errorf("record: %d bytes are too few: %w", len(data), core.ErrInvalidRecord)
	}
	payload := data[headerSize:]
	if want, got := binary.BigEndian.Uint32(data[1:headerSize]), checksum(data[0], payload); want != got {
		return nil, fmt.Errorf("record: checksum is %08x and not %08x, so it is damaged: %w", got, want, core.ErrInvalidRecord)
	}
	if data[0] != Format {
		return nil, fmt.Errorf("record: format %d, this version reads %d: %w", data[0], Format, core.ErrInvalidRecord)
	}
	return payload, nil
}

// open reads the record data into m.
func open(data []byte, m proto.Message) error {
	payload, err := unseal(data)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(payload, m); err != nil {
		return fmt.Errorf("record: %w: %w", core.ErrInvalidRecord, err)
	}
	return nil
}
