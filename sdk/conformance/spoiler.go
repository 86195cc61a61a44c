package conformance

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// hugeBytes is more than a plugin should read of an answer.
const hugeBytes = 2 << 20

// lost passes the request on and cuts the connection in place of the answer.
func lost(_ http.ResponseWriter, _ *http.Request, pass func() reply) {
	pass()
	panic(http.ErrAbortHandler)
}

// instead passes the request on and answers something else.
func instead(change func(reply) reply) spoiler {
	return func(w http.ResponseWriter, _ *http.Request, pass func() reply) { change(pass()).write(w) }
}

// garbage is what a broken server in front of the provider says.
func garbage(status int) spoiler {
	return instead(func(reply) reply {
		return reply{status, http.Header{"Content-Type": {"text/html"}}, []byte("<html>\x00\xff<b>Service temporarily unavailable")}
	})
}

// empty has the header of the answer and nothing else.
func empty(a reply) reply { return reply{a.status, nil, nil} }

// half is the first half of the answer, as if it were all of it.
func half(a reply) reply { return reply{a.status, a.header, a.body[:len(a.body)/2]} }

// huge is the answer with very much white space behind it.
func huge(a reply) reply {
	return reply{a.status, a.header, append(bytes.Clone(a.body), bytes.Repeat([]byte(" "), hugeBytes)...)}
}

// cutAt sends the header and part of the body, and cuts the connection.
func cutAt(part func(whole int) int) spoiler {
	return func(w http.ResponseWriter, _ *http.Request, pass func() reply) {
		a := pass()
		w.Header().Set("Content-Type", a.header.Get("Content-Type"))
		w.Header().Set("Content-Length", strconv.Itoa(max(1, len(a.body))))
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body[:part(len(a.body))])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// noHTTP answers what is no HTTP at all.
func noHTTP(w http.ResponseWriter, _ *http.Request, pass func() reply) {
	pass()
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = buffered.WriteString("\x00\xffSSH-2.0-nobody\r\n\r\n")
	_ = buffered.Flush()
	_ = conn.Close()
}

// echoing answers an error page that repeats the request, its headers included.
func echoing(status int) spoiler {
	return func(w http.ResponseWriter, r *http.Request, pass func() reply) {
		pass()
		text, err := json.Marshal(map[string]any{
			"message": "cannot handle " + r.Method + " " + r.URL.RequestURI(), "headers": r.Header,
		})
		if err != nil {
			text = nil
		}
		reply{status, http.Header{"Content-Type": {"application/json"}}, text}.write(w)
	}
}

// holder passes requests on and keeps the answers back.
type holder struct {
	held    chan struct{} // One for each request that is held.
	release chan struct{}
	once    sync.Once

	mu   sync.Mutex
	gone int // Requests whose plugin went away.
}

func newHolder() *holder {
	return &holder{held: make(chan struct{}, 1024), release: make(chan struct{})}
}

func (h *holder) spoil(w http.ResponseWriter, r *http.Request, pass func() reply) {
	answer := pass()
	h.held <- struct{}{}
	select {
	case <-h.release:
		answer.write(w)
	case <-r.Context().Done():
		h.mu.Lock()
		defer h.mu.Unlock()
		h.gone++
	}
}

// let answers everything that is held.
func (h *holder) let() { h.once.Do(func() { close(h.release) }) }

// left returns how many plugins went away.
func (h *holder) left() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gone
}
