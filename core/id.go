package core

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/sdk"
)

// The prefixes of ids. A ULID follows: 26 characters, sorted by time.
const (
	PrefixPayment  = "pay_"
	PrefixPayout   = "out_"
	PrefixRefund   = "ref_"
	PrefixAttempt  = "att_"
	PrefixEvent    = "evt_"
	PrefixTransfer = "trf_"
	PrefixInbox    = "whk_"
	PrefixDelivery = "dlv_"
)

// ErrMalformedID means that a text is not an id of ours.
var ErrMalformedID = errors.New("malformed id")

// PrefixOf returns the id prefix of a kind.
func PrefixOf(kind sdk.Kind) string {
	switch kind {
	case sdk.KindPayout:
		return PrefixPayout
	case sdk.KindRefund:
		return PrefixRefund
	default:
		return PrefixPayment
	}
}

// KindOf returns the kind of the transaction with id, or ErrMalformedID.
func KindOf(id string) (sdk.Kind, error) {
	for _, kind := range []sdk.Kind{sdk.KindPayment, sdk.KindPayout, sdk.KindRefund} {
		if strings.HasPrefix(id, PrefixOf(kind)) {
			return kind, nil
		}
	}
	return "", fmt.Errorf("%w: %q is no transaction's", ErrMalformedID, clip(id))
}

// ULIDOf returns the 16 bytes of a prefixed id, or ErrMalformedID.
func ULIDOf(id string) (ulid.ULID, error) {
	if len(id) != 4+ulid.EncodedSize {
		return ulid.ULID{}, fmt.Errorf("%w: %q", ErrMalformedID, clip(id))
	}
	u, err := ulid.ParseStrict(id[4:])
	if err != nil || id[4:] != u.String() {
		return ulid.ULID{}, fmt.Errorf("%w: %q", ErrMalformedID, clip(id))
	}
	return u, nil
}

const (
	refDigits = 24
	// refAttempts is how many attempts one base-36 digit can number.
	refAttempts = 35
)

// Ref returns the reference of attempt number of the transaction with id: 24
// base-36 digits of its ULID and one of the number. It is the same again after
// a crash or a restore, and no other attempt ever has it. It returns
// ErrMalformedID for an id or a number that has none.
func Ref(id string, number int) (string, error) {
	u, err := ULIDOf(id)
	if err != nil {
		return "", err
	}
	if number < 1 || number > refAttempts {
		return "", fmt.Errorf("%w: attempt %d, must be 1 to %d", ErrMalformedID, number, refAttempts)
	}
	digits := new(big.Int).SetBytes(u[:]).Text(36)
	if len(digits) > refDigits {
		return "", fmt.Errorf("%w: the time of %q does not fit %d base-36 digits", ErrMalformedID, id, refDigits)
	}
	return strings.Repeat("0", refDigits-len(digits)) + digits + string("0123456789abcdefghijklmnopqrstuvwxyz"[number]), nil
}

// ParseRef returns the ULID of the transaction and the attempt number that ref
// names, or ErrMalformedID. The kind is not in it: the store is asked by ULID.
func ParseRef(ref string) (ulid.ULID, int, error) {
	if len(ref) != refDigits+1 || strings.Trim(ref, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return ulid.ULID{}, 0, fmt.Errorf("%w: %q is no reference", ErrMalformedID, clip(ref))
	}
	value, ok := new(big.Int).SetString(ref[:refDigits], 36)
	number, ok2 := new(big.Int).SetString(ref[refDigits:], 36)
	if !ok || !ok2 || value.BitLen() > 128 || number.Sign() == 0 {
		return ulid.ULID{}, 0, fmt.Errorf("%w: %q is no reference", ErrMalformedID, clip(ref))
	}
	var u ulid.ULID
	value.FillBytes(u[:])
	return u, int(number.Int64()), nil
}

func clip(text string) string {
	const most = 40
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
