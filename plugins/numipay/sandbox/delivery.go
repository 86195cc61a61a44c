package sandbox

import (
	"bytes"
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"time"
)

const (
	laneCount        = 8
	deliveryTimeout  = 10 * time.Second
	receiverReadMax  = 64 << 10
	notifierIdleConn = 16
	// A webhook that is not answered with 2xx is repeated at this pace, and
	// tried so often in all.
	repeatPause = 5 * time.Minute
	triesMax    = 15
)

// Notification is one webhook as it was tried.
type Notification struct {
	// Ref is the tracking_id of the transaction.
	Ref string `json:"ref"`
	URL string `json:"url"`
	// Word is the status that it told.
	Word string `json:"word"`
	// Status is the receiver's answer, 0 when none came.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
	// Attempt counts from 1; a repetition has the next number.
	Attempt   int           `json:"attempt"`
	Signature SignatureKind `json:"signature"`
}

// delivery is a webhook under way.
type delivery struct {
	ref, url, word string
	body           []byte
	kind           SignatureKind
	signature      string
	tries          int
	repeats        bool
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

// deliver tries a delivery once, writes the try down and plans the next one. It
// returns what was tried. The lock is not held.
func (s *Server) deliver(sent *delivery) Notification {
	s.mu.Lock()
	epoch, at := s.epoch, s.clock.now()
	sent.tries++
	s.mu.Unlock()

	tried := Notification{
		Ref: sent.ref, URL: sent.url, Word: sent.word, At: at.UTC(), Attempt: sent.tries, Signature: sent.kind,
		Status: s.try(sent),
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch || s.closed {
		return tried
	}
	s.notified = append(s.notified, tried)
	taken := tried.Status >= 200 && tried.Status <= 299
	if sent.repeats && !taken && sent.tries < triesMax {
		s.at(at.Add(repeatPause), func() *delivery { return sent })
	}
	return tried
}

// try posts the webhook and returns the receiver's status, 0 when none came.
func (s *Server) try(sent *delivery) int {
	ctx, cancel := context.WithTimeout(s.done, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sent.url, bytes.NewReader(sent.body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Numipay-Sandbox/1.0")
	if sent.signature != "" {
		req.Header.Set("x-signature", sent.signature)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, receiverReadMax))
	_ = resp.Body.Close()
	return resp.StatusCode
}
