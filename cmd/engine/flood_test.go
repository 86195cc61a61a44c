package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

const (
	// replays is how often the same notification comes, lorises how many connections
	// are kept open at a time.
	replays, lorises = 1000, 200
	// memoryMax is by how much a flood may make the engine grow, in KiB.
	memoryMax = 64 << 10
)

// bad are notifications that no provider sent, with the status that each is answered.
func bad() map[string]struct {
	method, body string
	header       map[string]string
	status       int
} {
	var bomb bytes.Buffer
	squeeze := gzip.NewWriter(&bomb)
	_, _ = squeeze.Write(make([]byte, 64<<20))
	_ = squeeze.Close()
	const form = "application/x-www-form-urlencoded"
	type header = map[string]string
	return map[string]struct {
		method, body string
		header       map[string]string
		status       int
	}{
		"no signature":         {"POST", "cpm_trans_id=1&cpm_site_id=1", header{"Content-Type": form}, http.StatusUnauthorized},
		"a signature of zeros": {"POST", "cpm_trans_id=1", header{"Content-Type": form, "x-token": strings.Repeat("0", 64)}, http.StatusUnauthorized},
		"0 bytes":              {"POST", "", header{"Content-Type": form}, http.StatusUnauthorized},
		"10 MiB":               {"POST", strings.Repeat("x", 10<<20), header{"Content-Type": form}, http.StatusRequestEntityTooLarge},
		"a gzip bomb":          {"POST", bomb.String(), header{"Content-Type": form, "Content-Encoding": "gzip"}, http.StatusUnauthorized},
		"another content type": {"POST", `{"cpm_trans_id":"1"}`, header{"Content-Type": "application/json"}, http.StatusUnauthorized},
		"no content type":      {"POST", "cpm_trans_id=1", nil, http.StatusUnauthorized},
		"another method":       {"DELETE", "", nil, http.StatusMethodNotAllowed},
		"broken escapes":       {"POST", "%zz&&&==%", header{"Content-Type": form}, http.StatusUnauthorized},
		"a field a thousand times": {
			"POST", strings.Repeat("cpm_trans_id=1&", 1000), header{"Content-Type": form}, http.StatusUnauthorized,
		},
	}
}

// What no provider sent is refused without effect and without memory. A genuine
// notification, which is the control, has its effect, and a replayed one has it once.
func TestAFloodOfNotificationsIsAppliedOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.setup.Poll = []time.Duration{time.Hour} // Nobody asks but because of a notification.
	s.write()
	s.open()
	tx := s.pay("order-1")
	ref := tx.Attempts[0].Ref
	before := s.memory()

	began := time.Now()
	refused := s.sendBad(40)
	rate := float64(refused) / time.Since(began).Seconds()
	s.slowLoris()
	if row, _ := s.first.Payment(ref); row.Checks != 0 {
		t.Errorf("the provider was asked %d times because of what nobody sent", row.Checks)
	}

	began = time.Now()
	if _, err := s.first.Notify(ref, sandbox.Again{Times: replays, Status: "00", Token: sandbox.TokenGood}); err != nil {
		t.Fatal(err)
	}
	s.until("the provider is asked", func(context.Context) (bool, error) {
		row, _ := s.first.Payment(ref)
		return row.Checks > 0, nil
	})
	row, _ := s.first.Payment(ref)
	if most := 2 + int(time.Since(began)/(2*time.Second)); row.Checks > most {
		t.Errorf("%d notifications are %d questions within %v, want at most one in 2 s", replays, row.Checks, time.Since(began))
	}
	questions := row.Checks
	if got := s.await(tx.ID, "requires_action"); got.AmountReceived != "0" {
		t.Errorf("%s received because notifications said so", got.AmountReceived)
	}
	applied := s.paidAndReplayed(tx.ID, ref)
	grown := s.memory() - before
	if grown > memoryMax {
		t.Errorf("the engine grew by %d KiB", grown)
	}
	t.Logf("chaos 20: %d forged or malformed notifications refused (%.0f/s), %d slow connections closed, 0 effects; %d replays were %d questions; a success told 100 times applied %d time (control: it is applied); the engine grew by %d KiB",
		refused, rate, lorises, replays, questions, applied, grown)
}

// sendBad sends each bad notification so often and returns how many were refused.
func (s *shop) sendBad(times int) int {
	s.t.Helper()
	refused := 0
	var mu sync.Mutex
	var sending sync.WaitGroup
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for name, one := range bad() {
		sending.Go(func() {
			for range times {
				req, err := http.NewRequestWithContext(s.t.Context(), one.method, s.engine.URL+"/v1/webhooks/first", strings.NewReader(one.body))
				if err != nil {
					s.t.Error(err)
					return
				}
				for field, value := range one.header {
					req.Header.Set(field, value)
				}
				resp, err := transport.RoundTrip(req)
				if err != nil {
					if one.status == http.StatusRequestEntityTooLarge {
						continue // The connection was closed while the rest was being sent.
					}
					s.t.Errorf("%s: %v", name, err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != one.status {
					s.t.Errorf("%s: %d, want %d", name, resp.StatusCode, one.status)
					return
				}
				mu.Lock()
				refused++
				mu.Unlock()
			}
		})
	}
	sending.Wait()
	return refused
}

// slowLoris opens connections that never end their headers or body. The engine
// answers others meanwhile, and closes each.
func (s *shop) slowLoris() {
	s.t.Helper()
	var conns []net.Conn
	for i := range lorises {
		conn, err := net.Dial("tcp", s.engine.Address)
		if err != nil {
			s.t.Fatal(err)
		}
		conns = append(conns, conn)
		start := "POST /v1/webhooks/first HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
		if i%2 == 0 {
			start = "POST /v1/webhooks/first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ncpm"
		}
		if _, err := conn.Write([]byte(start)); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := s.client.Transactions(s.t.Context(), client.Filter{}); err != nil {
		s.t.Errorf("beside slow connections: %v", err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for i, conn := range conns {
		if err := conn.SetReadDeadline(deadline); err != nil {
			s.t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
			s.t.Fatalf("slow connection %d is still open", i)
		}
		conn.Close()
	}
}

// paidAndReplayed pays and announces it often, and returns how often that had an effect.
func (s *shop) paidAndReplayed(id, ref string) int {
	s.t.Helper()
	if err := s.first.Decide(ref, sandbox.Decision{Action: sandbox.Pay, Silent: true}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.first.Notify(ref, sandbox.Again{Times: 100, Token: sandbox.TokenGood}); err != nil {
		s.t.Fatal(err)
	}
	s.await(id, "succeeded")
	// Old ones that say something else, after the fact.
	if _, err := s.first.Notify(ref, sandbox.Again{Times: 20, Status: "600", Token: sandbox.TokenGood}); err != nil {
		s.t.Fatal(err)
	}
	pause(3 * time.Second)
	tx := s.await(id, "succeeded")
	applied := 0
	for _, h := range tx.History {
		if h.To == "succeeded" && h.From != "succeeded" {
			applied++
		}
	}
	if applied != 1 || tx.AmountReceived != "5000" {
		s.t.Errorf("the success was applied %d times, %s received", applied, tx.AmountReceived)
	}
	return applied
}

// memory is what the engine holds in memory, in KiB.
func (s *shop) memory() int {
	s.t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.engine.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(text), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(line)[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return kib
}
