package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// operation is a call of Numipay's API, by its name in the setting paths.
type operation string

const (
	opHosted        operation = "hosted"
	opDirect        operation = "direct"
	opS2S           operation = "s2s"
	opPayout        operation = "payout"
	opPayoutReject  operation = "payout_reject"
	opPayoutApprove operation = "payout_approve"
	opStatus        operation = "status"
	opList          operation = "list"
)

// placeID stands for our reference in the path of status.
const placeID = "{id}"

// route is where an operation is.
type route struct{ method, path string }

// convention is where an operation is assumed to be: Numipay publishes neither
// paths nor methods.
type convention struct {
	operation operation
	route     route
}

func conventions() []convention {
	return []convention{
		{opHosted, route{http.MethodPost, "/payments/hosted"}},
		{opDirect, route{http.MethodPost, "/payments/direct"}},
		{opS2S, route{http.MethodPost, "/payments/s2s"}},
		{opPayout, route{http.MethodPost, "/payouts"}},
		{opPayoutReject, route{http.MethodPost, "/payouts/reject"}},
		{opPayoutApprove, route{http.MethodPost, "/payouts/approve"}},
		{opStatus, route{http.MethodGet, "/transactions/" + placeID}},
		{opList, route{http.MethodGet, "/transactions"}},
	}
}

func operationNames() []string {
	var names []string
	for _, one := range conventions() {
		names = append(names, string(one.operation))
	}
	return names
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
		c.routes[assumed.operation] = assumed.route
		text, corrected := paths[string(assumed.operation)]
		if !corrected {
			continue
		}
		told, fault := assumed.read(text)
		if fault != "" {
			found = append(found, wrong("paths."+string(assumed.operation), fault)...)
			continue
		}
		c.routes[assumed.operation], c.known[assumed.operation] = told, true
	}
	return c, append(found, strangePaths(paths)...)
}

func strangePaths(paths map[string]string) sdk.Diagnostics {
	known := operationNames()
	var strange []string
	for name := range paths {
		if !slices.Contains(known, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	var found sdk.Diagnostics
	for _, name := range strange {
		found = append(found, wrong("paths."+name, "is no operation: known are "+strings.Join(known, ", "))...)
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

// reads reports whether the operation only reads, so that it has no body.
func (c convention) reads() bool { return c.operation == opStatus || c.operation == opList }

func (c convention) methodFault(method string) string {
	switch {
	case c.reads() && method != http.MethodGet && method != http.MethodPost:
		return "must be read by GET or POST"
	case !c.reads() && !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, method):
		return "needs a method with a body: POST, PUT or PATCH"
	default:
		return ""
	}
}

func (c convention) pathFault(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "# \t\r\n\\") {
		return "must be /path or METHOD /path, without the host"
	}
	if c.operation == opStatus {
		if !strings.Contains(path, placeID) {
			return "must hold " + placeID + ", which stands for our reference"
		}
		path = strings.ReplaceAll(path, placeID, "x")
	}
	if strings.ContainsAny(path, "{}") {
		return "holds a placeholder that this operation does not have"
	}
	if _, err := url.ParseRequestURI(path); err != nil {
		return "is not the path of a URL"
	}
	return ""
}

// missing names those of the needed operations whose path is only assumed.
func (c contract) missing(needed ...operation) []string {
	var names []string
	for _, name := range needed {
		if !c.known[name] {
			names = append(names, string(name))
		}
	}
	return names
}
