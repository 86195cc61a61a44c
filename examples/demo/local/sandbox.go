package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// Sandbox is CinetPay's sandbox: what a customer does at its pages, and what a
// test orders of it.
type Sandbox struct {
	// Process is nil for a sandbox inside of this process.
	*Process
	URL string
}

// StartSandbox starts the command that runs the sandboxes.
func StartSandbox(ctx context.Context, programs Programs) (*Sandbox, error) {
	process, err := start(programs.Sandbox, nil, "-json")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	found, err := process.Await(ctx, `"cinetpay":"([^"]+)"`)
	if err != nil {
		_ = process.Kill() // The reason is in err.
		return nil, err
	}
	return &Sandbox{Process: process, URL: found[1]}, nil
}

// Ledger returns what really happened.
func (s *Sandbox) Ledger(ctx context.Context) (cinetpay.State, error) {
	var state cinetpay.State
	err := s.control(ctx, http.MethodGet, "/_sandbox/state", nil, &state)
	return state, err
}

// Inject makes the next answers go wrong.
func (s *Sandbox) Inject(ctx context.Context, fault cinetpay.Fault) error {
	return s.control(ctx, http.MethodPost, "/_sandbox/faults", fault, nil)
}

// Decide ends a payment without its page.
func (s *Sandbox) Decide(ctx context.Context, ref string, decision cinetpay.Decision) error {
	return s.control(ctx, http.MethodPost, "/_sandbox/payments/"+url.PathEscape(ref), decision, nil)
}

// Notify sends notifications of a payment, and returns what was answered to them.
func (s *Sandbox) Notify(ctx context.Context, ref string, again cinetpay.Again) ([]cinetpay.Notification, error) {
	var sent struct {
		Notifications []cinetpay.Notification `json:"notifications"`
	}
	err := s.control(ctx, http.MethodPost, "/_sandbox/notify/"+url.PathEscape(ref), again, &sent)
	return sent.Notifications, err
}

// Open opens a payment's page, as the customer's browser does.
func (s *Sandbox) Open(ctx context.Context, page string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return err
	}
	return exchange(req, nil)
}

// Press presses a button of a payment's page: pay, refuse or cancel.
func (s *Sandbox) Press(ctx context.Context, page string, button cinetpay.Action) error {
	form := strings.NewReader(url.Values{"action": {string(button)}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page, form)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return exchange(req, nil)
}

func (s *Sandbox) control(ctx context.Context, method, path string, order, answer any) error {
	var body io.Reader
	if order != nil {
		text, err := json.Marshal(order)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		return err
	}
	return exchange(req, answer)
}

// exchange sends the request and reads JSON into answer, if there is one.
func exchange(req *http.Request, answer any) error {
	browser := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := browser.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}
