package host

import "strings"

// Fault is one thing that keeps a configuration from being used.
type Fault struct {
	// Path is where in the configuration it is, such as "plugins.acme",
	// "providers.acme-ci" or "providers.acme-ci.settings.site_id". It is
	// empty for what is in no configuration.
	Path string
	// Account and Plugin name what cannot be used; Account is empty where all of a
	// plugin's cannot.
	Account, Plugin string
	// Err says why and what to do.
	Err error
}

// Error reads as "path: why".
func (f Fault) Error() string {
	if f.Path == "" {
		return f.Err.Error()
	}
	return f.Path + ": " + f.Err.Error()
}

// Unwrap returns why.
func (f Fault) Unwrap() error { return f.Err }

// Faults are all that keeps a configuration from being used.
type Faults []Fault

// Error is all faults, a line each.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each fault.
func (f Faults) Unwrap() []error {
	all := make([]error, len(f))
	for i, one := range f {
		all[i] = one
	}
	return all
}

// orNil returns nil where there is no fault.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
