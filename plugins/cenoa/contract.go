package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// operation is a call of Cenoa's API, by its name in the setting paths.
type operation string

const (
	opAccount      operation = "user_account"
	opTransactions operation = "transactions"
)

// The names of the values in paths.
const (
	valuePhone = "phone"
	valuePage  = "page"
	valueLimit = "limit"
	valueUser  = "userId"
	valueFrom  = "from"
	valueTo    = "to"
)

// convention is an operation as it is assumed to be: Cenoa names and describes
// both, and publishes no path.
type convention struct {
	operation operation
	path      string
	// needed are the values that a path must have a place for; others may.
	needed, others []string
}

func conventions() []convention {
	return []convention{
		{opAccount, "GET /v1/checkout/user-account?phone={phone}", []string{valuePhone}, nil},
		{
			opTransactions, "GET /v1/checkout/transactions?page=&limit=&userId=&from=&to=",
			[]string{valuePage, valueLimit},
			[]string{valueUser, valueFrom, valueTo},
		},
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
		c.routes[name] = assumed.parse(assumed.path)
		text, corrected := paths[string(name)]
		if !corrected {
			continue
		}
		told := assumed.parse(text)
		if fault := assumed.fault(told); fault != "" {
			found = append(found, wrong("paths."+string(name), fault)...)
			continue
		}
		c.routes[name], c.known[name] = told, true
	}
	return c, append(found, unknownPaths(paths)...)
}

func unknownPaths(paths map[string]string) sdk.Diagnostics {
	var names, strange []string
	for _, one := range conventions() {
		names = append(names, string(one.operation))
	}
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

// assumed names the operations whose path nobody wrote down.
func (c contract) assumed() []string {
	var names []string
	for _, one := range conventions() {
		if !c.known[one.operation] {
			names = append(names, string(one.operation))
		}
	}
	return names
}

// route is where an operation is. Path and query hold values as {name}.
type route struct {
	method string
	path   string
	query  []parameter
}

type parameter struct{ name, value string }

// parse reads "/path" or "METHOD /path". A parameter that is left empty and has
// the name of a value stands for it: "page=" is "page={page}".
func (c convention) parse(text string) route {
	r := route{method: http.MethodGet}
	text = strings.TrimSpace(text)
	if method, path, two := strings.Cut(text, " "); two {
		r.method, text = strings.ToUpper(method), strings.TrimSpace(path)
	}
	var query string
	r.path, query, _ = strings.Cut(text, "?")
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if value == "" && c.has(name) {
			value = "{" + name + "}"
		}
		if part != "" {
			r.query = append(r.query, parameter{name, value})
		}
	}
	return r
}

func (c convention) has(value string) bool {
	return slices.Contains(c.needed, value) || slices.Contains(c.others, value)
}

// fault says what is wrong with a corrected path; empty where nothing is.
func (c convention) fault(r route) string {
	filled := r.fill(c.sample())
	switch {
	case r.method != http.MethodGet && r.method != http.MethodPost:
		return "must be read by GET or POST"
	case !strings.HasPrefix(r.path, "/") || strings.HasPrefix(r.path, "//") || strings.ContainsAny(filled, "# \t\r\n\\"):
		return "must be /path or METHOD /path, without the host"
	case strings.ContainsAny(filled, "{}"):
		return "holds a placeholder that this operation does not have"
	}
	for _, name := range c.needed {
		if !r.places(name) {
			return "must hold {" + name + "}"
		}
	}
	if _, err := url.ParseRequestURI(filled); err != nil {
		return "is not the path of a URL"
	}
	return ""
}

// sample has a value for every name.
func (c convention) sample() map[string]string {
	values := map[string]string{}
	for _, name := range slices.Concat(c.needed, c.others) {
		values[name] = "1"
	}
	return values
}

func (r route) places(name string) bool {
	place := "{" + name + "}"
	return strings.Contains(r.path, place) || slices.ContainsFunc(r.query, func(p parameter) bool {
		return strings.Contains(p.value, place)
	})
}

// fill puts the values into their places, escaped for where they stand. A
// parameter whose value is empty is left out.
func (r route) fill(values map[string]string) string {
	path := replace(r.path, values, url.PathEscape)
	var query []string
	for _, p := range r.query {
		if value := replace(p.value, values, url.QueryEscape); value != "" {
			query = append(query, p.name+"="+value)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + strings.Join(query, "&")
}

func replace(text string, values map[string]string, escape func(string) string) string {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", escape(value))
	}
	// A Replacer looks at the text once, so that no value is taken for a place.
	return strings.NewReplacer(pairs...).Replace(text)
}
