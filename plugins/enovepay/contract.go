package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// operation is a call of EnovePay's API, by its name in the setting paths.
type operation string

const (
	opAuth              operation = "auth"
	opCollect           operation = "collect"
	opPayout            operation = "payout"
	opStatus            operation = "status"
	opStatusByReference operation = "status_by_reference"
	opBalance           operation = "balance"
)

// route is where an operation is.
type route struct{ method, path string }

// convention is an operation as it is assumed to be, because EnovePay documents
// none of it.
type convention struct {
	operation operation
	route     route
	// placeholder is what the path must hold; optional says that it may.
	placeholder string
	optional    bool
	// writes says that the call has a body.
	writes bool
}

const (
	placeTransaction = "{transaction_id}"
	placeReference   = "{reference_number}"
	placeCurrency    = "{currency}"
)

func conventions() []convention {
	return []convention{
		{operation: opAuth, route: route{http.MethodPost, "/v1/auth/token"}, writes: true},
		{operation: opCollect, route: route{http.MethodPost, "/v1/collections"}, writes: true},
		{operation: opPayout, route: route{http.MethodPost, "/v1/payouts"}, writes: true},
		{operation: opStatus, route: route{http.MethodGet, "/v1/transactions/{transaction_id}"}, placeholder: placeTransaction},
		{
			operation: opStatusByReference, route: route{http.MethodGet, "/v1/transactions?reference_number={reference_number}"},
			placeholder: placeReference,
		},
		{operation: opBalance, route: route{http.MethodGet, "/v1/balance?currency={currency}"}, placeholder: placeCurrency, optional: true},
	}
}

// contract is where every operation is, and which of them somebody wrote down.
type contract struct {
	routes map[operation]route
	known  map[operation]bool
}

// readContract puts the corrected paths in the place of the assumed ones.
func readContract(paths map[string]string) (contract, sdk.Diagnostics) {
	c := contract{routes: map[operation]route{}, known: map[operation]bool{}}
	var found sdk.Diagnostics
	for _, assumed := range conventions() {
		name := assumed.operation
		c.routes[name] = assumed.route
		text, corrected := paths[string(name)]
		if !corrected {
			continue
		}
		told, fault := assumed.read(text)
		if fault != "" {
			found = append(found, wrong("paths."+string(name), fault)...)
			continue
		}
		c.routes[name], c.known[name] = told, true
	}
	return c, append(found, unknownPaths(paths)...)
}

func unknownPaths(paths map[string]string) sdk.Diagnostics {
	var names []string
	for _, one := range conventions() {
		names = append(names, string(one.operation))
	}
	var strange []string
	for name := range paths {
		if !slices.Contains(names, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	var found sdk.Diagnostics
	for _, name := range strange {
		found = append(found, wrong("paths."+name, "is no operation: known are "+strings.Join(names, ", "))...)
	}
	return found
}

// read reads "/path" or "METHOD /path", or says what is wrong with it.
func (c convention) read(text string) (route, string) {
	told := route{c.route.method, strings.TrimSpace(text)}
	if method, path, two := strings.Cut(told.path, " "); two {
		told = route{strings.ToUpper(method), strings.TrimSpace(path)}
	}
	if fault := c.methodFault(told.method); fault != "" {
		return route{}, fault
	}
	return told, c.pathFault(told.path)
}

func (c convention) methodFault(method string) string {
	if c.writes {
		if slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, method) {
			return ""
		}
		return "needs a method with a body: POST, PUT or PATCH"
	}
	if method == http.MethodGet || method == http.MethodPost {
		return ""
	}
	return "must be read by GET or POST"
}

func (c convention) pathFault(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "# \t\r\n\\") {
		return "must be /path or METHOD /path, without the host"
	}
	if c.placeholder != "" && !c.optional && !strings.Contains(path, c.placeholder) {
		return "must hold " + c.placeholder
	}
	rest := path
	if c.placeholder != "" {
		rest = strings.ReplaceAll(path, c.placeholder, "x")
	}
	if strings.ContainsAny(rest, "{}") {
		return "holds a placeholder that this operation does not have"
	}
	if _, err := url.ParseRequestURI(rest); err != nil {
		return "is not the path of a URL"
	}
	return ""
}

// missing names the needed operations whose path is only assumed.
func (c contract) missing(login bool) []string {
	needed := []operation{opCollect, opPayout, opStatus, opStatusByReference}
	if login {
		needed = append(needed, opAuth)
	}
	var names []string
	for _, name := range needed {
		if !c.known[name] {
			names = append(names, string(name))
		}
	}
	return names
}

// fill puts value into the place of the placeholder, escaped for the path or
// the query, whichever it stands in.
func fill(path, placeholder, value string) string {
	before, after, _ := strings.Cut(path, "?")
	before = strings.ReplaceAll(before, placeholder, url.PathEscape(value))
	if after == "" {
		return before
	}
	return before + "?" + strings.ReplaceAll(after, placeholder, url.QueryEscape(value))
}
