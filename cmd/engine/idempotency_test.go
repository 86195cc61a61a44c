package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// atTheSameTime is how many requests come with one key.
const atTheSameTime = 50

// heard is what a client hears: the status, the code of a problem or the id of a
// transaction, and the headers that matter.
type heard struct {
	status, retryAfter int
	word               string
	replayed           bool
}

func (h heard) String() string {
	return strings.TrimSpace(fmt.Sprint(h.status, " ", h.word, map[bool]string{true: " replayed"}[h.replayed]))
}

// ask posts a payment as it is written.
func (s *shop) ask(ctx context.Context, path, key string, body any) (heard, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return heard{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.engine.URL+path, bytes.NewReader(text))
	if err != nil {
		return heard{}, err
	}
	req.Header.Set("Authorization", "Bearer "+s.setup.Key.Secret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return heard{}, err
	}
	defer resp.Body.Close()
	var said struct{ ID, Code string }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		return heard{}, err
	}
	wait, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return heard{resp.StatusCode, wait, said.ID + said.Code, resp.Header.Get("Idempotent-Replayed") == "true"}, nil
}

// crowd sends the same request many times at once and counts what is heard.
func (s *shop) crowd(key string, body any) map[string]int {
	s.t.Helper()
	var mu sync.Mutex
	counts := map[string]int{}
	var asking sync.WaitGroup
	for range atTheSameTime {
		asking.Go(func() {
			got, err := s.ask(s.t.Context(), "/v1/payments", key, body)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				counts[err.Error()]++
			case got.status == http.StatusConflict && got.retryAfter < 1:
				counts["409 without Retry-After"]++
			case got.status == http.StatusCreated:
				counts["201 "+got.word]++
			default:
				counts[got.String()]++
			}
		})
	}
	asking.Wait()
	return counts
}

// slowly makes the create calls of the first account take their time.
func (s *shop) slowly() {
	s.t.Helper()
	inject(s.t, s.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 700, Times: 2 * atTheSameTime})
}

func (s *shop) wantHeard(what, want string, path, key string, body any) {
	s.t.Helper()
	got, err := s.ask(s.t.Context(), path, key, body)
	if err != nil || got.String() != want {
		s.t.Errorf("%s: %s, %v, want %s", what, got, err, want)
	}
}

// One key is one execution: whoever asks with it again, with another body, while it is
// under way, or after a crash. The control is an engine that forgets its keys.
func TestOneKeyIsOneExecution(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.slowly()
	s.write()
	s.open()
	counts := s.crowd("crowd", order("crowd"))
	created := 0
	for what, n := range counts {
		if strings.HasPrefix(what, "201 ") {
			created++
			continue
		}
		if what != "409 idempotency_in_flight" {
			t.Errorf("%d of %d were answered %q", n, atTheSameTime, what)
		}
	}
	first := s.first.State().Payments
	if created != 1 || len(first) != 1 || first[0].CreateCalls != 1 {
		t.Fatalf("%d payments were answered, the provider has %+v: %v", created, first, counts)
	}
	id := s.only()
	s.wantHeard("the same again", "201 "+id+" replayed", "/v1/payments", "crowd", order("crowd"))
	s.wantHeard("another body", "422 idempotency_key_reused", "/v1/payments", "crowd", order("another"))
	s.wantHeard("another key for the reference", "409 duplicate_reference", "/v1/payments", "crowd-2", order("crowd"))
	s.notSaved()
	s.afterACrash()
	executions := len(s.first.State().Payments)

	control := crowdAtABrokenEngine(t)
	if control < 2 {
		t.Errorf("an engine that forgets its keys made %d executions of one key: the crowd is no test", control)
	}
	t.Logf("chaos 19: %d requests at the same time with one key, 1 execution, the others in flight with Retry-After; another body 422, refusals not saved, the same answer after a crash, %d executions of %d keys; control that forgets keys: %d executions",
		atTheSameTime, executions, executions, control)
}

// only is the id of the one payment.
func (s *shop) only() string {
	s.t.Helper()
	list, err := s.client.Transactions(s.t.Context(), client.Filter{})
	if err != nil || len(list.Data) != 1 {
		s.t.Fatalf("want one payment, got %d, %v", len(list.Data), err)
	}
	return list.Data[0].ID
}

// notSaved checks that what was refused before it was accepted may be asked again
// with its key.
func (s *shop) notSaved() {
	s.t.Helper()
	wrong := order("mended")
	wrong.Amount = "0"
	s.wantHeard("a wrong amount", "400 invalid_request", "/v1/payments", "mended", wrong)
	denied := order("mended")
	denied.Country = "SN"
	s.wantHeard("a country that is denied", "422 denied", "/v1/payments", "mended", denied)
	got, err := s.ask(s.t.Context(), "/v1/payments", "mended", order("mended"))
	if err != nil || got.status != http.StatusCreated || got.replayed {
		s.t.Errorf("mended, under the same key: %s, %v, want 201", got, err)
	}
	got, err = s.ask(s.t.Context(), "/v1/payouts", "mended", api.Payout{
		Reference: "mended", Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money",
		Recipient: api.Recipient{Name: "Awa", Surname: "Koné", Phone: "+2250505998877"},
	})
	if err != nil || strings.HasPrefix(got.word, "idempotency") {
		s.t.Errorf("the key on another path: %s, %v, want it to be another key", got, err)
	}
}

// afterACrash kills the engine between the commit and the answer.
func (s *shop) afterACrash() {
	s.t.Helper()
	before := len(s.first.State().Payments)
	lost := make(chan error, 1)
	go func() {
		_, err := s.ask(s.t.Context(), "/v1/payments", "crash", order("crash"))
		lost <- err
	}()
	s.until("the provider has it", func(context.Context) (bool, error) { return len(s.first.State().Payments) > before, nil })
	if err := s.engine.Kill(); err != nil {
		s.t.Fatal(err)
	}
	if err := <-lost; err == nil {
		s.t.Error("an engine that died has answered")
	}
	s.open()
	again, err := s.ask(s.t.Context(), "/v1/payments", "crash", order("crash"))
	if err != nil || again.status != http.StatusCreated {
		s.t.Fatalf("after the crash: %s, %v, want 201", again, err)
	}
	s.wantHeard("another body after the crash", "422 idempotency_key_reused", "/v1/payments", "crash", order("other"))
	tx := s.await(again.word, "processing", "unknown", "requires_action")
	decide(s.t, s.first, tx, sandbox.Pay)
	s.await(tx.ID, "succeeded")
	if now := s.first.State().Payments; len(now) != before+1 || now[before].CreateCalls != 1 {
		s.t.Errorf("after the crash the provider has %d payments, want %d", len(now), before+1)
	}
}

// crowdAtABrokenEngine returns how many payments a crowd gets of one key.
func crowdAtABrokenEngine(t *testing.T) int {
	t.Helper()
	c := &chaos{shop: newShop(t), broken: keyless}
	c.slowly()
	c.write()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.setup.Programs.Engine = self
	c.start("")
	c.crowd("crowd", order("crowd"))
	return len(c.first.State().Payments)
}
