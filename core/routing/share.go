package routing

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core/yamlfile"
)

// share is a part of all, in hundredths of a percent.
type share uint16

// whole is all of it.
const whole share = 100 * 100

// readShare returns the percentage in a file, which may have two decimals.
func readShare(node yamlfile.Node) (share, bool) {
	if kind := node.Kind(); kind != yamlfile.Number && kind != yamlfile.Text {
		node.Errorf("must be a number from 0 to 100, such as 12.5")
		return 0, false
	}
	integer, decimals, _ := strings.Cut(node.Raw(), ".")
	empty := integer+decimals == ""
	for len(decimals) < 2 {
		decimals += "0"
	}
	hundredths, err := strconv.ParseUint(integer+decimals, 10, 16)
	if empty || err != nil || len(decimals) > 2 || share(hundredths) > whole {
		node.Errorf("%s must be a number from 0 to 100 with at most two decimals", yamlfile.Quote(node.Raw()))
		return 0, false
	}
	return share(hundredths), true
}

// takes reports whether a key that was hashed to draw belongs to the share.
func (s share) takes(draw uint64) bool {
	part, _ := bits.Mul64(draw, uint64(whole))
	return part < uint64(s)
}

// String reads as "12.5 %".
func (s share) String() string {
	text := strconv.Itoa(int(s / 100))
	if decimals := s % 100; decimals > 0 {
		text += "." + strings.TrimRight(fmt.Sprintf("%02d", decimals), "0")
	}
	return text + " %"
}
