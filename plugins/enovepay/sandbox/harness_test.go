package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a merchant with a sandbox and a receiver of webhooks.
type shop struct {
	*sandbox.Server
	t        *testing.T
	client   *sandboxtest.Client
	receiver receiver
}

func open(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = sandboxtest.Dawn
	}
	server := sandbox.New(options)
	return &shop{Server: server, t: t, receiver: newReceiver(t), client: sandboxtest.Open(t, server)}
}

// receiver is what a callback_url leads to.
type receiver struct{ *sandboxtest.Receiver }

// heard is a webhook as it came.
type heard struct{ body, kind, bearer string }

func newReceiver(t *testing.T) receiver {
	t.Helper()
	return receiver{sandboxtest.NewReceiver(t)}
}

func (r receiver) posts() []heard {
	posts := []heard{}
	for _, one := range r.Heard() {
		posts = append(posts, heard{one.Body, one.Header.Get("Content-Type"), one.Header.Get("Authorization")})
	}
	return posts
}

// reply is an answer of the sandbox.
type reply struct{ sandboxtest.Reply }

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
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return reply{s.client.Do(method, path, body, header)}
}

// order is a collection that passes, to a phone with the ending.
func (s *shop) order(ref, ends string) map[string]any {
	return map[string]any{
		"reference_number": ref, "amount": 1000, "currency": "XOF", "country": "CI", "network": "ORANGE",
		"msisdn": "2250707123" + ends, "callback_url": s.receiver.URL, "description": "Basket", "customer_name": "Aya Koné",
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
	if got.Status != http.StatusOK || got.field("transaction_status") != "Credit In Progress" {
		s.t.Fatalf("collect: HTTP %d, %s", got.Status, got.Text)
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
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.Text)))
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
