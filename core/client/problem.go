package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

// Problem is a refusal of the engine.
type Problem struct {
	api.Problem
	// RetryAfter is how long the engine asks to wait; zero where it does not.
	RetryAfter time.Duration
	// RequestID leads to the engine's log.
	RequestID string
}

// Error reads as "422 no_route: detail: field: message".
func (p *Problem) Error() string {
	parts := []string{strconv.Itoa(p.Status) + " " + p.Code, p.Detail}
	for _, e := range p.Errors {
		if text := e.Location + " " + e.Message; text != p.Detail {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ": ")
}

// Is reports whether target is a problem of package core with the same code.
func (p *Problem) Is(target error) bool {
	other, ok := errors.AsType[*core.Problem](target)
	return ok && other.Code == p.Code
}

func problemOf(resp *http.Response, text []byte) error {
	problem := &Problem{RequestID: resp.Header.Get("X-Request-Id")}
	if err := json.Unmarshal(text, &problem.Problem); err != nil {
		return fmt.Errorf("%s: read the problem: %w", resp.Status, err)
	}
	if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); err == nil {
		problem.RetryAfter = time.Duration(seconds) * time.Second
	}
	return problem
}
