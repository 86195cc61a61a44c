package sandboxkit

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	laneCount        = 8
	receiverReadMax  = 64 << 10 // bytes
	notifierIdleConn = 16
	// notifyTimesMax bounds what one Notify sends.
	notifyTimesMax = 1000
)

// Delivery is a notification.
type Delivery struct {
	// Ref is the merchant's reference of what it is about. Deliveries with the same
	// one keep their order.
	Ref string
	// Word is the status that it tells, and Proof how it is signed, for the ledger.
	Word, Proof string
	// Requests are sent one after the other. One that is not answered with 2xx is
	// the last.
	Requests []Request
	// Once says that it is not tried again.
	Once bool
}

// Request is a request of a Delivery.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// Try is a Request as it went.
type Try struct {
	// Ref, Word and Proof are those of the Delivery.
	Ref, Word, Proof string
	Method, URL      string
	// At is when the attempt began, on the sandbox clock.
	At time.Time
	// Attempt counts from 1; a repetition has the next number.
	Attempt int
	// Status is the receiver's answer, 0 when none came.
	Status int
}

func (t Try) refused() bool { return t.Status < 200 || t.Status > 299 }

// parcel is a Delivery under way.
type parcel struct {
	Delivery
	attempts int
}

// lane carries parcels one after the other, so that those of one reference keep
// their order while a slow receiver of another does not stop them.
type lane struct {
	waiting []*parcel
	running bool
}

func (s *Stage) notifier() *http.Client {
	carrier := s.setup.Transport
	if carrier == nil {
		s.own = &http.Transport{MaxIdleConnsPerHost: notifierIdleConn}
		carrier = s.own
	}
	return &http.Client{
		Transport: carrier,
		// The answer is the one of the address itself.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Post plans a delivery, behind what is already due at that time. The caller
// holds the lock.
func (s *Stage) Post(delay time.Duration, d Delivery) {
	s.plan(&event{due: s.Now().Add(delay), parcel: &parcel{Delivery: d}})
}

// Deliver tries a delivery now and returns what was tried. Close waits for it.
// The lock is not held.
func (s *Stage) Deliver(d Delivery) []Try {
	s.mu.Lock()
	s.carrying++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.carrying--
		s.idle.Broadcast()
		s.mu.Unlock()
	}()
	return s.deliver(&parcel{Delivery: d})
}

// Notify delivers what claim makes, so many times and each one once, and returns
// what was tried. Zero times are one; for less than that, or more than 1000, it
// returns ErrUnknownAction. An error of claim ends it. Claim is called with the
// lock held, which the caller does not hold.
func (s *Stage) Notify(times int, claim func() (Delivery, error)) ([]Try, error) {
	if times < 0 || times > notifyTimesMax {
		return nil, fmt.Errorf("sandbox: %w: times %d: give 1 to %d", ErrUnknownAction, times, notifyTimesMax)
	}
	var tries []Try
	for range max(times, 1) {
		s.Lock()
		claimed, err := claim()
		s.Unlock()
		if err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		claimed.Once = true
		tries = append(tries, s.Deliver(claimed)...)
	}
	return tries, nil
}

// dispatch hands a parcel to its lane. The caller holds the lock.
func (s *Stage) dispatch(sent *parcel) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(sent.Ref))
	chosen := &s.lanes[hash.Sum32()%laneCount]
	chosen.waiting = append(chosen.waiting, sent)
	s.carrying++
	if !chosen.running {
		chosen.running = true
		go s.carry(chosen)
	}
}

// carry empties a lane and ends.
func (s *Stage) carry(l *lane) {
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

func (s *Stage) awaitIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.carrying > 0 {
		s.idle.Wait()
	}
}

// deliver makes one attempt, writes it down and plans the next one. It returns
// what was tried. The lock is not held.
func (s *Stage) deliver(sent *parcel) []Try {
	s.mu.Lock()
	epoch, at := s.epoch, s.Now()
	sent.attempts++
	s.mu.Unlock()

	tries := s.attempt(sent, at)

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch || s.closed {
		return tries
	}
	s.tries = append(s.tries, tries...)
	again := !sent.Once && sent.attempts <= len(s.setup.Pauses)
	if again && slices.ContainsFunc(tries, Try.refused) {
		s.plan(&event{due: at.Add(s.setup.Pauses[sent.attempts-1]), parcel: sent})
	}
	return tries
}

// attempt sends the requests until one is not taken.
func (s *Stage) attempt(sent *parcel, at time.Time) []Try {
	ctx, cancel := context.WithTimeout(s.done, s.setup.Patience)
	defer cancel()
	var tries []Try
	for _, request := range sent.Requests {
		try := Try{
			Ref: sent.Ref, Word: sent.Word, Proof: sent.Proof, Method: request.Method, URL: request.URL,
			At: at, Attempt: sent.attempts, Status: s.exchange(ctx, request),
		}
		tries = append(tries, try)
		if try.refused() {
			break
		}
	}
	return tries
}

// exchange sends a request and returns the receiver's status, 0 when none came.
func (s *Stage) exchange(ctx context.Context, request Request) int {
	req, err := http.NewRequestWithContext(ctx, request.Method, request.URL, bytes.NewReader(request.Body))
	if err != nil {
		return 0
	}
	for name, values := range request.Header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", s.setup.UserAgent)
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, receiverReadMax))
	_ = resp.Body.Close()
	return resp.StatusCode
}
