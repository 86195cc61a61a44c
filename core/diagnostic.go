package core

import (
	"slices"
	"strconv"
	"strings"
)

// String reads as "paymux.yaml:14: providers.acme-ci.settings.site_id: required".
// A warning says so after the place. What is not known is left out.
func (d Diagnostic) String() string { return d.at(false) }

// Exact is String with the column after the line, as editors follow it:
// "routes.yaml:14:12: rules[0].match.currency: ...".
func (d Diagnostic) Exact() string { return d.at(true) }

func (d Diagnostic) at(column bool) string {
	place := d.File
	if d.Line > 0 {
		place += ":" + strconv.Itoa(d.Line)
		if column && d.Column > 0 {
			place += ":" + strconv.Itoa(d.Column)
		}
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
