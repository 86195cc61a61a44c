package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// throughMax bounds a request and an answer that go through the proxy, in bytes.
	throughMax = 4 << 20
	// passTimeout bounds the sandbox's answer.
	passTimeout = 30 * time.Second
)

// exchange is a request of the plugin, and what the sandbox answered to it.
type exchange struct {
	method, path, query string
	body                []byte
	reply               reply
}

// names reports whether the request has a text in its path, query or body.
func (e *exchange) names(text string) bool {
	return strings.Contains(e.path+"?"+e.query, text) || bytes.Contains(e.body, []byte(text))
}

// reply is an answer of the sandbox.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// spoiler answers a request in the sandbox's place. Pass makes the call at the
// sandbox and returns its answer.
type spoiler func(w http.ResponseWriter, r *http.Request, pass func() reply)

// proxy stands between the plugin and the sandbox. It remembers every request to
// the byte, and spoils the answers that it is told to.
type proxy struct {
	root     string // Of the sandbox.
	listener net.Listener
	server   *http.Server
	client   *http.Transport
	serving  sync.WaitGroup
	closed   net.Conn // Its near end is an address that refuses connections.

	mu    sync.Mutex
	seen  []*exchange
	fits  func(*exchange) bool
	spoil spoiler
}

func newProxy(root string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{root: root, listener: listener, client: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: passTimeout}
	// Serve returns when close ends it, so its error says nothing new.
	p.serving.Go(func() { _ = p.server.Serve(listener) })
	p.closed, err = net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return p, nil
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

// refusing is a root where every connection is refused: the port is in use by the
// near end of a connection, so that nobody else can begin to listen there.
func (p *proxy) refusing() string { return "http://" + p.closed.LocalAddr().String() }

func (p *proxy) close() {
	_ = p.closed.Close()
	_ = p.server.Close()
	p.serving.Wait()
}

// set spoils the answers to the requests that fit, until clear.
func (p *proxy) set(fits func(*exchange) bool, s spoiler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fits, p.spoil = fits, s
}

func (p *proxy) clear() { p.set(nil, nil) }

// mark is a place in what was seen so far, for since.
func (p *proxy) mark() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// since returns the requests that came after a mark.
func (p *proxy) since(mark int) []exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	var later []exchange
	for _, e := range p.seen[mark:] {
		later = append(later, *e)
	}
	return later
}

// ServeHTTP passes a request on, spoiled where it fits.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, throughMax))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	e := &exchange{method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, body: body}
	p.mu.Lock()
	p.seen = append(p.seen, e)
	spoil := p.spoil
	if spoil != nil && !p.fits(e) {
		spoil = nil
	}
	p.mu.Unlock()
	pass := func() reply { return p.pass(r, e) }
	if spoil == nil {
		pass().write(w)
		return
	}
	spoil(w, r, pass)
}

// pass makes the call at the sandbox, also when the plugin has gone meanwhile.
func (p *proxy) pass(r *http.Request, e *exchange) reply {
	got, err := p.forward(r, e.body)
	if err != nil {
		got = reply{status: http.StatusBadGateway, body: []byte("no answer of the sandbox")}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e.reply = got
	return got
}

func (p *proxy) forward(r *http.Request, body []byte) (reply, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), passTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, p.root+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Host, req.Header = r.Host, r.Header.Clone()
	req.Header.Del("Connection")
	resp, err := p.client.RoundTrip(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, throughMax))
	return reply{resp.StatusCode, resp.Header, text}, err
}

func (a reply) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "Content-Length" && name != "Connection" {
			w.Header()[name] = values
		}
	}
	if len(a.body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // A plugin that has gone needs no answer.
}
