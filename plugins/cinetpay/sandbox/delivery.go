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
	formType         = "application/x-www-form-urlencoded"
	notifierIdleConn = 16
)

// Notification is one request of the sandbox to a notify_url: a GET that asks
// whether it answers, or the POST that tells.
type Notification struct {
	// Ref is the merchant's id of the payment or transfer.
	Ref    string `json:"ref"`
	URL    string `json:"url"`
	Method string `json:"method"`
	// Status is the receiver's answer, 0 when none came.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
	// Attempt counts from 1; a repetition has the next number.
	Attempt int `json:"attempt"`
	// Token is the kind of x-token, empty for transfers, which are unsigned.
	Token TokenKind `json:"token,omitempty"`
	// Message is cpm_error_message or treatment_status, for reading.
	Message string `json:"message,omitempty"`
}

// delivery is a notification under way.
type delivery struct {
	ref     string
	url     string
	form    []field
	kind    TokenKind
	token   string
	tries   int
	repeats bool
}

// lane carries deliveries one after the other, so that those of one payment
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
		Transport: carrier,
		// CinetPay wants a 200 from the address itself.
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
func (s *Server) carryNow(sent *delivery) []Notification {
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
// It returns what was tried. The lock is not held.
func (s *Server) deliver(sent *delivery) []Notification {
	s.mu.Lock()
	epoch, at := s.epoch, s.clock.now()
	sent.tries++
	s.mu.Unlock()

	tried := s.try(sent, at.UTC())

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch || s.closed {
		return tried
	}
	s.notified = append(s.notified, tried...)
	if !succeeded(tried) {
		s.repeat(sent, at)
	}
	return tried
}

func succeeded(tried []Notification) bool {
	last := tried[len(tried)-1]
	return last.Method == http.MethodPost && last.Status >= 200 && last.Status <= 299
}

// repeat plans the next try after 30 s, 2 m and 10 m. The caller holds the lock.
func (s *Server) repeat(sent *delivery, at time.Time) {
	pauses := []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	if !sent.repeats || sent.tries > len(pauses) {
		return
	}
	s.at(at.Add(pauses[sent.tries-1]), func() *delivery { return sent })
}

// try sends the GET that asks and, when it is answered well, the POST.
func (s *Server) try(sent *delivery, at time.Time) []Notification {
	ctx, cancel := context.WithTimeout(s.done, deliveryTimeout)
	defer cancel()
	ping := Notification{Ref: sent.ref, URL: sent.url, Method: http.MethodGet, At: at, Attempt: sent.tries}
	ping.Status = s.ask(ctx, sent.url)
	if ping.Status < 200 || ping.Status > 299 {
		return []Notification{ping}
	}
	told := ping
	told.Method, told.Token, told.Message = http.MethodPost, sent.kind, sent.message()
	told.Status = s.tell(ctx, sent)
	return []Notification{ping, told}
}

func (d *delivery) message() string {
	for _, f := range d.form {
		if f.name == "cpm_error_message" || f.name == "treatment_status" {
			return f.value
		}
	}
	return ""
}

func (s *Server) ask(ctx context.Context, to string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
	if err != nil {
		return 0
	}
	return s.exchange(req)
}

func (s *Server) tell(ctx context.Context, sent *delivery) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sent.url, strings.NewReader(encode(sent.form)))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", formType)
	if sent.token != "" {
		req.Header.Set("x-token", sent.token)
	}
	return s.exchange(req)
}

func (s *Server) exchange(req *http.Request) int {
	req.Header.Set("User-Agent", "CinetPay-Sandbox/1.0")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, receiverReadMax))
	_ = resp.Body.Close()
	return resp.StatusCode
}
