package sandbox_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dawn is when the clock of most tests stands still, so that only Advance moves it.
func dawn() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// shop is a merchant with a sandbox and a receiver of webhooks.
type shop struct {
	*sandbox.Server
	t      *testing.T
	client *http.Client
	hook   string

	mu     sync.Mutex
	answer int
	heard  []heard
}

// heard is a webhook as it came.
type heard struct{ body, signature string }

func open(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = dawn
	}
	server := sandbox.New(options)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	s := &shop{Server: server, t: t, answer: http.StatusOK, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	receiver := httptest.NewServer(s)
	s.hook = receiver.URL + "/hook"
	t.Cleanup(receiver.Close)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ServeHTTP records the webhooks that come.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, heard{string(body), r.Header.Get("X-Signature")})
	w.WriteHeader(s.answer)
}

func (s *shop) webhooks() []heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]heard{}, s.heard...)
}

// words are the statuses that the webhooks told.
func (s *shop) words() []string {
	words := []string{}
	for _, one := range s.webhooks() {
		var told struct{ Status string }
		if err := json.Unmarshal([]byte(one.body), &told); err != nil {
			s.t.Errorf("%v: %s", err, one.body)
		}
		words = append(words, told.Status)
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

// field is a text field of the answer.
func (r reply) field(name string) string {
	var object map[string]any
	if json.Unmarshal([]byte(r.text), &object) != nil {
		return ""
	}
	text, _ := object[name].(string)
	return text
}

func (s *shop) call(method, path, key, body string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", key)
	resp, err := s.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	text, err := io.ReadAll(resp.Body)
	if err := resp.Body.Close(); err != nil {
		s.t.Error(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, text: string(text), err: err}
}

func (s *shop) post(path, body string) reply {
	s.t.Helper()
	return s.call(http.MethodPost, path, sandbox.DevKey, body)
}

func (s *shop) get(path string) reply {
	s.t.Helper()
	return s.call(http.MethodGet, path, sandbox.DevKey, "")
}

// order is a request that passes, changed; a nil takes the field out.
func (s *shop) order(ref, amount string, changes map[string]any) string {
	fields := map[string]any{
		"tracking_id": ref, "user_id": "a&b<c>/é", "currency": "EUR", "amount": amount,
		"redirect_url": s.hook + "/back", "webhook_url": s.hook,
	}
	maps.Copy(fields, changes)
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
	text, err := json.Marshal(map[string]any{"request": fields})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// create makes a payment and returns the path of its page.
func (s *shop) create(ref, amount string) string {
	s.t.Helper()
	got := s.post("/payments/hosted", s.order(ref, amount, nil))
	if got.status != http.StatusOK {
		s.t.Fatalf("hosted: HTTP %d, %s", got.status, got.text)
	}
	return strings.TrimPrefix(got.field("url"), s.URL())
}

func (s *shop) payout(ref, amount string) {
	s.t.Helper()
	if got := s.post("/payouts", s.order(ref, amount, nil)); got.status != http.StatusOK {
		s.t.Fatalf("payout: HTTP %d, %s", got.status, got.text)
	}
}

func (s *shop) inject(fault sandbox.Fault) {
	s.t.Helper()
	if err := s.Inject(fault); err != nil {
		s.t.Fatal(err)
	}
}

// word is what status tells.
func (s *shop) word(ref string) string {
	s.t.Helper()
	return s.get("/transactions/" + ref).field("transaction_status")
}

func (s *shop) row(ref string) sandbox.Transaction {
	s.t.Helper()
	row, ok := s.Transaction(ref)
	if !ok {
		s.t.Fatalf("no transaction %q in the ledger", ref)
	}
	return row
}
