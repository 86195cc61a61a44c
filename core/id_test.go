package core_test

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	anID = "pay_01JDGW7XVZ8Q4N5R6S7T8V9W0X"
	// lastMS is the latest millisecond whose ULIDs all fit 24 base-36 digits, in the year 2558:
	// floor(36^24 / 2^80) - 1.
	lastMS = 18572072283566
)

func TestAnIDTellsTheKindOfItsTransaction(t *testing.T) {
	for kind, prefix := range map[sdk.Kind]string{
		sdk.KindPayment: "pay_", sdk.KindPayout: "out_", sdk.KindRefund: "ref_",
	} {
		if got := core.PrefixOf(kind); got != prefix {
			t.Errorf("PrefixOf(%s) = %s, want %s", kind, got, prefix)
		}
		id := prefix + strings.TrimPrefix(anID, "pay_")
		if got, err := core.KindOf(id); err != nil || got != kind {
			t.Errorf("KindOf(%s) = %s, %v, want %s", id, got, err, kind)
		}
	}
	for _, id := range []string{"", "pay", "att_01JDGW7XVZ8Q4N5R6S7T8V9W0X", "PAY_01JDGW7XVZ8Q4N5R6S7T8V9W0X"} {
		if kind, err := core.KindOf(id); !errors.Is(err, core.ErrMalformedID) {
			t.Errorf("KindOf(%q) = %q, %v, want ErrMalformedID", id, kind, err)
		}
	}
}

func TestAMalformedIDHasNoULID(t *testing.T) {
	tests := map[string]string{
		"empty":                    "",
		"a prefix alone":           "pay_",
		"no prefix":                "01JDGW7XVZ8Q4N5R6S7T8V9W0X",
		"one character short":      anID[:len(anID)-1],
		"one character long":       anID + "0",
		"lower case":               strings.ToLower(anID),
		"a letter ULIDs leave out": "pay_01JDGW7XVZ8Q4N5R6S7T8V9W0U",
		"beyond 128 bits":          "pay_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"a line feed":              anID[:len(anID)-1] + "\n",
	}
	for name, id := range tests {
		t.Run(name, func(t *testing.T) {
			if u, err := core.ULIDOf(id); !errors.Is(err, core.ErrMalformedID) {
				t.Errorf("ULIDOf = %v, %v, want ErrMalformedID", u, err)
			}
			if ref, err := core.Ref(id, 1); !errors.Is(err, core.ErrMalformedID) || ref != "" {
				t.Errorf("Ref = %q, %v, want ErrMalformedID", ref, err)
			}
		})
	}
}

func TestAnErrorRepeatsLittleOfALongID(t *testing.T) {
	long := strings.Repeat("x", 5000)
	_, ofID := core.ULIDOf(long)
	_, ofKind := core.KindOf(long)
	_, _, ofRef := core.ParseRef(long)
	for name, err := range map[string]error{"ULIDOf": ofID, "KindOf": ofKind, "ParseRef": ofRef} {
		if len(err.Error()) > 100 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

// The references of a few attempts, worked out once. They are at providers for years: a change
// here means that no attempt of before is found again.
func TestARefStaysTheSameForEver(t *testing.T) {
	tests := map[string]struct {
		id     string
		number int
		want   string
	}{
		"first attempt":      {anID, 1, "3cwcg9jcxzjkr58dv8osc84d1"},
		"second attempt":     {anID, 2, "3cwcg9jcxzjkr58dv8osc84d2"},
		"another kind":       {"out_01JDGW7XVZ8Q4N5R6S7T8V9W0X", 1, "3cwcg9jcxzjkr58dv8osc84d1"},
		"the tenth attempt":  {anID, 10, "3cwcg9jcxzjkr58dv8osc84da"},
		"the last attempt":   {anID, 35, "3cwcg9jcxzjkr58dv8osc84dz"},
		"the first ULID":     {"pay_00000000000000000000000000", 1, "0000000000000000000000001"},
		"the second ULID":    {"pay_00000000000000000000000001", 1, "0000000000000000000000011"},
		"the 36th ULID":      {"pay_00000000000000000000000014", 1, "0000000000000000000000101"},
		"the end of the era": {"pay_" + lastULID(t, lastMS), 1, "zzzzzzzzun6o8rlnwcwohrzz1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := core.Ref(test.id, test.number)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("Ref (-want +got):\n%s", diff)
			}
		})
	}
}

