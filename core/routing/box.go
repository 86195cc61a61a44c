package routing

import "slices"

// atoms is a set of the values of one axis, a bit a value.
type atoms []uint64

func noAtoms(count int) atoms { return make(atoms, (count+63)/64) }

func (a atoms) add(i int) { a[i/64] |= 1 << (i % 64) }

func (a atoms) has(i int) bool { return a[i/64]&(1<<(i%64)) != 0 }

func (a atoms) empty() bool {
	return !slices.ContainsFunc(a, func(word uint64) bool { return word != 0 })
}

// meets reports whether a and b have a value in common.
func (a atoms) meets(b atoms) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

// within reports whether every value of a is one of b.
func (a atoms) within(b atoms) bool {
	for i := range a {
		if a[i]&^b[i] != 0 {
			return false
		}
	}
	return true
}

// and returns the values that a and b have in common, without those of a alone.
func (a atoms) and(b atoms) atoms {
	both := make(atoms, len(a))
	for i := range a {
		both[i] = a[i] & b[i]
	}
	return both
}

// remove takes the values of b out of a.
func (a atoms) remove(b atoms) {
	for i := range a {
		a[i] &^= b[i]
	}
}

// side is what a box takes of one axis; it is never empty.
type side struct {
	axis int
	in   atoms
}

// box is the set of transactions that a match takes: on each axis some values, and
// all combinations of them. An axis without a side is taken whole. The sides are
// in the order of the axes.
type box []side

// on returns what the box takes of an axis, nil for all of it.
func (b box) on(axis int) atoms {
	for _, s := range b {
		if s.axis >= axis {
			if s.axis == axis {
				return s.in
			}
			break
		}
	}
	return nil
}

// meets reports whether some transaction is in both boxes.
func (b box) meets(other box) bool {
	for len(b) > 0 && len(other) > 0 {
		switch mine, theirs := b[0], other[0]; {
		case mine.axis < theirs.axis:
			b = b[1:]
		case mine.axis > theirs.axis:
			other = other[1:]
		case !mine.in.meets(theirs.in):
			return false
		default:
			b, other = b[1:], other[1:]
		}
	}
	return true
}

// covers reports whether every transaction of other is in b.
func (b box) covers(other box) bool {
	for _, s := range b {
		if in := other.on(s.axis); in == nil || !in.within(s.in) {
			return false
		}
	}
	return true
}

// with returns the box with another side on one axis.
func (b box) with(axis int, in atoms) box {
	changed := make(box, 0, len(b)+1)
	for _, s := range b {
		if s.axis < axis {
			changed = append(changed, s)
		}
	}
	changed = append(changed, side{axis, in})
	for _, s := range b {
		if s.axis > axis {
			changed = append(changed, s)
		}
	}
	return changed
}

// minus returns boxes that hold, each once, the transactions of b that are not in
// other: for each side of other what lies beyond it, of what the sides before it left.
func (b box) minus(other box, axes []axis) []box {
	var pieces []box
	rest := b
	for _, s := range other {
		in := rest.on(s.axis)
		if in == nil {
			in = axes[s.axis].all()
		}
		beyond := slices.Clone(in)
		if beyond.remove(s.in); !beyond.empty() {
			pieces = append(pieces, rest.with(s.axis, beyond))
		}
		rest = rest.with(s.axis, in.and(s.in))
	}
	return pieces
}
