package routing

import (
	"slices"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core/yamlfile"
)

const (
	// piecesMax and stepsMax bound the search for rules that only several earlier
	// ones together keep from matching: the pieces that may be left of one rule, and
	// the cuts in a whole file. What needs more is not reported.
	piecesMax, stepsMax = 256, 100_000
	// namedMax is the most rules or values that one message names.
	namedMax = 4
)

// reach finds out which rules can be reached at all.
type reach struct {
	rules []rule
	space *space
	boxes []box
	// exact says of each box whether its rule takes all of it.
	exact []bool
	// leads is what each rule does, in one text.
	leads []string
	steps int
}

// checkReach reports rules that can never match, because earlier ones match all
// that they do. It is an error and no warning: somebody who wrote a rule that
// denies believes that it denies. It warns of rules that earlier ones cut into.
func (f *File) checkReach() {
	n := len(f.rules)
	r := reach{
		rules: f.rules, space: newSpace(f.rules),
		boxes: make([]box, n), exact: make([]bool, n), leads: make([]string, n),
	}
	for i := range f.rules {
		r.leads[i] = f.rules[i].use.destination()
		if f.rules[i].sound {
			r.boxes[i], r.exact[i] = r.space.box(&f.rules[i].match)
			r.check(i)
		}
	}
}

func (r *reach) check(later int) {
	var met []int
	for i := range later {
		if !r.rules[i].sound || !r.boxes[i].meets(r.boxes[later]) {
			continue
		}
		if r.exact[i] && r.boxes[i].covers(r.boxes[later]) {
			r.rules[later].node.Errorf("can never match: rule %s matches all of it before", r.name(i))
			return
		}
		met = append(met, i)
	}
	if takers := r.takers(later, met); len(takers) > 0 {
		r.rules[later].node.Errorf("can never match: rules %s together match all of it before", r.names(takers))
		return
	}
	for _, i := range met {
		if warning := r.overlap(i, later); warning != "" {
			r.rules[later].node.Warnf("%s", warning)
			return
		}
	}
}

// takers returns the earlier rules that take all of a later one together, nil if
// something is left of it.
func (r *reach) takers(later int, met []int) []int {
	met = slices.DeleteFunc(slices.Clone(met), func(i int) bool { return !r.exact[i] })
	if len(met) < 2 || !r.surrounded(r.boxes[later], met) {
		return nil
	}
	left, takers := []box{r.boxes[later]}, []int(nil)
	for _, i := range met {
		var rest []box
		for _, piece := range left {
			if !r.boxes[i].meets(piece) {
				rest = append(rest, piece)
				continue
			}
			rest = append(rest, piece.minus(r.boxes[i], r.space.axes)...)
			r.steps++
			if len(rest) > piecesMax || r.steps > stepsMax {
				return nil
			}
		}
		left, takers = rest, append(takers, i)
		if len(left) == 0 {
			return takers
		}
	}
	return nil
}

// surrounded reports whether no axis alone shows that something of a box is left
// by others. It is quick, and mostly says no.
func (r *reach) surrounded(b box, by []int) bool {
	for _, s := range r.boxes[by[0]] {
		left := slices.Clone(b.on(s.axis))
		if left == nil {
			left = r.space.axes[s.axis].all()
		}
		for _, i := range by {
			in := r.boxes[i].on(s.axis)
			if in == nil {
				in = left
			}
			left.remove(in)
		}
		if !left.empty() {
			return false
		}
	}
	return true
}

// overlap says what is doubtful about a later rule that shares transactions with
// an earlier one, "" if nothing is: an exception before its rule is how files are
// written, and so are rules that look at different properties.
func (r *reach) overlap(earlier, later int) string {
	a, b := &r.rules[earlier], &r.rules[later]
	doubtful := r.exact[earlier] && r.exact[later] && a.use.deny == "" &&
		r.leads[earlier] != r.leads[later] && !r.boxes[later].covers(r.boxes[earlier])
	if !doubtful {
		return ""
	}
	if b.use.deny != "" {
		return "does not deny what rule " + r.name(earlier) + " takes before: put what denies first"
	}
	for _, s := range r.boxes[earlier] {
		in := r.boxes[later].on(s.axis)
		if in == nil || in.within(s.in) || s.in.within(in) {
			continue
		}
		shared := r.space.axes[s.axis].words(in.and(s.in))
		return "shares " + r.space.axes[s.axis].noun + " " + some(shared) + " with rule " + r.name(earlier) +
			", which is asked before and leads elsewhere: let each value stand in one of them"
	}
	return ""
}

func (r *reach) name(i int) string {
	return yamlfile.Quote(r.rules[i].name) + " in line " + strconv.Itoa(r.rules[i].node.Line())
}

func (r *reach) names(list []int) string {
	quoted := make([]string, len(list))
	for i, number := range list {
		quoted[i] = r.name(number)
	}
	return some(quoted)
}

// some names the first of a list, and how many more there are.
func some(list []string) string {
	if more := len(list) - namedMax; more > 0 {
		return strings.Join(list[:namedMax], ", ") + " and " + strconv.Itoa(more) + " more"
	}
	if last := len(list) - 1; last > 0 {
		return strings.Join(list[:last], ", ") + " and " + list[last]
	}
	return strings.Join(list, "")
}
