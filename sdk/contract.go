package sdk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Convention is where an operation of a provider's API is assumed to be, because
// the provider publishes no paths.
type Convention struct {
	// Operation is its name in the setting paths.
	Operation string
	// Route is "METHOD /path". Path and query have places for values, such as
	// {phone}; a parameter with the name of a value and nothing behind it, such as
	// "page=", is the place of that value.
	Route string
	// Needed are the values that a corrected path must have a place for, and
	// Optional those that it may.
	Needed, Optional []string
	// Writes says that the call has a body. A corrected method is then POST, PUT or
	// PATCH, and otherwise GET or POST.
	Writes bool
}

// Contract is where the operations of an API are, and which of them somebody
// wrote down. The zero value knows none.
type Contract struct {
	routes map[string]route
	told   map[string]bool
}

// ReadContract puts the corrected paths of a setting, "/path" or "METHOD /path"
// by operation, in the place of the assumed ones. It finds fault with a path that
// cannot be, and with the name of no operation.
func ReadContract(conventions []Convention, paths map[string]string) (Contract, Diagnostics) {
	c := Contract{routes: map[string]route{}, told: map[string]bool{}}
	var found Diagnostics
	for _, assumed := range conventions {
		name := assumed.Operation
		c.routes[name] = assumed.parse(assumed.Route)
		text, corrected := paths[name]
		if !corrected {
			continue
		}
		told := assumed.parse(text)
		if fault := assumed.fault(told); fault != "" {
			found = append(found, WrongValue("paths."+name, fault)...)
			continue
		}
		c.routes[name], c.told[name] = told, true
	}
	return c, append(found, unknownPaths(conventions, paths)...)
}

func unknownPaths(conventions []Convention, paths map[string]string) Diagnostics {
	var names, strange []string
	for _, one := range conventions {
		names = append(names, one.Operation)
	}
	for name := range paths {
		if !slices.Contains(names, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	var found Diagnostics
	for _, name := range strange {
		found = append(found, WrongValue("paths."+name, "is no operation: known are "+strings.Join(names, ", "))...)
	}
	return found
}

// Assumed returns those of the operations whose path nobody wrote down.
func (c Contract) Assumed(operations ...string) []string {
	return slices.DeleteFunc(slices.Clone(operations), func(name string) bool { return c.told[name] })
}

// Accept finds fault, at the setting accept_assumed_contract, with needed
// operations whose path is assumed, unless the API is on this machine or somebody
// accepted it by that setting: a call to a path that nobody documented may do
// anything.
func (c Contract) Accept(provider string, at Root, accepted bool, needed ...string) Diagnostics {
	assumed := c.Assumed(needed...)
	if len(assumed) == 0 || at.Loopback || accepted {
		return nil
	}
	return Diagnostics{{
		Path: "accept_assumed_contract", Summary: "the contract is assumed",
		Detail: provider + " publishes no paths: give those of " + strings.Join(assumed, ", ") +
			" in paths, or set this to true to call " + at.Host + " on assumed ones",
	}}
}

// Takes reports whether the path of an operation has a place for the value.
func (c Contract) Takes(operation, value string) bool { return c.routes[operation].takes(value) }

// Call returns the method of an operation and its path, to be put behind
// Root.URL, with the values in their places, escaped for where they stand. A
// parameter whose value is empty is left out.
func (c Contract) Call(operation string, values map[string]string) (method, path string) {
	r := c.routes[operation]
	return r.method, r.fill(values)
}

// route is where an operation is. Path and query hold values as {name}.
type route struct {
	method string
	path   string
	query  []parameter
}

// parameter is a part of a query; a bare one has no "=".
type parameter struct {
	name, value string
	bare        bool
}

// parse reads "/path" or "METHOD /path"; the method is else the assumed one.
func (c Convention) parse(text string) route {
	var r route
	r.method, _, _ = strings.Cut(c.Route, " ")
	text = strings.TrimSpace(text)
	if method, path, two := strings.Cut(text, " "); two {
		r.method, text = strings.ToUpper(method), strings.TrimSpace(path)
	}
	var query string
	r.path, query, _ = strings.Cut(text, "?")
	for part := range strings.SplitSeq(query, "&") {
		name, value, pair := strings.Cut(part, "=")
		if value == "" && pair && c.has(name) {
			value = place(name)
		}
		if part != "" {
			r.query = append(r.query, parameter{name, value, !pair})
		}
	}
	return r
}

func place(name string) string { return "{" + name + "}" }

func (c Convention) has(value string) bool {
	return slices.Contains(c.Needed, value) || slices.Contains(c.Optional, value)
}

// fault says what is wrong with a corrected path; empty where nothing is.
func (c Convention) fault(r route) string {
	if fault := c.methodFault(r.method); fault != "" {
		return fault
	}
	filled := r.fill(c.sample())
	if !strings.HasPrefix(r.path, "/") || strings.HasPrefix(r.path, "//") || strings.ContainsAny(filled, "# \t\r\n\\") {
		return "must be /path or METHOD /path, without the host"
	}
	for _, name := range c.Needed {
		if !r.takes(name) {
			return "must hold " + place(name)
		}
	}
	if strings.ContainsAny(filled, "{}") {
		return "holds a placeholder that this operation does not have"
	}
	if _, err := url.ParseRequestURI(filled); err != nil {
		return "is not the path of a URL"
	}
	return ""
}

func (c Convention) methodFault(method string) string {
	reads := method == http.MethodGet || method == http.MethodPost
	writes := method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
	switch {
	case c.Writes && !writes:
		return "needs a method with a body: POST, PUT or PATCH"
	case !c.Writes && !reads:
		return "must be read by GET or POST"
	}
	return ""
}

// sample has a value for every name.
func (c Convention) sample() map[string]string {
	values := map[string]string{}
	for _, name := range slices.Concat(c.Needed, c.Optional) {
		values[name] = "1"
	}
	return values
}

func (r route) takes(name string) bool {
	return strings.Contains(r.path, place(name)) || slices.ContainsFunc(r.query, func(p parameter) bool {
		return strings.Contains(p.value, place(name))
	})
}

func (r route) fill(values map[string]string) string {
	path := replace(r.path, values, url.PathEscape)
	var query []string
	for _, p := range r.query {
		value := replace(p.value, values, url.QueryEscape)
		switch {
		case p.bare:
			query = append(query, p.name)
		case value != "":
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
		pairs = append(pairs, place(name), escape(value))
	}
	// A Replacer looks at the text once, so that no value is taken for a place.
	return strings.NewReplacer(pairs...).Replace(text)
}
