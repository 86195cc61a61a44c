package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dawn is when the clock of most tests stands still, so that only Advance moves it.
func dawn() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// shop is a merchant with a sandbox and a receiver of notifications.
type shop struct {
	*sandbox.Server
	t        *testing.T
	client   *http.Client
	receiver *receiver
}

func open(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = dawn
	}
	return openReal(t, options)
}

// openReal is open on the clock of the options, which may be the real one.
func openReal(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	server := sandbox.New(options)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	s := &shop{Server: server, t: t, receiver: newReceiver(t), client: &http.Client{
		Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// receiver records what comes to a notify_url.
type receiver struct {
	url    string
	mu     sync.Mutex
	status map[string]int // answer by method, 200 where absent
	heard  []heard
}

type heard struct {
	method, body, kind, token string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: map[string]int{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, heard{req.Method, string(body), req.Header.Get("Content-Type"), req.Header.Get("X-Token")})
	if status := r.status[req.Method]; status != 0 {
		w.WriteHeader(status)
	}
}

func (r *receiver) answer(method string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status[method] = status
}

func (r *receiver) posts() []heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	var posts []heard
	for _, h := range r.heard {
		if h.method == http.MethodPost {
			posts = append(posts, h)
		}
	}
	return posts
}

func (r *receiver) methods() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var methods []string
	for _, h := range r.heard {
		methods = append(methods, h.method)
	}
	return methods
}

// words are what the notifications say of the state.
func (r *receiver) words() []string {
	words := []string{}
	for _, post := range r.posts() {
		form, _ := url.ParseQuery(post.body)
		words = append(words, form.Get("cpm_error_message")+form.Get("treatment_status"))
	}
	return words
}

// reply is an answer of the sandbox, read as far as it could be.
type reply struct {
	status int
	header http.Header
	text   string
	err    error
}

func (s *shop) do(req *http.Request) reply {
	s.t.Helper()
	if _, set := req.Header["User-Agent"]; !set {
		req.Header.Set("User-Agent", "Paymux/1.0")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	body, err := io.ReadAll(resp.Body)
	if err := resp.Body.Close(); err != nil {
		s.t.Error(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, text: string(body), err: err}
}

func (s *shop) request(method, path, kind, body string) *http.Request {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req
}

// post sends a JSON body.
func (s *shop) post(path string, body any) reply {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(s.request(http.MethodPost, path, "application/json", string(text)))
}

// order is an init request that passes.
func (s *shop) order(ref string, amount int64) map[string]any {
	return map[string]any{
		"apikey": sandbox.APIKey, "site_id": sandbox.SiteID, "transaction_id": ref, "amount": amount,
		"currency": "XOF", "description": "Réabonnement café", "channels": "ALL", "lang": "fr",
		"metadata": "cmVmPTQy", "notify_url": s.receiver.url + "/hook", "return_url": s.receiver.url + "/back",
	}
}

func with(body map[string]any, changes map[string]any) map[string]any {
	changed := maps.Clone(body)
	for name, value := range changes {
		if value == nil {
			delete(changed, name)
			continue
		}
		changed[name] = value
	}
	return changed
}

// create makes a payment and returns the path of its page.
func (s *shop) create(ref string, amount int64) (pagePath string) {
	s.t.Helper()
	got := s.post("/v2/payment", s.order(ref, amount))
	if got.status != http.StatusOK || got.code() != "201" {
		s.t.Fatalf("init: HTTP %d, %s", got.status, got.text)
	}
	return strings.TrimPrefix(got.data()["payment_url"].(string), s.URL())
}

func (s *shop) check(ref string) reply {
	s.t.Helper()
	return s.post("/v2/payment/check", map[string]any{
		"apikey": sandbox.APIKey, "site_id": sandbox.SiteID, "transaction_id": ref,
	})
}

func (s *shop) payment(ref string) sandbox.Payment {
	s.t.Helper()
	row, ok := s.Payment(ref)
	if !ok {
		s.t.Fatalf("no payment %q in the ledger", ref)
	}
	return row
}

// object is the answer as a JSON object with exact numbers.
func (r reply) object() map[string]any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.text)))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	return object
}

// code is the code of the answer, written as it came: 0 and "00" differ.
func (r reply) code() string { return word(r.object()["code"]) }

func (r reply) message() string { return word(r.object()["message"]) }

func (r reply) data() map[string]any {
	data, _ := r.object()["data"].(map[string]any)
	return data
}

func word(value any) string {
	switch told := value.(type) {
	case string:
		return told
	case json.Number:
		return told.String()
	}
	return ""
}

// within polls until done, for what only real time brings.
func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
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

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error: want %v, got %v", want, got)
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// jsonText is a number written so and not otherwise.
func jsonText(text string) json.RawMessage { return json.RawMessage(text) }
