package routing

import (
	"regexp"
	"time"

	"github.com/paymux/paymux/core/yamlfile"
)

// readDuration returns a duration with a unit, which must lie within the bounds.
func readDuration(node yamlfile.Node, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(node.Raw())
	switch {
	case err != nil:
		node.Errorf("must be a duration with a unit, such as %s", brief(least))
	case d < least || d > most:
		node.Errorf("must be from %s to %s", brief(least), brief(most))
	default:
		return d
	}
	return 0
}

var zeroUnits = regexp.MustCompile(`([a-z])(?:0[a-z])+$`)

// brief writes a duration without the zero units that Duration.String ends with.
func brief(d time.Duration) string { return zeroUnits.ReplaceAllString(d.String(), "$1") }
