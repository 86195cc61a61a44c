package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// openShop runs the whole service with its own configuration, at a sandbox, and
// returns its address. The shop ends with the test.
func openShop(t *testing.T) (address string, at *sandbox.Server) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"paymux.yaml", "routes.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plugin := filepath.Join(dir, "cinetpay")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", plugin, "../../plugins/cinetpay").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	at = sandbox.New(sandbox.Options{CompletionDelay: -1})
	if err := at.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = at.Close() })
	t.Setenv("PAYMUX_STORE__PATH", filepath.Join(dir, "shop.db"))
	t.Setenv("PAYMUX_PLUGINS__CINETPAY__PATH", plugin)
	t.Setenv("PAYMUX_PROVIDERS__CINETPAY_CI__SETTINGS__BASE_URL", at.URL())
	t.Setenv("PAYMUX_PROVIDERS__CINETPAY_CI__SETTINGS__TRANSFER_BASE_URL", at.URL())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listener, filepath.Join(dir, "paymux.yaml")) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the shop ended with %v", err)
		}
	})
	return "http://" + listener.Addr().String(), at
}

// exchange makes a request, and reads the answer into told where that is not nil.
func exchange(t *testing.T, method, target string, body, told any) int {
	t.Helper()
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, &text)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", method+" "+target)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if told != nil && json.Unmarshal(answer, told) != nil {
		t.Fatalf("%s %s: %s: %s", method, target, resp.Status, answer)
	}
	return resp.StatusCode
}

func checkout(t *testing.T, address, order, amount, with string) receipt {
	t.Helper()
	var told receipt
	if status := exchange(t, http.MethodPost, address+"/checkout", basket{order, "c-7", amount, with}, &told); status != http.StatusOK {
		t.Fatalf("order %s: HTTP %d", order, status)
	}
	return told
}

// await waits until the payment is in the state, as the mounted API tells it.
func await(t *testing.T, address, id, state string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var tx struct{ State string }
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		if exchange(t, http.MethodGet, address+"/pay/v1/transactions/"+id, nil, &tx); tx.State == state {
			return
		}
	}
	t.Errorf("%s is %s, want %s", id, tx.State, state)
}

func TestTheShopTakesMoneyThroughBothDoors(t *testing.T) {
	address, at := openShop(t)
	t.Run("credit is a provider inside the process", func(t *testing.T) {
		bought := checkout(t, address, "1", "3000", "credit")
		if bought.State != "succeeded" {
			t.Fatalf("it is %+v", bought)
		}
		if again := checkout(t, address, "1", "3000", "credit"); again != bought {
			t.Errorf("the same order again is %+v, before it was %+v", again, bought)
		}
		if short := checkout(t, address, "2", "3000", "credit"); short.State != "failed" {
			t.Errorf("with 2000 left, 3000 is %+v", short)
		}
		var refund struct{ State string }
		exchange(t, http.MethodPost, address+"/pay/v1/payments/"+bought.Payment+"/refunds", map[string]string{"amount": "1000"}, &refund)
		if refund.State != "succeeded" {
			t.Errorf("the refund is %q", refund.State)
		}
		if enough := checkout(t, address, "3", "3000", "credit"); enough.State != "succeeded" {
			t.Errorf("with 3000 left, 3000 is %+v", enough)
		}
	})
	t.Run("a phone pays through a plugin, whose provider notifies us below /pay", func(t *testing.T) {
		bought := checkout(t, address, "4", "4000", "phone")
		if bought.State != "requires_action" || !strings.HasPrefix(bought.Next, at.URL()) {
			t.Fatalf("it is %+v", bought)
		}
		press(t, bought.Next)
		await(t, address, bought.Payment, "succeeded")
		if told := at.State().Notifications; len(told) == 0 || !strings.HasPrefix(told[0].URL, address+"/pay/v1/webhooks/") || told[0].Status != http.StatusOK {
			t.Errorf("notified: %+v", told)
		}
	})
	t.Run("what nobody serves is refused", func(t *testing.T) {
		if status := exchange(t, http.MethodPost, address+"/checkout", basket{"5", "c-7", "none", "phone"}, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("an amount that is none: HTTP %d", status)
		}
		if status := exchange(t, http.MethodPost, address+"/checkout", basket{"1", "c-7", "1", "credit"}, nil); status != http.StatusConflict {
			t.Errorf("another amount under an old order: HTTP %d", status)
		}
	})
}

// press is the customer, who pays on CinetPay's page.
func press(t *testing.T, page string) {
	t.Helper()
	form := strings.NewReader(url.Values{"action": {string(sandbox.Pay)}}.Encode())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page, form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}
