package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
)

// scissors is a proxy that cuts the connection of a create call: after some bytes
// of its request have reached the house, or after some of the answer have come
// back. Where it cuts is in the memo, such as "request 17" or "answer 204".
type scissors struct {
	t     *testing.T
	to    string
	mu    sync.Mutex
	cuts  int
	whole map[string]int // The longest request and answer.
}

// serve carries requests until one is cut.
func (s *scissors) serve(conn net.Conn) {
	for {
		request, err := message(conn)
		if err != nil {
			return
		}
		part, at, cut := whereToCut(request)
		if cut && part == "request" && at < len(request) {
			s.pass(request[:at])
			s.note("request", len(request))
			leave(conn, at)
			return
		}
		answer, err := s.exchange(request)
		if err != nil {
			return
		}
		if cut && part == "answer" && at < len(answer) {
			_, _ = conn.Write(answer[:at])
			s.note("answer", len(answer))
			leave(conn, at)
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

func (s *scissors) note(part string, length int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cuts++
	s.whole[part] = max(s.whole[part], length)
}

// pass gives the house a part of a request, and no more.
func (s *scissors) pass(part []byte) {
	conn, err := net.Dial("tcp", s.to)
	if err != nil {
		return
	}
	_, _ = conn.Write(part)
	_ = conn.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
}

func (s *scissors) exchange(request []byte) ([]byte, error) {
	conn, err := net.Dial("tcp", s.to)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	return message(conn)
}

// leave ends a connection, by turns with an end and with a reset.
func leave(conn net.Conn, at int) {
	if at%2 == 0 {
		_ = conn.Close()
		return
	}
	reset(conn)
}

// message reads one HTTP message whose length is announced.
func message(conn net.Conn) ([]byte, error) {
	var text []byte
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer)
		text = append(text, buffer[:n]...)
		if head, body, ok := bytes.Cut(text, []byte("\r\n\r\n")); ok && len(body) >= announced(head) {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func announced(head []byte) int {
	for line := range strings.Lines(string(head)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Content-Length") {
			n, _ := strconv.Atoi(strings.TrimSpace(value))
			return n
		}
	}
	return 0
}

// whereToCut reads the memo of a create call.
func whereToCut(request []byte) (part string, at int, cut bool) {
	_, memo, found := bytes.Cut(request, []byte(`"memo":"`))
	if !found {
		return "", 0, false
	}
	memo, _, _ = bytes.Cut(memo, []byte(`"`))
	part, number, _ := strings.Cut(string(memo), " ")
	at, err := strconv.Atoi(number)
	return part, at, err == nil
}

// cutter is an engine whose first account is behind the scissors.
type cutter struct {
	*shop
	house, second *house
	scissors      *scissors

	mu       sync.Mutex
	failures []string
	resolved []time.Duration
	created  int
	twice    int
}

func openCutter(t *testing.T, settings map[string]any) *cutter {
	t.Helper()
	putSelf(t, tellerName)
	c := &cutter{house: newHouse(t), second: newHouse(t)}
	c.scissors = &scissors{t: t, to: c.house.Listener.Addr().String(), whole: map[string]int{}}
	url := raw(t, c.scissors.serve)
	c.shop = openMarket(t, "version: 1\nrules:\n  - { name: all, match: { currency: XOF }, use: { order: [first, second] } }\ndefault: { deny: \"no\" }\n",
		atTeller("first", url).with(settings), atTeller("second", c.second.URL))
	return c
}

// memos are where to cut: everywhere if chaos is asked for, else at every step-th byte.
func memos(step int) []string {
	if os.Getenv("PAYMUX_CHAOS") != "" {
		step = 1
	}
	const longest = 420 // More than a request or an answer has: the last ones are not cut.
	var all []string
	for _, part := range []string{"request", "answer"} {
		for at := 0; at < longest; at += step {
			all = append(all, fmt.Sprint(part, " ", at))
		}
	}
	return all
}

// A connection that is cut after any byte of the request or of the answer leaves the
// outcome unknown until a question tells it. Nobody else is asked.
func TestACallThatIsCutAnywhereIsUnknownUntilAskedAbout(t *testing.T) {
	t.Parallel()
	c := openCutter(t, nil)
	all := memos(9)
	c.cut(all)
	for _, failure := range c.failures {
		t.Error(failure)
	}
	s := c.scissors
	if s.whole["request"] == 0 || s.whole["request"] > 420 || s.whole["answer"] == 0 || s.whole["answer"] > 420 || c.created == 0 || len(c.resolved) == 0 {
		t.Errorf("the cuts do not cover requests and answers of %v bytes", s.whole)
	}
	if c.twice != 0 {
		t.Errorf("%d orders are charged twice", c.twice)
	}
	control := openCutter(t, map[string]any{"lost": "not sent"})
	control.cut(memos(60))
	if control.twice == 0 {
		t.Error("a plugin that takes a lost answer for a request never sent is not noticed")
	}
	slices.Sort(c.resolved)
	t.Logf("chaos 12: %d calls cut at %d places of requests of %d and answers of %d bytes: %d created, %d double charges, %d resolved by a question after p50 %v, p99 %v; control that takes a lost answer for not sent: %d double charges",
		len(all), s.cuts, s.whole["request"], s.whole["answer"], c.created, c.twice, len(c.resolved),
		c.resolvedAt(50), c.resolvedAt(99), control.twice)
}

func (c *cutter) resolvedAt(percent int) time.Duration {
	if len(c.resolved) == 0 {
		return 0
	}
	return c.resolved[min(len(c.resolved)*percent/100, len(c.resolved)-1)].Round(time.Millisecond)
}

// cut makes a payment for each memo and follows it to its end. Between them go more
// that are not cut, so that the account's breaker stays closed.
func (c *cutter) cut(all []string) {
	const cutAtOnce = 32
	var cutting sync.WaitGroup
	room := make(chan struct{}, cutAtOnce)
	for i := range cutAtOnce {
		c.whole(fmt.Sprint("before all ", i))
	}
	for _, memo := range all {
		cutting.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if err := c.one(memo); err != nil {
				c.mu.Lock()
				c.failures = append(c.failures, memo+": "+err.Error())
				c.mu.Unlock()
			}
		})
	}
	cutting.Wait()
}

// whole makes a payment that is not cut, and is paid, so that nobody has to ask about it for long.
func (c *cutter) whole(reference string) {
	answer, err := c.client.Pay(c.t.Context(), reference, api.Payment{
		Reference: reference, Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money",
	})
	if err != nil {
		c.t.Errorf("%s: %v", reference, err)
		return
	}
	c.house.settle(answer.Transaction.Attempts[0].Ref, "paid")
}

func (c *cutter) one(memo string) error {
	for i := range 2 {
		c.whole(fmt.Sprint("before ", memo, " ", i))
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), settledWithin)
	defer cancel()
	answer, err := c.client.Pay(ctx, "key "+memo, api.Payment{
		Reference: memo, Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money", Description: memo,
	})
	if err != nil {
		return err
	}
	answered, tx := time.Now(), answer.Transaction
	first := c.house.entry(tx.Attempts[0].Ref)
	c.count(tx, first.created)
	if len(tx.Attempts) != 1 || len(first.calls) > 1 {
		return fmt.Errorf("%s; the provider was asked %d times", told(tx), len(first.calls))
	}
	if tx.State == "requires_action" {
		return nil // It was longer than the cut.
	}
	company := &company{shop: c.shop}
	if !first.created {
		tx, err = company.settledAs(ctx, tx.ID, func(tx api.Transaction) bool {
			return tx.State != "unknown" || c.house.entry(tx.Attempts[0].Ref).asked >= 2
		})
		if err != nil || told(tx) != lost {
			return fmt.Errorf("nothing was created, and it is %s: %w", told(tx), err)
		}
		return nil
	}
	c.house.settle(tx.Attempts[0].Ref, "paid")
	if tx, err = company.settled(ctx, tx.ID, firstPays); err != nil {
		return fmt.Errorf("it is %s: %w", told(tx), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resolved = append(c.resolved, time.Since(answered))
	return nil
}

// count notes who has created the order.
func (c *cutter) count(tx api.Transaction, created bool) {
	charged := 0
	for _, a := range tx.Attempts {
		for _, h := range []*house{c.house, c.second} {
			if h.charged(a.Ref) {
				charged++
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if created {
		c.created++
	}
	if charged > 1 {
		c.twice++
	}
}
