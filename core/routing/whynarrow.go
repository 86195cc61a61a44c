package routing

import (
	"errors"
	"strings"
)

// asks reports whether a rule has the clause.
func (n *narrow) asks(c clause) bool {
	switch c {
	case clauseCustomer:
		return len(n.customers) > 0
	case clauseMetadata:
		return len(n.metadata) > 0
	case clauseHours:
		return n.hours != nil
	case clausePercent:
		return n.percent != nil
	case clauseWhen:
		return n.when != nil
	default:
		return false
	}
}

// held says of a clause what holds.
func (n *narrow) held(c clause, f *facts) string {
	switch c {
	case clauseCustomer:
		return "customer " + f.sample.Customer
	case clauseMetadata:
		parts := make([]string, len(n.metadata))
		for i, l := range n.metadata {
			parts[i] = l.key + " " + f.sample.Metadata[l.key]
		}
		return "metadata " + strings.Join(parts, ", ")
	case clauseHours:
		return n.hours.now(f)
	case clausePercent:
		return "within " + n.percent.share.String() + n.percent.by(f)
	default:
		return "when " + n.when.String() + n.when.absent(f)
	}
}

// missed says of a clause what does not hold.
func (n *narrow) missed(c clause, f *facts) string {
	switch c {
	case clauseCustomer:
		if f.sample.Customer == "" {
			return "customer absent"
		}
		return "customer " + f.sample.Customer + " is not " + oneOf(n.customers)
	case clauseMetadata:
		return n.missing(f).missed(f)
	case clauseHours:
		if f.sample.At.IsZero() {
			return "time absent"
		}
		return n.hours.now(f) + " is not " + n.hours.String()
	case clausePercent:
		return "not within " + n.percent.share.String() + n.percent.by(f)
	default:
		return n.when.missed(f)
	}
}

func (l *label) missed(f *facts) string {
	value := f.sample.Metadata[l.key]
	if value == "" {
		return "metadata " + l.key + " absent"
	}
	return "metadata " + l.key + " " + value + " is not " + oneOf(l.values)
}

func (h *hours) now(f *facts) string {
	return "time " + clock(h.minute(f.sample.At)) + " in " + h.zone.String()
}

// by says what decides whether a transaction is within the share.
func (p *percent) by(f *facts) string {
	key, from := byCustomer.of(f)
	switch {
	case key == "":
		return ": customer.id and id absent"
	case from != byCustomer:
		return " by id, customer.id absent"
	default:
		return " by " + string(from)
	}
}

// missed evaluates once more, so that it tells what is so whichever clause failed first.
func (w *when) missed(f *facts) string {
	_, err := w.condition.holds(variablesOf(f.sample))
	switch {
	case errors.Is(err, errNoAmount):
		return "when " + w.String() + ": amount absent"
	case err != nil:
		return "when " + w.String() + ": cannot be told: " + err.Error()
	default:
		return "when " + w.String() + " is false" + w.absent(f)
	}
}
