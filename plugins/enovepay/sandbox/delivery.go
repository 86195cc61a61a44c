package sandbox

import (
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	laneCount        = 8
	deliveryTimeout  = 5 * time.Second
	receiverReadMax  = 64 << 10
	jsonType         = "application/json"
	notifierIdleConn = 16
)

// Notification is one try of a webhook.
type Notification struct {
	// Ref is the merchant's reference of the transaction.
	Ref    string `json:"ref"`
	URL    string `json:"url"`
	Method string `json:"method"`
	// Status is the receiver's answer, 0 when none came.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
	// Attempt counts from 1; a repetition has the next number.
	Attempt int       `json:"attempt"`
	Token   TokenKind `json:"token"`
	// Message is the status word that the webhook is about, for reading.
	Message string `json:"message"`
}

// delivery is a webhook under way.
type delivery struct {
	ref, url, kind, body string
	word                 string
	token                TokenKind
	bearer               string
	tries                int
	repeats              bool
}

// lane carries deliveries one after the other, so that those of one transaction
// keep their order while a slow receiver of another does not stop them.
type lane struct {
	waiting []*delivery
	running bool
}

func (s *Server) notifier() *http.Client {
	carrier := s.options.Transport
	if carrier == nil {
		s.own = &http.Transport{MaxIdleConnsPerHost: notifierIdleConn}
		carrier = s.own
	}
	return &http.Client{
		Transport:     carrier,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dispatch hands a delivery to its lane. The caller holds the lock.
func (s *Server) dispatch(sent *delivery) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(sent.ref))
	chosen := &s.lanes[hash.Sum32()%laneCount]
	chosen.waiting = append(chosen.waiting, sent)
	s.carrying++
	if !chosen.running {
		chosen.running = true
		go s.carry(chosen)
	}
}

// carry empties a lane and ends.
func (s *Server) carry(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(l.waiting) > 0 {
		next := l.waiting[0]
		l.waiting = l.waiting[1:]
		s.mu.Unlock()
		s.deliver(next)
		s.mu.Lock()
		s.carrying--
		s.idle.Broadcast()
	}
	l.running = false
}

// carryNow delivers once and returns what was tried. Close waits for it.
func (s *Server) carryNow(sent *delivery) Notification {
	s.mu.Lock()
	s.carrying++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.carrying--
		s.idle.Broadcast()
		s.mu.Unlock()
	}()
	return s.deliver(sent)
}

func (s *Server) awaitIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.carrying > 0 {
		s.idle.Wait()
	}
}

// deliver tries a delivery once, writes the try down and plans the next one.
// The lock is not held.
func (s *Server) deliver(sent *delivery) Notification {
	s.mu.Lock()
	epoch, at := s.epoch, s.clock.now()
	sent.tries++
	s.mu.Unlock()

	tried := Notification{
		Ref: sent.ref, URL: sent.url, Method: http.MethodPost, At: at.UTC(),
		Attempt: sent.tries, Token: sent.token, Message: sent.word, Status: s.post(sent),
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch || s.closed {
		return tried
	}
	s.notified = append(s.notified, tried)
	if tried.Status < 200 || tried.Status > 299 {
		s.repeat(sent, at)
	}
	return tried
}

// repeat plans the next try after 30 s, 2 m, 10 m and 1 h. The caller holds the lock.
func (s *Server) repeat(sent *delivery, at time.Time) {
	pauses := []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	if !sent.repeats || sent.tries > len(pauses) {
		return
	}
	s.at(at.Add(pauses[sent.tries-1]), func() *delivery { return sent })
}

// post sends the webhook and returns the receiver's answer, 0 where none came.
func (s *Server) post(sent *delivery) int {
	ctx, cancel := context.WithTimeout(s.done, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sent.url, strings.NewReader(sent.body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", sent.kind)
	req.Header.Set("User-Agent", "EnovePay-Sandbox/1.0")
	if sent.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+sent.bearer)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, receiverReadMax))
	_ = resp.Body.Close()
	return resp.StatusCode
}
