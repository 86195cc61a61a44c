package routing

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"

	"github.com/paymux/paymux/core"
)

// split shares transactions out by weight so that the same key always gets the
// same account. It is rendezvous hashing: each account draws a number for the key,
// as far as its own name and weight say, and the lowest is asked first. So an
// account that leaves moves only its own keys, to the accounts behind it in
// proportion to their weights, and an account whose weight changes moves no more
// keys than the weight says. The draws behind the first are the fail-over order.
// A rule's name is no part of the draw: a rule may be renamed or cut in two.
type split struct {
	sticky   sticky
	accounts []portion
	total    uint64
}

// portion is an account with its weight.
type portion struct {
	account string
	weight  uint64
}

func newSplit(u *use) *split {
	s := &split{sticky: u.sticky}
	for _, c := range u.accounts {
		s.accounts = append(s.accounts, portion{c.account, c.weight})
		s.total += c.weight
	}
	return s
}

// draw is what an account drew for a key. Its number is distance / weight, left
// as a fraction; the lower one is asked first.
type draw struct {
	portion
	distance uint64
}

func (s *split) rank(f *facts, _ Market) []core.Candidate {
	key, from := s.sticky.of(f)
	draws := make([]draw, len(s.accounts))
	for i, p := range s.accounts {
		draws[i] = draw{portion: p, distance: distance(hash("split", key, p.account))}
		if key == "" {
			draws[i].distance = 1 // Nothing is known to split by: the heaviest first.
		}
	}
	slices.SortStableFunc(draws, before)
	candidates := make([]core.Candidate, len(draws))
	for i, d := range draws {
		candidates[i] = core.Candidate{Account: d.account, Reason: s.reason(i, d, key, from)}
	}
	return candidates
}

// before compares a.distance/a.weight with b.distance/b.weight exactly. A weight
// of zero is behind all others.
func before(a, b draw) int {
	if a.weight == 0 || b.weight == 0 {
		return cmp.Compare(b.weight, a.weight)
	}
	aHigh, aLow := bits.Mul64(a.distance, b.weight)
	bHigh, bLow := bits.Mul64(b.distance, a.weight)
	return cmp.Or(cmp.Compare(aHigh, bHigh), cmp.Compare(aLow, bLow))
}

func (s *split) reason(i int, d draw, key string, from sticky) string {
	text := place(i, len(s.accounts)) + " in the split, weight " + strconv.FormatUint(d.weight, 10) +
		" of " + strconv.FormatUint(s.total, 10)
	switch {
	case key == "":
		return text + ", heaviest first: " + string(s.sticky) + " and id absent"
	case from != s.sticky:
		return text + ", by id: " + string(s.sticky) + " absent"
	default:
		return text + ", by " + string(s.sticky)
	}
}

// fractionBits is how exact a logarithm is, in bits behind the point.
const fractionBits = 32

// distance returns -log2(u) in units of 2^-32, where u in (0, 1] is h + 1 in
// units of 2^-64. If u is even in (0, 1], distance/weight is exponential with the
// rate of the weight, and the lowest of several is that of each account with the
// probability of its weight in all weights. It is whole numbers throughout, so
// that every machine agrees: the integer part is a count of bits, and each
// squaring of the rest brings one bit behind the point to light.
func distance(h uint64) uint64 {
	if h == 1<<64-1 {
		return 0 // u is 1.
	}
	h++
	integer := uint64(bits.Len64(h) - 1)
	mantissa := h << (63 - integer) // In [1, 2), with 63 bits behind the point.
	logarithm := integer
	for range fractionBits {
		high, low := bits.Mul64(mantissa, mantissa) // In [1, 4), with 126 bits behind the point.
		logarithm <<= 1
		if high>>63 == 1 {
			logarithm |= 1
			mantissa = high
		} else {
			mantissa = high<<1 | low>>63
		}
	}
	return 64<<fractionBits - logarithm
}
