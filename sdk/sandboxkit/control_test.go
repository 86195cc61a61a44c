package sandboxkit_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

func TestControlOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	for _, step := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"look", "GET", "state", ``, 200, `{"id1":false}`},
		{"decide", "POST", "payments/id1", `{"paid":true}`, 200, `{"paid":true}`},
		{"advance", "POST", "clock", `{"advance_ms":1500}`, 200, `{"now":"2026-01-02T03:04:06.5Z"}`},
		{"skew", "POST", "clock", `{"skew_ms":-1000}`, 200, `{"now":"2026-01-02T03:04:06.5Z"}`},
		{"both", "POST", "clock", `{"advance_ms":500,"skew_ms":0}`, 200, `{"now":"2026-01-02T03:04:07Z"}`},
		{
			"inject", "POST", "faults", `{"op":"look","fault":"status","status":503,"times":2}`, 200,
			`{"faults":[{"op":"look","fault":"status","status":503,"times":2}]}`,
		},
		{"forget the faults", "DELETE", "faults", ``, 204, ``},
		{
			"inject another", "POST", "faults", `{"op":"any","fault":"drop"}`, 200,
			`{"faults":[{"op":"any","fault":"drop","times":1}]}`,
		},
		{"forget everything", "POST", "reset", ``, 204, ``},
		{"look at nothing", "GET", "state", ``, 200, `{}`},
	} {
		got := s.do(step.method, "/_sandbox/"+step.path, step.body)
		if got.Status != step.status || got.Text != step.says {
			t.Errorf("%s: want HTTP %d with %s, got %d %s", step.name, step.status, step.says, got.Status, got.Text)
		}
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	s.create("paid")
	s.do(http.MethodPost, "/_sandbox/payments/paid", `{"paid":true}`)
	for name, test := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"no JSON":              {"clock", `advance`, 400, "bad control request"},
		"two objects":          {"clock", `{"skew_ms":0}{}`, 400, "after the JSON object"},
		"a misspelled field":   {"clock", `{"advance":1}`, 400, `unknown field "advance"`},
		"nothing to do":        {"clock", `{}`, 400, "give advance_ms, skew_ms or both"},
		"an empty body":        {"clock", ``, 400, "give advance_ms, skew_ms or both"},
		"back in time":         {"clock", `{"advance_ms":-1}`, 400, "advance_ms -1"},
		"beyond all time":      {"clock", `{"advance_ms":9223372036854775807}`, 400, "advance_ms"},
		"a skew without end":   {"clock", `{"skew_ms":-9223372036854775808}`, 400, "skew_ms"},
		"a fraction":           {"clock", `{"advance_ms":1.5}`, 400, "cannot unmarshal"},
		"an unknown fault":     {"faults", `{"op":"look","fault":"fire"}`, 400, `fault "fire": give one of [slow`},
		"an unknown op":        {"faults", `{"op":"steal","fault":"drop"}`, 400, `op "steal": give one of [pay look any]`},
		"an array for a fault": {"faults", `[]`, 400, "cannot unmarshal"},
		"nobody":               {"payments/nobody", `{"paid":true}`, 404, "no payment with this id"},
		"too late":             {"payments/paid", `{"paid":true}`, 409, "already decided"},
		"what cannot be":       {"payments/id1", ``, 400, "unknown action"},
		"more than 64 KiB":     {"payments/id1", strings.Repeat(" ", 65<<10), 400, "more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(http.MethodPost, "/_sandbox/"+test.path, test.body)
			var told struct{ Error string }
			if err := json.Unmarshal([]byte(got.Text), &told); err != nil {
				t.Fatal(err)
			}
			if got.Status != test.status || !strings.Contains(told.Error, test.says) {
				t.Errorf("want HTTP %d with %s, got %d %s", test.status, test.says, got.Status, got.Text)
			}
		})
	}
}

func TestThePage(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	for _, step := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"look", "GET", "/page/id1", "", 200, "paid: false"},
		{"press what is no button", "POST", "/page/id1", "action=steal", 400, "unknown action\n"},
		{"press nothing readable", "POST", "/page/id1", "%", 400, "the form cannot be read\n"},
		{"say too much", "POST", "/page/id1", "action=" + strings.Repeat("x", 65<<10), 400, "the form cannot be read\n"},
		{"pay", "POST", "/page/id1", "action=pay", 303, ""},
		{"see it", "GET", "/page/id1", "", 200, "paid: true"},
		{"only ask", "HEAD", "/page/id1", "", 200, ""},
		{"pay again", "POST", "/page/id1", "action=pay", 409, "already decided\n"},
		{"look for nobody", "GET", "/page/nobody", "", 404, "404 page not found\n"},
		{"pay for nobody", "POST", "/page/nobody", "action=pay", 404, "404 page not found\n"},
	} {
		got := s.do(step.method, step.path, step.body)
		if got.Status != step.status || got.Text != step.says {
			t.Errorf("%s: want HTTP %d with %q, got %d %q", step.name, step.status, step.says, got.Status, got.Text)
		}
		if step.status == http.StatusSeeOther && got.Header.Get("Location") != step.path {
			t.Errorf("%s: it leads to %s", step.name, got.Header.Get("Location"))
		}
	}
}
