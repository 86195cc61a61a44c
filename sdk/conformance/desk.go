package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

const (
	// deskTimeout bounds one order to the sandbox, deliveries included.
	deskTimeout = 30 * time.Second
	// deskAnswerMax bounds its answer, in bytes.
	deskAnswerMax = 4 << 20
)

// desk is where a sandbox takes orders: its control endpoints.
type desk struct {
	root   string
	client *http.Client
}

func newDesk(root string) *desk {
	// No connection stays open, so that nothing of the run does.
	return &desk{root, &http.Client{Timeout: deskTimeout, Transport: &http.Transport{DisableKeepAlives: true}}}
}

func (d *desk) script(ctx context.Context) (sandboxkit.Script, error) {
	var script sandboxkit.Script
	err := d.order(ctx, http.MethodGet, "script", nil, &script)
	return script, err
}

func (d *desk) reset(ctx context.Context) error {
	return d.order(ctx, http.MethodPost, "reset", nil, nil)
}

// advance moves the sandbox's clock on; what is due by then has happened when it returns.
func (d *desk) advance(ctx context.Context, ms int64) error {
	return d.order(ctx, http.MethodPost, "clock", map[string]int64{"advance_ms": ms}, nil)
}

// pay lets the customer send what a sample says.
func (d *desk) pay(ctx context.Context, sample sandboxkit.Sample) error {
	return d.order(ctx, http.MethodPost, "pay", sample, nil)
}

// charges are those of a kind that were made since the last reset.
func (d *desk) charges(ctx context.Context, kind sdk.Kind) ([]sandboxkit.Charge, error) {
	var told struct{ Charges []sandboxkit.Charge }
	if err := d.order(ctx, http.MethodGet, "charges", nil, &told); err != nil {
		return nil, err
	}
	var of []sandboxkit.Charge
	for _, c := range told.Charges {
		if c.Kind == string(kind) {
			of = append(of, c)
		}
	}
	return of, nil
}

// order sends what is not nil as JSON, and reads the answer into told where that is not nil.
func (d *desk) order(ctx context.Context, method, path string, what, told any) error {
	var body bytes.Buffer
	if what != nil {
		if err := json.NewEncoder(&body).Encode(what); err != nil {
			return err
		}
	}
	path = sandboxkit.ControlPrefix + path
	req, err := http.NewRequestWithContext(ctx, method, d.root+path, &body)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, deskAnswerMax))
	if err != nil {
		return fmt.Errorf("sandbox: %s %s: %w", method, path, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("sandbox: %s %s: HTTP %d: %.200s", method, path, resp.StatusCode, strings.Join(strings.Fields(string(text)), " "))
	}
	if told == nil {
		return nil
	}
	if err := json.Unmarshal(text, told); err != nil {
		return fmt.Errorf("sandbox: %s %s: %w", method, path, err)
	}
	return nil
}
