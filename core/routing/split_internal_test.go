package routing

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestTheDistanceIsTheLogarithm holds 2^-distance against the number that was
// drawn: within a few units of the last bit, for draws of any size.
func TestTheDistanceIsTheLogarithm(t *testing.T) {
	t.Parallel()
	for h, want := range map[uint64]uint64{
		1<<64 - 1: 0, 1<<63 - 1: 1 << fractionBits, 0: 64 << fractionBits, 1<<32 - 1: 32 << fractionBits,
	} {
		if got := distance(h); got != want {
			t.Errorf("distance(%d) = %d, want %d", h, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.Uint64Range(1<<40, 1<<64-2).Draw(t, "draw")
		// u^(2^16) is 2^(-distance * 2^16 / 2^32): its exponent has distance without the last 16 bits.
		u := new(big.Float).SetPrec(512).SetMantExp(new(big.Float).SetUint64(h), 0)
		u.Add(u, big.NewFloat(1)).SetMantExp(u, -64)
		for range 16 {
			u.Mul(u, u)
		}
		exponent := u.MantExp(nil) - 1 // u is in [2^exponent, 2^(exponent+1)).
		got := -int64(distance(h) >> 16)
		if off := got - int64(exponent); off < 0 || off > 1 {
			t.Fatalf("distance(%d) >> 16 = %d, want %d", h, -got, -exponent)
		}
	})
}

func TestTheSameTextsHashAlikeInEveryRelease(t *testing.T) {
	t.Parallel()
	if got, want := hash("split", "c-7", "numipay"), uint64(0x2ccd18f2029bed07); got != want {
		t.Errorf("hash = %#x, want %#x: every customer of a split would move", got, want)
	}
	if hash("ab", "c") == hash("a", "bc") {
		t.Error("the texts are not kept apart")
	}
}
