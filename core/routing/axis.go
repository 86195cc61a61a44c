package routing

// axis is one property of a transaction, cut into as many values as the rules of a
// file tell apart.
type axis struct {
	noun  string
	names []string
	index map[string]int
	// open says that there are values which no rule names. They are one more, the last.
	open bool
}

func newAxis(noun string, open bool) axis {
	return axis{noun: noun, index: map[string]int{}, open: open}
}

// name makes sure that the axis has a value of its own for a name.
func (a *axis) name(name string) {
	if _, ok := a.index[name]; !ok {
		a.index[name] = len(a.names)
		a.names = append(a.names, name)
	}
}

func (a *axis) size() int {
	if a.open {
		return len(a.names) + 1
	}
	return len(a.names)
}

// all returns every value.
func (a *axis) all() atoms {
	in := noAtoms(a.size())
	for i := range a.size() {
		in.add(i)
	}
	return in
}

// full reports whether in is every value.
func (a *axis) full(in atoms) bool {
	for i := range a.size() {
		if !in.has(i) {
			return false
		}
	}
	return true
}

// of returns the named values.
func (a *axis) of(names []string) atoms {
	in := noAtoms(a.size())
	for _, name := range names {
		in.add(a.index[name])
	}
	return in
}

// words returns the names of some values.
func (a *axis) words(in atoms) []string {
	var words []string
	for i, name := range a.names {
		if in.has(i) {
			words = append(words, name)
		}
	}
	return words
}
