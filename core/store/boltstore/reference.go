package boltstore

import "bytes"

// holder is one transaction in the row of a merchant's reference.
type holder struct {
	holds bool
	key   []byte
}

const holderSize = 1 + ulidSize

// holders reads the row of a reference: every transaction that had it, in the
// order in which they came, and whether each still keeps others from using it.
func holders(row []byte) []holder {
	var all []holder
	for ; len(row) >= holderSize; row = row[holderSize:] {
		all = append(all, holder{holds: row[0] == 1, key: row[1:holderSize]})
	}
	return all
}

// holdersWith returns the row with h in it, at its place or at the end.
func holdersWith(row []byte, h holder) []byte {
	out := make([]byte, 0, len(row)+holderSize)
	found := false
	for _, old := range holders(row) {
		if bytes.Equal(old.key, h.key) {
			old, found = h, true
		}
		out = appendHolder(out, old)
	}
	if !found {
		out = appendHolder(out, h)
	}
	return out
}

func appendHolder(row []byte, h holder) []byte {
	flag := byte(0)
	if h.holds {
		flag = 1
	}
	return append(append(row, flag), h.key...)
}

// newestHolder returns who is meant by a reference: the newest that holds it, else the newest.
func newestHolder(all []holder) (holder, bool) {
	var best holder
	for _, h := range all {
		better := best.key == nil || (h.holds && !best.holds) ||
			(h.holds == best.holds && bytes.Compare(h.key, best.key) > 0)
		if better {
			best = h
		}
	}
	return best, best.key != nil
}
