// Package sandboxtest is for the tests of sandboxes: a client that tells what it
// saw, and a receiver of notifications that can refuse them and hold them up.
package sandboxtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// withinMax is how long Within waits; far less is needed.
const withinMax = 10 * time.Second

// Dawn is a base clock that stands still, so that only Advance moves a sandbox's.
func Dawn() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// Server is a sandbox.
type Server interface {
	Start() error
	URL() string
	Close() error
}

// Client calls a sandbox. It follows no redirect.
type Client struct {
	// HTTP may be changed before a call.
	HTTP *http.Client
	t    *testing.T
	root string
}

// Open starts a sandbox, which is closed when the test ends, and returns a client
// of it. No connection is used twice, because net/http repeats a call on one that
// broke.
func Open(t *testing.T, server Server) *Client {
	t.Helper()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Client{t: t, root: server.URL(), HTTP: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Reply is an answer, read as far as it could be.
type Reply struct {
	Status int
	Header http.Header
	Text   string
	// Err says why there is no answer, or not all of it.
	Err error
}

// Do makes a call to a path of the sandbox.
func (c *Client) Do(method, path, body string, header http.Header) Reply {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.root+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return Reply{Err: err}
	}
	text, err := io.ReadAll(resp.Body)
	if err := resp.Body.Close(); err != nil {
		c.t.Error(err)
	}
	return Reply{resp.StatusCode, resp.Header, string(text), err}
}

// Heard is a request as it came to a Receiver.
type Heard struct {
	Method, Path, Body string
	Header             http.Header
}

// Receiver takes notifications and remembers them.
type Receiver struct {
	URL string

	mu     sync.Mutex
	status map[string]int
	held   map[string]chan struct{}
	heard  []Heard
}

// NewReceiver returns a receiver that answers 200, until the test ends.
func NewReceiver(t *testing.T) *Receiver {
	t.Helper()
	r := &Receiver{status: map[string]int{}, held: map[string]chan struct{}{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// ServeHTTP remembers a request and answers it.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body) // what came of a body that is cut is what was heard
	r.mu.Lock()
	r.heard = append(r.heard, Heard{req.Method, req.URL.Path, string(body), req.Header})
	status, held := r.status[req.Method], r.held[req.URL.Path]
	r.mu.Unlock()
	if held != nil {
		<-held
	}
	if status != 0 {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}
}

// Answer changes the answer to requests of a method.
func (r *Receiver) Answer(method string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status[method] = status
}

// Hold lets requests to a path wait until release is called, which must be before
// the test ends.
func (r *Receiver) Hold(path string) (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	held := make(chan struct{})
	r.held[path] = held
	return sync.OnceFunc(func() { close(held) })
}

// Heard returns the requests that came, in their order.
func (r *Receiver) Heard() []Heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Heard{}, r.heard...)
}

// Within polls until done, for what only real time brings. It ends the test when
// that takes 10 seconds.
func Within(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(withinMax)
	defer deadline.Stop()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !done() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatal("timed out: " + what)
		}
	}
}
