package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
)

// troubles are answers to a question or a decision that say nothing of the attempt,
// although a create call that is answered so has created nothing.
func troubles() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{
		"the connection is refused": nil,
		"reset":                     func(w http.ResponseWriter, r *http.Request) { hangUp(reset)(w, r, slip{}) },
		"no answer in time":         func(w http.ResponseWriter, r *http.Request) { waits(w, r, slip{}) },
		"garbage":                   func(w http.ResponseWriter, r *http.Request) { answering("<html>")(w, r, slip{}) },
	}
	for _, status := range []int{401, 403, 404, 405, 422, 429, 500, 503} {
		all[fmt.Sprint(status)] = func(w http.ResponseWriter, r *http.Request) { refusing(status, "limit_exceeded")(w, r, slip{}) }
	}
	return all
}

// saysNo is a real answer, by which it is known that a change would be seen.
func saysNo(w http.ResponseWriter, r *http.Request) {
	ref := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	tell(w, http.StatusOK, slip{ID: "house-" + ref, Reference: ref, Status: "declined"})
}

// meddlings are what may be asked about what was created, and how it stands then.
var meddlings = map[string]struct {
	payout bool
	first  string
	do     func(ctx context.Context, s *street, id string) error
	after  string
}{
	"question": {after: "requires_action: first requires_action", do: func(ctx context.Context, s *street, id string) error {
		_, err := s.client.Sync(ctx, id)
		return err
	}},
	"cancel": {after: "requires_action: first requires_action", do: func(ctx context.Context, s *street, id string) error {
		_, err := s.client.Cancel(ctx, id, "changed my mind")
		return err
	}},
	"approval": {payout: true, first: "held", after: "processing: first pending", do: func(ctx context.Context, s *street, id string) error {
		_, err := s.client.Approve(ctx, id, "fine")
		return err
	}},
	"rejection": {payout: true, first: "held", after: "processing: first pending", do: func(ctx context.Context, s *street, id string) error {
		_, err := s.client.Reject(ctx, id, "not fine")
		return err
	}},
}

// The same failures that make a create call go on elsewhere change nothing when a
// question or a decision meets them. What comes after them counts.
func TestAFailedQuestionOrDecisionSaysNothing(t *testing.T) {
	t.Parallel()
	all := troubles()
	all["control: declined"] = saysNo
	rows := map[string]hint{}
	for name := range all {
		for op, operation := range meddlings {
			rows[op+", "+name] = hint{payout: operation.payout, first: operation.first}
		}
	}
	s := openStreet(t, rows, nil)
	var meddling sync.WaitGroup
	for i, name := range s.names {
		meddling.Go(func() {
			op, trouble, _ := strings.Cut(name, ", ")
			if err := s.meddle(i, name, op, all[trouble]); err != nil {
				s.mu.Lock()
				s.failures = append(s.failures, name+": "+err.Error())
				s.mu.Unlock()
			}
		})
	}
	meddling.Wait()
	noticed := 0
	for _, failure := range s.failures {
		if strings.Contains(failure, "control: declined") {
			noticed++
			continue
		}
		t.Error(failure)
	}
	if noticed != len(meddlings) {
		t.Errorf("a decline is noticed after %d of %d meddlings: the others see no change at all", noticed, len(meddlings))
	}
	wrong := len(s.failures) - noticed
	t.Logf("chaos 11: %d failures of questions, cancels, approvals and rejections, %d changed the outcome; control that says declined: %d of %d changed it",
		len(rows)-len(meddlings), wrong, noticed, len(meddlings))
}

func (s *street) meddle(i int, name, op string, trouble http.HandlerFunc) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), settledWithin)
	defer cancel()
	tx, err := s.place(ctx, i, name, "")
	if err != nil {
		return err
	}
	h, ref := s.houses[name], tx.Attempts[0].Ref
	if trouble == nil {
		h.Listener.Close()
		h.CloseClientConnections()
	}
	h.setTrouble(trouble)
	// How it is answered is not the point: a decision without an answer is a fault to
	// some and under way to others. How it stands is.
	_ = meddlings[op].do(ctx, s, tx.ID)
	c := &company{shop: s.shop}
	tx, err = c.settledAs(ctx, tx.ID, func(tx api.Transaction) bool {
		return trouble == nil || h.troubles() >= 3 || tx.State == "failed" || tx.State == "canceled"
	})
	if err != nil {
		return fmt.Errorf("until it was asked about: %w", err)
	}
	if diff := cmp.Diff(meddlings[op].after, s.told(tx)); diff != "" {
		return fmt.Errorf("it stands (-want +got):\n%s", diff)
	}
	if trouble == nil {
		return nil // Nobody comes back to where it listened.
	}
	h.settle(ref, "paid")
	h.setTrouble(nil)
	if tx, err = s.follow(ctx, tx.ID, func(tx api.Transaction) bool { return tx.State == "succeeded" }); err != nil {
		return fmt.Errorf("until it is paid: %w, it is %s", err, s.told(tx))
	}
	return s.ledgers(name, tx)
}

// The engine dies when the provider has the order and nobody has its answer.
func TestAnEngineThatDiesAfterTheSentMarkOnlyAsks(t *testing.T) {
	t.Parallel()
	s := openStreet(t, map[string]hint{"hangs": {answer: waits}}, nil)
	accepted := make(chan error, 1)
	go func() {
		_, err := s.place(t.Context(), 0, "hangs", "")
		accepted <- err
	}()
	h := s.houses["hangs"]
	s.until("the provider has it", func(context.Context) (bool, error) { return h.size() == 1, nil })
	if err := s.engine.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-accepted; err == nil {
		t.Error("an engine that died has answered")
	}
	s.open()
	tx, err := s.place(t.Context(), 0, "hangs", "")
	if err != nil {
		t.Fatal(err)
	}
	h.settle(tx.Attempts[0].Ref, "paid")
	died := time.Now()
	tx = s.await(tx.ID, "succeeded")
	if err := s.ledgers("hangs", tx); err != nil {
		t.Error(err)
	}
	t.Logf("chaos 13: the engine died after the sent mark: asked to create it %d time, %d charged twice, known to be paid after %v",
		len(h.entry(tx.Attempts[0].Ref).calls), s.paidTwice(), time.Since(died).Round(100*time.Millisecond))
}
