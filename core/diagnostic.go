package core

import (
	"slices"
	"strconv"
	"strings"
)

// String reads as "paymux.yaml:14: providers.cinetpay-ci.settings.site_id: required".
// A warning says so after the place. What is not known is left out.
func (d Diagnostic) String() string {
	place := d.File
	if d.Line > 0 {
		place += ":" + strconv.Itoa(d.Line)
	}
	severity := ""
	if d.Warning {
		severity = "warning"
	}
	parts := slices.DeleteFunc([]string{place, severity, d.Path, d.Message}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Failed reports whether any of diagnostics is more than a warning.
func Failed(diagnostics []Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d Diagnostic) bool { return !d.Warning })
}
