package routing

// hash spreads texts evenly over 64 bits, the same on every machine and in every
// release: who falls into which part of a split hangs on it. It is FNV-1a, whose
// weak high bits are mixed once more by the finalizer of MurmurHash3. The texts are
// kept apart, so that "ab", "c" is not "a", "bc".
func hash(texts ...string) uint64 {
	const offset, prime, separator = 0xcbf29ce484222325, 0x100000001b3, 0xff // 0xff is in no UTF-8 text.
	h := uint64(offset)
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * prime
		}
		h = (h ^ separator) * prime
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
