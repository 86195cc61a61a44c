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
type Sandbox struct{ URL string }

// Ledger returns what really happened.
func (s *Sandbox) Ledger(ctx context.Context) (cinetpay.State, error) {
	var state cinetpay.State
	err := order(ctx, http.MethodGet, s.URL+"/_sandbox/state", nil, &state)
	return state, err
}

// Inject makes the next answers go wrong.
func (s *Sandbox) Inject(ctx context.Context, fault cinetpay.Fault) error {
	return order(ctx, http.MethodPost, s.URL+"/_sandbox/faults", fault, nil)
}

// Decide ends a payment without its page.
func (s *Sandbox) Decide(ctx context.Context, ref string, decision cinetpay.Decision) error {
	return order(ctx, http.MethodPost, s.URL+"/_sandbox/payments/"+url.PathEscape(ref), decision, nil)
}

// Notify sends notifications of a payment, and returns what was answered to them.
func (s *Sandbox) Notify(ctx context.Context, ref string, again cinetpay.Again) ([]cinetpay.Notification, error) {
	var sent struct {
		Notifications []cinetpay.Notification `json:"notifications"`
	}
	err := order(ctx, http.MethodPost, s.URL+"/_sandbox/notify/"+url.PathEscape(ref), again, &sent)
	return sent.Notifications, err
}

// Open opens a payment's page, as the customer's browser does.
func (s *Sandbox) Open(ctx context.Context, page string) error { return open(ctx, page) }

// Press presses a button of a payment's page: pay, refuse or cancel.
func (s *Sandbox) Press(ctx context.Context, page string, button cinetpay.Action) error {
	return press(ctx, page, string(button))
}

// open opens a page, as a browser does.
func open(ctx context.Context, page string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return err
	}
	return exchange(req, nil)
}

// press posts a page's form by the button.
func press(ctx context.Context, page, button string) error {
	form := strings.NewReader(url.Values{"action": {button}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page, form)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return exchange(req, nil)
}

// order asks something of a sandbox that no client of a provider could.
func order(ctx context.Context, method, target string, wish, answer any) error {
	var body io.Reader
	if wish != nil {
		text, err := json.Marshal(wish)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
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
