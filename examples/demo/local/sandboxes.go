package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// Sandboxes are the sandboxes of all providers, in one process.
type Sandboxes struct {
	*Process
	CinetPay Sandbox
	EnovePay EnovePaySandbox
	Numipay  NumipaySandbox
	Cenoa    CenoaSandbox
}

// StartSandboxes starts the command that runs the sandboxes.
func StartSandboxes(ctx context.Context, programs Programs) (*Sandboxes, error) {
	process, err := start(programs.Sandbox, nil, "-json")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	var urls map[string]string
	found, err := process.Await(ctx, `(\{.*\})\n`)
	if err == nil {
		err = json.Unmarshal([]byte(found[1]), &urls)
	}
	if err != nil {
		_ = process.Kill() // The reason is in err.
		return nil, fmt.Errorf("sandbox -json: %w", err)
	}
	return &Sandboxes{
		Process: process, CinetPay: Sandbox{urls[CinetPay]}, EnovePay: EnovePaySandbox{urls[EnovePay]},
		Numipay: NumipaySandbox{urls[Numipay]}, Cenoa: CenoaSandbox{urls[Cenoa]},
	}, nil
}

// EnovePaySandbox is EnovePay's sandbox: what a customer does on a phone.
type EnovePaySandbox struct{ URL string }

// Ledger returns what really happened.
func (s EnovePaySandbox) Ledger(ctx context.Context) (enovepay.State, error) {
	var state enovepay.State
	err := order(ctx, http.MethodGet, s.URL+"/_sandbox/state", nil, &state)
	return state, err
}

// Decide answers the prompt on the phone.
func (s EnovePaySandbox) Decide(ctx context.Context, ref string, decision enovepay.Decision) error {
	return order(ctx, http.MethodPost, s.URL+"/_sandbox/transactions/"+url.PathEscape(ref), decision, nil)
}

// NumipaySandbox is Numipay's sandbox: what a customer does at its cashier.
type NumipaySandbox struct{ URL string }

// Ledger returns what really happened.
func (s NumipaySandbox) Ledger(ctx context.Context) (numipay.State, error) {
	var state numipay.State
	err := order(ctx, http.MethodGet, s.URL+"/_sandbox/state", nil, &state)
	return state, err
}

// Open opens the cashier, as the customer's browser does.
func (s NumipaySandbox) Open(ctx context.Context, page string) error { return open(ctx, page) }

// Press presses a button of the cashier: pay or refuse.
func (s NumipaySandbox) Press(ctx context.Context, page string, button numipay.Action) error {
	return press(ctx, page, string(button))
}

// CenoaSandbox is Cenoa's sandbox: what a customer does in the app.
type CenoaSandbox struct{ URL string }

// Ledger returns what really happened.
func (s CenoaSandbox) Ledger(ctx context.Context) (cenoa.State, error) {
	var state cenoa.State
	err := order(ctx, http.MethodGet, s.URL+"/_sandbox/state", nil, &state)
	return state, err
}

// Send sends money to the merchant.
func (s CenoaSandbox) Send(ctx context.Context, transfer cenoa.Order) (cenoa.Transfer, error) {
	var sent cenoa.Transfer
	err := order(ctx, http.MethodPost, s.URL+"/_sandbox/transfers", transfer, &sent)
	return sent, err
}
