package local

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
)

// What AcmePay's sandbox takes. Its module is another one, and nothing of it is
// imported here.
const (
	acmepayKey    = "acmepay-sandbox-key"
	acmepaySecret = "acmepay-sandbox-secret"
)

// BuildAcmePay builds a plugin that is none of ours, and its sandbox, in a module
// of their own beside the programs.
func (p Programs) BuildAcmePay(ctx context.Context) error {
	find := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", strings.TrimSuffix(module, "/"))
	root, err := find.Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	folder := filepath.Join(strings.TrimSpace(string(root)), "examples", AcmePay)
	for target, name := range map[string]string{".": AcmePay, "./sandbox/run": acmepaySandbox} {
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", p.plugin(name), target)
		build.Dir = folder
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build in %s: %w\n%s", folder, err, said)
		}
	}
	return nil
}

const acmepaySandbox = "acmepay-sandbox"

// AcmePaySandbox is AcmePay's sandbox: what a customer does at its page.
type AcmePaySandbox struct {
	*Process
	URL string
}

// StartAcmePay starts the sandbox on a free port.
func StartAcmePay(ctx context.Context, programs Programs) (*AcmePaySandbox, error) {
	process, err := start(programs.plugin(acmepaySandbox), nil, "-addr", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	found, err := process.Await(ctx, `is at (http://[^,\s]+),`)
	if err != nil {
		_ = process.Kill() // The reason is in err.
		return nil, fmt.Errorf("%s: %w", acmepaySandbox, err)
	}
	return &AcmePaySandbox{process, found[1]}, nil
}

// AcmePayLedger is what really happened, of payments and refunds alike.
type AcmePayLedger struct {
	Payments, Refunds []AcmePayEntry
	CreateCalls       map[string]int `json:"create_calls"`
}

// AcmePayEntry is a payment or a refund.
type AcmePayEntry struct{ Reference, Amount, Currency, Status string }

// Ledger returns what really happened.
func (s *AcmePaySandbox) Ledger(ctx context.Context) (AcmePayLedger, error) {
	var ledger AcmePayLedger
	err := order(ctx, http.MethodGet, s.URL+"/_sandbox/state", nil, &ledger)
	return ledger, err
}

// Press presses a button of a payment's page: paid or declined.
func (s *AcmePaySandbox) Press(ctx context.Context, page, button string) error {
	return press(ctx, page, button)
}
