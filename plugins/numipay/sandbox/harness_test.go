package sandbox_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a merchant with a sandbox and a receiver of webhooks.
type shop struct {
	*sandbox.Server
	t        *testing.T
	client   *sandboxtest.Client
	receiver *sandboxtest.Receiver
	hook     string
}

// heard is a webhook as it came.
type heard struct{ body, signature string }

func open(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = sandboxtest.Dawn
	}
	server, receiver := sandbox.New(options), sandboxtest.NewReceiver(t)
	return &shop{Server: server, t: t, receiver: receiver, hook: receiver.URL + "/hook", client: sandboxtest.Open(t, server)}
}

func (s *shop) webhooks() []heard {
	webhooks := []heard{}
	for _, one := range s.receiver.Heard() {
		webhooks = append(webhooks, heard{one.Body, one.Header.Get("X-Signature")})
	}
	return webhooks
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

// reply is an answer of the sandbox.
type reply struct{ sandboxtest.Reply }

// field is a text field of the answer.
func (r reply) field(name string) string {
	var object map[string]any
	if json.Unmarshal([]byte(r.Text), &object) != nil {
		return ""
	}
	text, _ := object[name].(string)
	return text
}

func (s *shop) call(method, path, key, body string) reply {
	s.t.Helper()
	return reply{s.client.Do(method, path, body, http.Header{"X-Api-Key": {key}})}
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
	if got.Status != http.StatusOK {
		s.t.Fatalf("hosted: HTTP %d, %s", got.Status, got.Text)
	}
	return strings.TrimPrefix(got.field("url"), s.URL())
}

func (s *shop) payout(ref, amount string) {
	s.t.Helper()
	if got := s.post("/payouts", s.order(ref, amount, nil)); got.Status != http.StatusOK {
		s.t.Fatalf("payout: HTTP %d, %s", got.Status, got.Text)
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
