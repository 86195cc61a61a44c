package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core/yamlfile"
)

const (
	millisecond = time.Millisecond
	minute      = time.Minute
	hour        = time.Hour
)

func word(known ...string) spec {
	return spec{leaf: wordLeaf(known)}
}

func words(known ...string) spec {
	return spec{list: wordLeaf(known)}
}

func wordLeaf(known []string) *leaf {
	return &leaf{kind: yamlfile.Text, form: "text", shape: shape{words: known}, read: func(text string) (any, string) {
		if !slices.Contains(known, text) {
			return nil, yamlfile.Quote(text) + " is not one of " + strings.Join(known, ", ") + nearest(text, known)
		}
		return text, ""
	}}
}

func nearest(text string, known []string) string {
	if near := yamlfile.Nearest(text, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

func truth() spec {
	return spec{leaf: &leaf{kind: yamlfile.Bool, form: "true or false", read: func(text string) (any, string) {
		if text != "true" && text != "false" {
			return nil, "must be true or false"
		}
		return text == "true", ""
	}}}
}

func number(least, most int) spec {
	wrong := fmt.Sprintf("must be a whole number from %d to %d", least, most)
	return spec{leaf: &leaf{kind: yamlfile.Number, form: "a whole number, without quotes", shape: shape{least: least, most: most}, read: func(text string) (any, string) {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			return nil, wrong
		}
		return n, ""
	}}}
}

func duration(least, most time.Duration) spec  { return spec{leaf: durationLeaf(least, most)} }
func durations(least, most time.Duration) spec { return spec{list: durationLeaf(least, most)} }

// durationPattern is the form of a duration above zero; its bounds are not in it.
const durationPattern = `^([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$`

func durationLeaf(least, most time.Duration) *leaf {
	const form = "a duration with a unit, such as 20s"
	return &leaf{kind: yamlfile.Text, form: form, shape: shape{pattern: durationPattern}, read: func(text string) (any, string) {
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return nil, "must be " + form
		case d < least || d > most:
			return nil, fmt.Sprintf("must be from %s to %s", brief(least), brief(most))
		}
		return d, ""
	}}
}

// brief writes a bound without the zero units that Duration.String ends with.
func brief(d time.Duration) string {
	return zeroUnits.ReplaceAllString(d.String(), "$1")
}

var zeroUnits = regexp.MustCompile(`([hm])0m?0?s?$`)

// variablePattern is the form of the name of an environment variable.
const variablePattern = `^[A-Za-z_][A-Za-z0-9_]{0,127}$`

func variableLeaf() *leaf {
	const form = "the name of an environment variable"
	known := regexp.MustCompile(variablePattern)
	return &leaf{kind: yamlfile.Text, form: form, shape: shape{pattern: variablePattern}, read: func(text string) (any, string) {
		if !known.MatchString(text) {
			return nil, yamlfile.Quote(text) + " is not " + form + ", such as HTTP_PROXY; its value stays in the environment"
		}
		return text, ""
	}}
}

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

const wrongName = "must be 1 to 64 characters out of a-z, 0-9, - and _, beginning with a letter or digit"

func readName(text string) (any, string) {
	if !namePattern.MatchString(text) {
		return nil, wrongName
	}
	return text, ""
}

func readAddress(text string) (any, string) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return nil, yamlfile.Quote(text) + " is not a host and port, such as 127.0.0.1:8080"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return nil, "the port must be a number from 0 to 65535"
	}
	return text, ""
}

// readPublicURL also takes the empty text, which is the default.
func readPublicURL(text string) (any, string) {
	const wrong = "must be an http or https URL without a query, such as https://pay.example.com"
	if text == "" {
		return text, ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, wrong
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, wrong
	}
	return strings.TrimRight(text, "/"), ""
}

func readDriver(text string) (any, string) {
	switch text {
	case "bolt":
		return text, ""
	case "postgres":
		return nil, "this build has no PostgreSQL store; use bolt"
	}
	return nil, yamlfile.Quote(text) + " is not a store; use bolt"
}

func readPath(text string) (any, string) {
	if text == "" || strings.ContainsRune(text, 0) {
		return nil, "must be a path"
	}
	if strings.Contains(text, "${") {
		return nil, "references are read in settings only; set the path by its PAYMUX_ variable"
	}
	return text, ""
}

func readChecksum(text string) (any, string) {
	lower := strings.ToLower(text)
	if raw, err := hex.DecodeString(lower); err != nil || len(raw) != sha256.Size {
		return nil, "must be a SHA-256 checksum of 64 hexadecimal digits"
	}
	return lower, ""
}

// readKeyChecksum also refuses the checksum of nothing: whoever hashed an unset
// variable would let everybody in who sends an empty key.
func readKeyChecksum(text string) (any, string) {
	value, wrong := readChecksum(text)
	if nothing := sha256.Sum256(nil); wrong == "" && value == hex.EncodeToString(nothing[:]) {
		return nil, "is the checksum of an empty key"
	}
	return value, wrong
}

func readRate(text string) (any, string) {
	const wrong = "must be calls per s, m or h, such as 100/m"
	const callsMax = 1_000_000
	calls, unit, _ := strings.Cut(text, "/")
	per, ok := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.Atoi(calls)
	if !ok || err != nil || n < 1 || n > callsMax {
		return nil, wrong
	}
	return Rate{Calls: n, Per: per}, ""
}
