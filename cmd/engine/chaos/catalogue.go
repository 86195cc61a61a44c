package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// row is one fault, or one kind of bad input, that must do no harm.
type row struct {
	number int
	fault  string
}

// catalogue are the rows that are tested. The numbers in between belong to parts
// that do not exist yet.
var catalogue = []row{
	{1, "power loss under load"},
	{2, "kill -9 of the engine, the provider goes on"},
	{3, "exit between any two steps of any operation"},
	{4, "a write that fails in an unknown way"},
	{5, "disk full, file too large, disk read-only"},
	{6, "a corrupt or truncated store, a second opener"},
	{7, "backup while it is written, and restore"},
	{11, "no connection, no name, no TLS"},
	{12, "the answer is lost after any number of bytes"},
	{13, "every wrong answer that HTTP allows"},
	{14, "success long after the time-out"},
	{15, "a status query that lies"},
	{16, "a plugin that dies, hangs, leaks or panics"},
	{17, "a plugin of another version or checksum, or none at all"},
	{18, "a plugin that is replaced while payments are made"},
	{19, "one idempotency key, used in every wrong way"},
	{20, "notifications repeated, reordered, forged, too large"},
	{21, "a notification before the answer, or of a stranger"},
	{23, "configuration and rules that are wrong, half written or changed under load"},
	{24, "rules that hide each other, divide by nothing or lack what they ask"},
	{25, "amounts that are none"},
	{26, "phone numbers as people write them"},
	{27, "every pair of state and event, and storms of them"},
	{28, "everything at once, simulated, against the ledger"},
	{29, "clients and crashes, checked for linearizability"},
	{30, "clocks that are set, and that differ"},
	{33, "SIGTERM under load, twice, with a plugin that hangs"},
	{34, "secrets and card numbers in every field"},
	{36, "two operators settle the same thing"},
	{38, "an old store or an old plugin under a new engine, and back"},
	{39, "somebody else's plugin, held against the contract"},
}

// pick returns the rows that a list such as "2,3" names, all for an empty one.
func pick(list string) ([]row, error) {
	if list == "" {
		return catalogue, nil
	}
	var picked []row
	for word := range strings.SplitSeq(list, ",") {
		number, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("-rows: %q is no number", word)
		}
		i := slices.IndexFunc(catalogue, func(r row) bool { return r.number == number })
		if i < 0 {
			return nil, fmt.Errorf("-rows: the catalogue has no row %d", number)
		}
		picked = append(picked, catalogue[i])
	}
	return picked, nil
}
