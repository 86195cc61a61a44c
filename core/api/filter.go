package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// LimitMax is the most transactions of one page, LimitDefault what an absent limit means.
	LimitMax     = 100
	LimitDefault = 20
	// queryMax bounds every text of a filter, cursorMax a cursor, in characters.
	queryMax  = 255
	cursorMax = 512
)

// FilterOf reads the query of GET /v1/transactions; now is what older_than counts
// from. It returns a core.ErrInvalidRequest that names every wrong parameter.
// Merchant is what was asked for, which the caller's rights may narrow.
func FilterOf(query url.Values, now time.Time) (core.Filter, error) {
	q := parameters{query: query}
	filter := core.Filter{
		Kind:          sdk.Kind(q.choice("kind", string(sdk.KindPayment), string(sdk.KindPayout), string(sdk.KindRefund))),
		State:         q.state("state"),
		Provider:      q.text("provider", queryMax),
		Reference:     q.text("reference", queryMax),
		Merchant:      q.text("merchant", queryMax),
		Customer:      q.text("customer", queryMax),
		CreatedAfter:  q.time("created_after"),
		CreatedBefore: q.time("created_before"),
		UpdatedBefore: q.olderThan("older_than", now),
		Query:         q.text("q", queryMax),
		Limit:         q.limit("limit"),
		Cursor:        q.text("cursor", cursorMax),
	}
	if len(q.wrong) > 0 {
		return core.Filter{}, refuseAll(q.wrong)
	}
	return filter, nil
}

// parameters reads query parameters and collects what is wrong with them.
type parameters struct {
	query url.Values
	wrong []core.FieldError
}

func (q *parameters) refuse(name, value, message string) {
	q.wrong = append(q.wrong, core.FieldError{Location: "query." + name, Message: message, Value: harmless(value)})
}

func (q *parameters) text(name string, most int) string {
	value := q.query.Get(name)
	if fault := textFault(value, most); fault != "" {
		q.refuse(name, "", fault)
		return ""
	}
	return value
}

func (q *parameters) choice(name string, words ...string) string {
	value := q.query.Get(name)
	if value != "" && !slices.Contains(words, value) {
		q.refuse(name, value, "must be one of "+strings.Join(words, ", "))
	}
	return value
}

func (q *parameters) state(name string) core.State {
	words := make([]string, 0, len(core.States()))
	for _, s := range core.States() {
		words = append(words, s.String())
	}
	state, err := core.ParseState(q.choice(name, words...))
	if err != nil {
		return core.StateNone
	}
	return state
}

func (q *parameters) time(name string) time.Time {
	text := q.query.Get(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		q.refuse(name, "", "must be a time such as 2026-11-20T10:00:00Z (write + as %2B)")
	}
	return at
}

func (q *parameters) olderThan(name string, now time.Time) time.Time {
	text := q.query.Get(name)
	if text == "" {
		return time.Time{}
	}
	age, err := parseDays(text)
	if err != nil {
		age, err = time.ParseDuration(text)
	}
	if err != nil || age <= 0 {
		q.refuse(name, text, "must be a time span such as 30m, 24h or 7d")
		return time.Time{}
	}
	return now.Add(-age)
}

func (q *parameters) limit(name string) int {
	text := q.query.Get(name)
	if text == "" {
		return LimitDefault
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > LimitMax {
		q.refuse(name, text, "must be a number from 1 to "+strconv.Itoa(LimitMax))
		return LimitDefault
	}
	return n
}
