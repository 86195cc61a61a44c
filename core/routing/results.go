package routing

import (
	"slices"

	"github.com/paymux/paymux/core"
)

// Result is how one test of the file went.
type Result struct {
	Name string
	// Line is where the test stands.
	Line int
	// Fault says what is wrong; nil for a test that passed.
	Fault *core.Diagnostic
}

// Results runs the tests as Test does, and returns how each went, in their order.
func (r *Rules) Results() []Result {
	failed := r.Test()
	results := make([]Result, 0, len(r.tests))
	for _, t := range r.tests {
		result := Result{Name: t.name, Line: t.node.Line()}
		at := slices.IndexFunc(failed, func(d core.Diagnostic) bool {
			return d.Line == t.node.Line() && d.Column == t.node.Column()
		})
		if at >= 0 {
			result.Fault = &failed[at]
		}
		results = append(results, result)
	}
	return results
}
