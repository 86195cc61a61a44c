package main

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hint is one row of the table of what a signal means: what happens to the
// create call at the first of two accounts, and what must come of it.
type hint struct {
	// url leads the first account to an address without a provider.
	url func(*testing.T) string
	// answer and barren are the house's.
	answer func(http.ResponseWriter, *http.Request, slip)
	barren bool
	first  string
	// memo is what the plugin does wrong.
	memo string
	// settings and more are of the first account.
	settings map[string]any
	more     []string
	payout   bool
	// warm makes a payment before, over the same connection.
	warm bool
	// want is what is answered, as told writes it; end is how it is in the end,
	// after the house was settled so, one after the other.
	want   string
	settle []string
	end    string
	// calls is how often the first account was asked to create it; once where it is zero.
	calls int
}

// What is answered, and how it ends, for most rows.
const (
	goesOn   = "requires_action: first not_sent, second requires_action"
	passedOn = "requires_action: first rejected, second requires_action"
	lost     = "unknown: first unknown"
)

// neverLeft are the signals that prove that no request left: the next account is asked.
func neverLeft() map[string]hint {
	const invalid = "invalid"
	slow := []string{"limits: { concurrency: 256, timeout: 8s }"}
	rows := map[string]hint{
		"send_by passed before the send":      {memo: "late for send_by", more: slow},
		"the deadline passed before the send": {memo: "late for the deadline"},
		"the name is unknown":                 {url: func(*testing.T) string { return "http://nobody." + invalid }},
		"the connection is refused":           {url: nobodyListens},
		"connecting takes too long":           {url: nobodyAccepts},
		"the certificate is nobody's":         {url: unknownAuthority},
		"the server speaks no TLS":            {url: noTLS},
		"the proxy refuses CONNECT":           {url: func(*testing.T) string { return "https://provider." + invalid }},
	}
	for name, row := range rows {
		row.want, row.end, row.calls = goesOn, goesOn, -1
		rows[name] = row
	}
	payout := hint{url: nobodyListens, payout: true, calls: -1}
	payout.want = "processing: first not_sent, second pending"
	payout.end = payout.want
	rows["the connection of a payout is refused"] = payout
	return rows
}

// anythingElse are all other signals.
func anythingElse() map[string]hint {
	rows := map[string]hint{}
	maps.Copy(rows, lostAnswers())
	maps.Copy(rows, refusals())
	maps.Copy(rows, answers())
	return rows
}

// lostAnswers are UNKNOWN, nobody else is asked, and a question finds out.
func lostAnswers() map[string]hint {
	alone := []string{"isolation: process", "limits: { concurrency: 256, timeout: 4s }"}
	rows := map[string]hint{
		"the request cannot be written":      {url: func(t *testing.T) string { return raw(t, oneByte) }, calls: -1, end: lost},
		"EOF":                                {answer: hangUp(func(c net.Conn) { _ = c.Close() })},
		"reset":                              {answer: hangUp(reset)},
		"no answer in time":                  {answer: waits},
		"a slow body":                        {answer: drips},
		"EOF on a reused connection":         {answer: cutSecond(), warm: true},
		"the plugin crashes":                 {memo: "the process ends", more: alone},
		"the plugin panics":                  {memo: "a panic"},
		"the plugin forgets the deadline":    {memo: "nobody looks at the deadline", more: alone},
		"the plugin's call is canceled":      {memo: "a canceled call"},
		"an error that is no fault":          {memo: "a plain error"},
		"a message that is too large":        {memo: "a message of 5 MiB"},
		"an outcome of a later version":      {memo: "an outcome of tomorrow"},
		"409, a twin is under way":           {answer: refusing(http.StatusConflict, "in_progress")},
		"409, the reference is known":        {answer: refusing(http.StatusConflict, "duplicate")},
		"429, nothing is said of it":         {answer: refusing(http.StatusTooManyRequests, "")},
		"204":                                {answer: func(w http.ResponseWriter, _ *http.Request, _ slip) { w.WriteHeader(http.StatusNoContent) }},
		"201 that does not parse":            {answer: answering("<html>\x00\xff")},
		"201 that ends early":                {answer: answering(`{"id":"house-1","status":"op`)},
		"201 that lacks what is needed":      {answer: saying(func(s *slip) { s.ID = "" })},
		"201 without a body":                 {answer: answering("")},
		"201 of 2 MiB":                       {answer: answering(strings.Repeat(" ", 2<<20))},
		"a status word that nobody knows":    {answer: saying(func(s *slip) { s.Status = "ACCEPTED" })},
		"a redirect with the same method":    {answer: moves, barren: true, end: lost},
		"a question finds nothing, for long": {answer: hangUp(reset), barren: true, end: lost},
	}
	for _, status := range []int{500, 502, 503, 504} {
		rows[fmt.Sprint(status)] = hint{answer: refusing(status, "")}
		rows[fmt.Sprint(status, ", and nothing was created")] = hint{answer: refusing(status, ""), barren: true, end: lost}
	}
	for name, row := range rows {
		row.want = lost
		if row.end == "" {
			row.settle, row.end = []string{"paid"}, firstPays
		}
		rows[name] = row
	}
	rows["reset of a call that may be made again"] = hint{
		answer: cutFirst(), payout: true, want: lost, settle: []string{"paid"}, end: firstPays, calls: 2,
	}
	return rows
}

