package reconcile

import "github.com/paymux/paymux/core"

// pairs are which row of a statement is which record.
type pairs struct {
	held []core.Held
	// record is the index of each row's record plus one, zero for none.
	record []int
	// twice says of each row that its record is another row's already.
	twice []bool
	// taken says of each record that a row is it.
	taken []bool

	byRef, byProviderRef map[string][]int
}

// newPairs matches rows with records: the surest first, which is by both
// references, then by ours, then by the provider's.
func newPairs(rows []core.StatementRow, held []core.Held) *pairs {
	p := &pairs{
		held: held, record: make([]int, len(rows)), twice: make([]bool, len(rows)), taken: make([]bool, len(held)),
		byRef: map[string][]int{}, byProviderRef: map[string][]int{},
	}
	for i, record := range held {
		p.byRef[record.Ref] = append(p.byRef[record.Ref], i)
		p.byProviderRef[record.ProviderRef] = append(p.byProviderRef[record.ProviderRef], i)
	}
	byBoth := func(row core.StatementRow, record core.Held) bool { return row.ProviderRef == record.ProviderRef }
	always := func(core.StatementRow, core.Held) bool { return true }
	for i, row := range rows {
		p.match(i, row, p.named(p.byRef, row.Ref), byBoth)
	}
	for i, row := range rows {
		p.match(i, row, p.named(p.byRef, row.Ref), always)
	}
	for i, row := range rows {
		p.match(i, row, p.named(p.byProviderRef, row.ProviderRef), always)
	}
	for i, row := range rows {
		p.repeat(i, row)
	}
	return p
}

// named are the records under a reference; an empty one names nothing.
func (p *pairs) named(by map[string][]int, ref string) []int {
	if ref == "" {
		return nil
	}
	return by[ref]
}

// match gives the row the first of the records that is free and fits.
func (p *pairs) match(i int, row core.StatementRow, records []int, fits func(core.StatementRow, core.Held) bool) {
	if p.record[i] != 0 {
		return
	}
	for _, at := range records {
		if record := p.held[at]; !p.taken[at] && sameKind(row, record) && fits(row, record) {
			p.record[i], p.taken[at] = at+1, true
			return
		}
	}
}

// repeat marks a row without a record of its own that names another row's.
func (p *pairs) repeat(i int, row core.StatementRow) {
	if p.record[i] != 0 {
		return
	}
	for _, records := range [][]int{p.named(p.byRef, row.Ref), p.named(p.byProviderRef, row.ProviderRef)} {
		for _, at := range records {
			if sameKind(row, p.held[at]) {
				p.record[i], p.twice[i] = at+1, true
				return
			}
		}
	}
}

// sameKind reports whether a row may be the record: money that went out is never money that came in.
func sameKind(row core.StatementRow, record core.Held) bool {
	return row.Kind == "" || row.Kind == record.Kind
}

// of returns the record of a row, nil for none.
func (p *pairs) of(row int) *core.Held {
	if p.record[row] == 0 {
		return nil
	}
	return &p.held[p.record[row]-1]
}
