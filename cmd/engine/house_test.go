package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// house is the provider of the plugin teller, and its own book: the only truth
// about what was created. Set its fields before it is asked for anything.
type house struct {
	*httptest.Server
	// answer answers a create call that was received whole; nil is the usual answer.
	answer func(w http.ResponseWriter, r *http.Request, said slip)
	// barren says that a create call creates nothing, whatever is answered.
	barren bool
	// first is the status of what is created; usually a payment is open and a payout working.
	first string

	mu      sync.Mutex
	entries map[string]*entry
	// trouble answers every call but a create call, until it is nil again; troubled counts its answers.
	trouble  http.HandlerFunc
	troubled int
}

// entry is what the house knows of one reference.
type entry struct {
	slip
	// calls are the create calls as they came; created says that one created something.
	calls   []createCall
	created bool
	// asked counts the questions.
	asked int
}

type createCall struct{ key, body, peer string }

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{entries: map[string]*entry{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /payments", h.create)
	mux.HandleFunc("POST /payouts", h.create)
	mux.HandleFunc("GET /status/{ref}", h.unless(h.status))
	for path, status := range map[string]string{"/cancel": "canceled", "/approve": "working", "/reject": "canceled"} {
		mux.HandleFunc("POST "+path, h.unless(func(_ http.ResponseWriter, r *http.Request) {
			var said slip
			if json.NewDecoder(r.Body).Decode(&said) == nil && h.entry(said.Reference).Status != "paid" {
				h.settle(said.Reference, status)
			}
		}))
	}
	h.Server = httptest.NewUnstartedServer(mux)
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.Start()
	t.Cleanup(h.Close)
	return h
}

func (h *house) create(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var said slip
	if err != nil || json.Unmarshal(body, &said) != nil {
		return // Half a request creates nothing.
	}
	h.mu.Lock()
	e := h.find(said.Reference)
	if len(e.calls) == 0 {
		e.slip = said
	}
	e.calls = append(e.calls, createCall{r.Header.Get("Idempotency-Key"), string(body), r.RemoteAddr})
	if !h.barren && !e.created {
		e.created = true // The key is known from now on: the same again creates nothing.
		usual := map[string]string{"/payments": "open", "/payouts": "working"}[r.URL.Path]
		e.ID, e.Status, e.URL = "house-"+said.Reference, cmp.Or(h.first, usual), "https://house.example/pay"
	}
	said = e.slip
	h.mu.Unlock()
	if h.answer != nil {
		h.answer(w, r, said)
		return
	}
	tell(w, http.StatusCreated, said)
}

func tell(w http.ResponseWriter, status int, said slip) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said)
}

func (h *house) unless(usual http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		trouble := h.trouble
		if trouble != nil {
			h.troubled++
		}
		h.mu.Unlock()
		if trouble != nil {
			_, _ = io.Copy(io.Discard, r.Body) // Else nobody notices that the client is gone.
			trouble(w, r)
			return
		}
		usual(w, r)
	}
}

func (h *house) setTrouble(trouble http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trouble = trouble
}

// find returns the entry of a reference, a new one for what nobody asked for yet.
// The caller holds the lock.
func (h *house) find(ref string) *entry {
	e, known := h.entries[ref]
	if !known {
		e = &entry{}
		h.entries[ref] = e
	}
	return e
}

// troubles counts the answers that were trouble.
func (h *house) troubles() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.troubled
}

// size counts the references that are known.
func (h *house) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.entries)
}

func (h *house) status(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	e := h.find(r.PathValue("ref"))
	e.asked++
	said, known := e.slip, e.created
	h.mu.Unlock()
	if !known {
		tell(w, http.StatusNotFound, slip{Code: "not_found"})
		return
	}
	tell(w, http.StatusOK, said)
}

// settle changes the status of what was created.
func (h *house) settle(ref, status string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e, ok := h.entries[ref]; ok && e.created {
		e.Status = status
	}
}

// entry returns what is known of a reference, the zero value for nothing.
func (h *house) entry(ref string) entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e, ok := h.entries[ref]; ok {
		return *e
	}
	return entry{}
}

// charged reports whether the reference was created and is not refused.
func (h *house) charged(ref string) bool {
	e := h.entry(ref)
	return e.created && e.Status != "declined" && e.Status != "stolen"
}

// The addresses below have no provider behind them.

// nobodyListens refuses connections.
func nobodyListens(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// nobodyAccepts lets every connection wait: its queue is full.
func nobodyAccepts(t *testing.T) string {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) })
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(socket, 0); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(bound.(*syscall.SockaddrInet4).Port))
	for range 16 {
		conn, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return "http://" + address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue of a socket without room is never full")
	return ""
}

// unknownAuthority has a certificate that nobody signed.
func unknownAuthority(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// noTLS speaks no TLS where the client expects it.
func noTLS(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http:", "https:", 1)
}

// raw serves each connection with serve, and closes it with a reset.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				serve(conn)
				reset(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return "http://" + listener.Addr().String()
}

// reset closes a connection so that the other side sees a reset.
func reset(conn net.Conn) {
	if socket, ok := conn.(*net.TCPConn); ok {
		_ = socket.SetLinger(0)
	}
	_ = conn.Close()
}

// hangUp ends the connection of a request without an answer.
func hangUp(how func(net.Conn)) func(http.ResponseWriter, *http.Request, slip) {
	return func(w http.ResponseWriter, _ *http.Request, _ slip) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			how(conn)
		}
	}
}

// refusing answers a status with a code, and creates nothing.
func refusing(status int, code string) func(http.ResponseWriter, *http.Request, slip) {
	return func(w http.ResponseWriter, _ *http.Request, _ slip) {
		w.Header().Set("Retry-After", "1")
		tell(w, status, slip{Code: code})
	}
}

// answering answers 201 with text.
func answering(text string) func(http.ResponseWriter, *http.Request, slip) {
	return func(w http.ResponseWriter, _ *http.Request, _ slip) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, text)
	}
}

// saying answers the usual with a change.
func saying(change func(*slip)) func(http.ResponseWriter, *http.Request, slip) {
	return func(w http.ResponseWriter, _ *http.Request, said slip) {
		change(&said)
		tell(w, http.StatusCreated, said)
	}
}
