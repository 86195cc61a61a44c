package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dawn is when the clock of most tests stands still, so that only Advance moves it.
func dawn() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// shop is a merchant with a sandbox and a receiver of webhooks.
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
	server := sandbox.New(options)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	s := &shop{Server: server, t: t, receiver: newReceiver(t), client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// receiver records the webhooks, and answers status or 200.
type receiver struct {
	url    string
	mu     sync.Mutex
	status int
	heard  []heard
}

type heard struct{ body, kind, bearer string }

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, heard{string(body), req.Header.Get("Content-Type"), req.Header.Get("Authorization")})
	if r.status != 0 {
		w.WriteHeader(r.status)
	}
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) posts() []heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]heard{}, r.heard...)
}

// reply is an answer of the sandbox, read as far as it could be.
type reply struct {
	status int
	header http.Header
	text   string
	err    error
}

func (s *shop) call(method, path string, body any) reply {
	s.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			s.t.Fatal(err)
		}
	}
	return s.raw(method, path, string(text), sandbox.APIToken)
}

func (s *shop) raw(method, path, body, token string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	read, err := io.ReadAll(resp.Body)
	if err := resp.Body.Close(); err != nil {
		s.t.Error(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, text: string(read), err: err}
}

// order is a collection that passes, to a phone with the ending.
func (s *shop) order(ref, ends string) map[string]any {
	return map[string]any{
		"reference_number": ref, "amount": 1000, "currency": "XOF", "country": "CI", "network": "ORANGE",
		"msisdn": "2250707123" + ends, "callback_url": s.receiver.url, "description": "Basket", "customer_name": "Aya Koné",
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

// create makes a collection and returns the transaction's id.
func (s *shop) create(ref, ends string) string {
	s.t.Helper()
	got := s.call(http.MethodPost, "/v1/collections", s.order(ref, ends))
	if got.status != http.StatusOK || got.field("transaction_status") != "Credit In Progress" {
		s.t.Fatalf("collect: HTTP %d, %s", got.status, got.text)
	}
	return got.field("transaction_id")
}

func (s *shop) status(ref string) reply {
	s.t.Helper()
	return s.call(http.MethodGet, "/v1/transactions?reference_number="+ref, nil)
}

func (s *shop) row(ref string) sandbox.Transaction {
	s.t.Helper()
	row, ok := s.Transaction(ref)
	if !ok {
		s.t.Fatalf("no transaction %q in the ledger", ref)
	}
	return row
}

// field is a field of the answer as text, numbers as they were written.
func (r reply) field(name string) string {
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.text)))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return ""
	}
	switch told := object[name].(type) {
	case string:
		return told
	case json.Number:
		return told.String()
	case bool:
		return map[bool]string{true: "true", false: "false"}[told]
	}
	return ""
}

func (r reply) code() string { return r.field("status_code") }

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error: want %v, got %v", want, got)
	}
}