// refusals created nothing, as the provider documents. Some reasons go on.
func refusals() map[string]hint {
	return map[string]hint{
		"429 before anything is done": {answer: refusing(429, ""), settings: map[string]any{"limits_first": true}, want: passedOn},
		"400":                         {answer: refusing(400, "bad"), want: "failed invalid_request: first rejected"},
		"401":                         {answer: refusing(401, ""), want: passedOn},
		"403":                         {answer: refusing(403, ""), want: passedOn},
		"404":                         {answer: refusing(404, ""), want: passedOn},
		"405":                         {answer: refusing(405, ""), want: passedOn},
		"422, over the limit":         {answer: refusing(422, "limit_exceeded"), want: passedOn},
		"422, the payer has no funds": {answer: refusing(422, "insufficient_funds"), want: "failed insufficient_funds: first rejected"},
		"422, our float is too low":   {answer: refusing(422, "insufficient_float"), payout: true, want: "processing: first rejected, second pending"},
	}
}

// answers are those of a provider that is well.
func answers() map[string]hint {
	const open, mismatch = "requires_action: first requires_action", "review amount_mismatch: first mismatch"
	return map[string]hint{
		"another amount":    {answer: saying(func(s *slip) { s.Status, s.Amount = "paid", "4999" }), want: mismatch},
		"another currency":  {answer: saying(func(s *slip) { s.Status, s.Currency = "paid", "XAF" }), want: "review currency_mismatch: first mismatch"},
		"another reference": {answer: saying(func(s *slip) { s.Status, s.Reference = "paid", "another" }), want: "review reference_mismatch: first mismatch"},
		"paid":              {first: "paid", want: firstPays},
		"a soft decline":    {first: "declined", want: "requires_action: first declined, second requires_action"},
		"a soft decline, later": {
			first: "working", want: "processing: first pending", settle: []string{"declined"}, end: "failed declined: first declined",
		},
		"a hard decline":         {first: "stolen", want: "failed declined: first declined"},
		"under way":              {first: "working", want: "processing: first pending"},
		"a payout under way":     {first: "working", payout: true, want: "processing: first pending"},
		"a redirect was shown":   {want: open},
		"canceled, by a query":   {want: open, settle: []string{"canceled"}, end: "canceled canceled_by_customer: first canceled"},
		"the time ran out":       {want: open, settle: []string{"expired"}, end: "expired expired: first expired"},
		"paid, later taken back": {want: open, settle: []string{"paid", "reversed"}, end: "reversed: first reversed"},
	}
}

// oneByte takes the first byte of a request, so that there is a connection, and no more.
func oneByte(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }

// waits answers when nobody waits any more.
func waits(_ http.ResponseWriter, r *http.Request, _ slip) { <-r.Context().Done() }

// drips answers a byte at a time, longer than anybody waits.
func drips(w http.ResponseWriter, r *http.Request, _ slip) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		fmt.Fprint(w, " ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// moves sends the client elsewhere, where the same call would create something.
func moves(w http.ResponseWriter, r *http.Request, _ slip) {
	http.Redirect(w, r, "/payouts", http.StatusTemporaryRedirect)
}

// cutSecond answers the first call well and no other; cutFirst does the opposite.
func cutSecond() func(http.ResponseWriter, *http.Request, slip) {
	return cut(func(n int32) bool { return n > 1 })
}

func cutFirst() func(http.ResponseWriter, *http.Request, slip) {
	return cut(func(n int32) bool { return n == 1 })
}

func cut(when func(n int32) bool) func(http.ResponseWriter, *http.Request, slip) {
	var calls atomic.Int32
	return func(w http.ResponseWriter, r *http.Request, said slip) {
		if when(calls.Add(1)) {
			hangUp(reset)(w, r, said)
			return
		}
		tell(w, http.StatusCreated, said)
	}
}
