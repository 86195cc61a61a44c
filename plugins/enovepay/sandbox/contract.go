package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Operation is a call of EnovePay's API, by its name in Options.Paths.
type Operation = sandboxkit.Operation

// The operations, as paths and faults name them.
const (
	OpAuth              Operation = "auth"
	OpCollect           Operation = "collect"
	OpPayout            Operation = "payout"
	OpStatus            Operation = "status"
	OpStatusByReference Operation = "status_by_reference"
	OpBalance           Operation = "balance"
	// OpAny is a fault for whichever operation is called next.
	OpAny = sandboxkit.OpAny
)

// ErrBadPath says that Options.Paths names no operation, or no path for one.
var ErrBadPath = errors.New("not a path of an operation")

// route is where an operation is. A segment or query value in braces is a
// placeholder.
type route struct {
	op       Operation
	method   string
	segments []string
	query    url.Values
}

// Fault changes the next answers of an operation.
type Fault = sandboxkit.Fault

func operations() []Operation {
	return []Operation{OpAuth, OpCollect, OpPayout, OpStatus, OpStatusByReference, OpBalance}
}

// assumedPaths are the defaults, in the order in which requests are compared.
func assumedPaths() []struct {
	op   Operation
	path string
} {
	return []struct {
		op   Operation
		path string
	}{
		{OpAuth, "POST /v1/auth/token"},
		{OpCollect, "POST /v1/collections"},
		{OpPayout, "POST /v1/payouts"},
		{OpStatus, "GET /v1/transactions/{transaction_id}"},
		{OpStatusByReference, "GET /v1/transactions?reference_number={reference_number}"},
		{OpBalance, "GET /v1/balance?currency={currency}"},
	}
}

// routesOf reads the paths, which take the place of the assumed ones.
func routesOf(paths map[string]string) ([]route, error) {
	var routes []route
	var names []string
	for _, assumed := range assumedPaths() {
		names = append(names, string(assumed.op))
		method, _, _ := strings.Cut(assumed.path, " ")
		path := assumed.path
		if corrected, ok := paths[string(assumed.op)]; ok {
			path = corrected
		}
		one, err := routeOf(assumed.op, method, path)
		if err != nil {
			return nil, err
		}
		routes = append(routes, one)
	}
	for name := range paths {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%w: %q: give one of %v", ErrBadPath, name, names)
		}
	}
	return routes, nil
}

func routeOf(op Operation, method, text string) (route, error) {
	if told, path, two := strings.Cut(text, " "); two {
		method, text = told, path
	}
	path, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(query)
	if err != nil || !strings.HasPrefix(path, "/") {
		return route{}, fmt.Errorf("%w: %s: give /path or METHOD /path", ErrBadPath, op)
	}
	return route{op, strings.ToUpper(method), strings.Split(path, "/"), values}, nil
}

// match compares a request with the route and returns what stands in the place
// of the placeholders.
func (t route) match(r *http.Request) (map[string]string, bool) {
	segments := strings.Split(r.URL.Path, "/")
	if r.Method != t.method || len(segments) != len(t.segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, wanted := range t.segments {
		if !place(values, wanted, segments[i]) {
			return nil, false
		}
	}
	for name := range t.query {
		if !place(values, t.query.Get(name), r.URL.Query().Get(name)) {
			return nil, false
		}
	}
	return values, true
}

// place puts what was told into the place of a placeholder. Without one both
// must be the same.
func place(values map[string]string, wanted, told string) bool {
	if !strings.HasPrefix(wanted, "{") || !strings.HasSuffix(wanted, "}") {
		return wanted == told
	}
	values[strings.Trim(wanted, "{}")] = told
	return told != ""
}