// lastULID returns the last ULID of a millisecond.
func lastULID(t *testing.T, ms uint64) string {
	t.Helper()
	u := ulid.ULID{6: 0xff, 7: 0xff, 8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}
	if err := u.SetTime(ms); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

func TestThereIsARefForThirtyFiveAttemptsUpTo2558(t *testing.T) {
	tests := map[string]struct {
		id     string
		number int
	}{
		"attempt zero":        {anID, 0},
		"attempt below zero":  {anID, -1},
		"one attempt too far": {anID, 36},
		"after the era":       {"pay_" + lastULID(t, lastMS+2), 1},
		"the last ULID":       {"pay_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if ref, err := core.Ref(test.id, test.number); !errors.Is(err, core.ErrMalformedID) || ref != "" {
				t.Errorf("Ref = %q, %v, want ErrMalformedID", ref, err)
			}
		})
	}
}

func TestWhatIsNoRefIsRefused(t *testing.T) {
	const good = "0000000000000000000000011"
	if _, _, err := core.ParseRef(good); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"empty":               "",
		"one digit short":     good[1:],
		"one digit long":      "0" + good,
		"upper case":          "000000000000000000000A011",
		"a sign":              "-" + good[1:],
		"a space":             " " + good[1:],
		"an underscore":       "00000000000_0000000000011",
		"attempt zero":        good[:24] + "0",
		"another script":      "\u0661" + good[2:],
		"an id, not a ref":    anID,
		"the notes of a bank": "transfer from Mr Somebody",
	}
	for name, ref := range tests {
		t.Run(name, func(t *testing.T) {
			if u, number, err := core.ParseRef(ref); !errors.Is(err, core.ErrMalformedID) {
				t.Errorf("ParseRef = %v, %d, %v, want ErrMalformedID", u, number, err)
			}
		})
	}
}

// anyULID draws a ULID of the era, the same milliseconds often.
var anyULID = rapid.Custom(func(t *rapid.T) ulid.ULID {
	var u ulid.ULID
	ms := rapid.OneOf(rapid.Uint64Range(0, lastMS), rapid.Uint64Range(1_795_000_000_000, 1_795_000_000_003))
	if err := u.SetTime(ms.Draw(t, "ms")); err != nil {
		t.Fatal(err)
	}
	copy(u[6:], rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "entropy"))
	return u
})

var refShape = regexp.MustCompile(`^[0-9a-z]{25}$`)

func TestARefNamesItsTransactionAndAttempt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := anyULID.Draw(t, "ulid")
		number := rapid.IntRange(1, 35).Draw(t, "number")
		ref, err := core.Ref(core.PrefixPayment+u.String(), number)
		if err != nil {
			t.Fatal(err)
		}
		if !refShape.MatchString(ref) {
			t.Fatalf("Ref = %q, want 25 of [a-z0-9]", ref)
		}
		gotULID, gotNumber, err := core.ParseRef(ref)
		if err != nil || gotULID != u || gotNumber != number {
			t.Fatalf("ParseRef(%q) = %v, %d, %v, want %v, %d", ref, gotULID, gotNumber, err, u, number)
		}
	})
}

func TestRefsSortByTimeThenULIDThenAttempt(t *testing.T) {
	type attempt struct {
		ulid   ulid.ULID
		number int
	}
	draw := rapid.Custom(func(t *rapid.T) attempt {
		return attempt{anyULID.Draw(t, "ulid"), rapid.IntRange(1, 35).Draw(t, "number")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		refA, errA := core.Ref(core.PrefixPayout+a.ulid.String(), a.number)
		refB, errB := core.Ref(core.PrefixPayout+b.ulid.String(), b.number)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		want := cmp.Or(cmp.Compare(a.ulid.Time(), b.ulid.Time()), a.ulid.Compare(b.ulid), cmp.Compare(a.number, b.number))
		if got := cmp.Compare(refA, refB); got != want {
			t.Fatalf("%q against %q: %d, want %d", refA, refB, got, want)
		}
	})
}

func FuzzParseRef(f *testing.F) {
	for _, ref := range []string{"", "0000000000000000000000011", "zzzzzzzzzzzzzzzzzzzzzzzzz", anID, "-000000000000000000000001"} {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		u, number, err := core.ParseRef(ref)
		if err != nil {
			return
		}
		again, err := core.Ref(core.PrefixPayment+u.String(), number)
		if err != nil || again != ref {
			t.Fatalf("ParseRef(%q) = %v, %d, whose Ref is %q, %v", ref, u, number, again, err)
		}
	})
}
