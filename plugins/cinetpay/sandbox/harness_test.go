package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a merchant with a sandbox and a receiver of notifications.
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
	return openReal(t, options)
}

// openReal is open on the clock of the options, which may be the real one.
func openReal(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	server := sandbox.New(options)
	return &shop{Server: server, t: t, receiver: receiver{sandboxtest.NewReceiver(t)}, client: sandboxtest.Open(t, server)}
}

// receiver is what a notify_url leads to.
type receiver struct{ *sandboxtest.Receiver }

// heard is a notification as it came.
type heard struct {
	body, kind, token string
}

func (r receiver) posts() []heard {
	var posts []heard
	for _, one := range r.Heard() {
		if one.Method == http.MethodPost {
			posts = append(posts, heard{one.Body, one.Header.Get("Content-Type"), one.Header.Get("X-Token")})
		}
	}
	return posts
}

func (r receiver) methods() []string {
	var methods []string
	for _, one := range r.Heard() {
		methods = append(methods, one.Method)
	}
	return methods
}

// words are what the notifications say of the state.
func (r receiver) words() []string {
	words := []string{}
	for _, post := range r.posts() {
		form, _ := url.ParseQuery(post.body)
		words = append(words, form.Get("cpm_error_message")+form.Get("treatment_status"))
	}
	return words
}

// reply is an answer of the sandbox.
type reply struct{ sandboxtest.Reply }

// call sends a body of the kind, as a client with a name does.
func (s *shop) call(method, path, kind, body string) reply {
	s.t.Helper()
	header := http.Header{"User-Agent": {"Paymux/1.0"}}
	if kind != "" {
		header.Set("Content-Type", kind)
	}
	return reply{s.client.Do(method, path, body, header)}
}

// post sends a JSON body.
func (s *shop) post(path string, body any) reply {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.call(http.MethodPost, path, "application/json", string(text))
}

// order is an init request that passes.
func (s *shop) order(ref string, amount int64) map[string]any {
	return map[string]any{
		"apikey": sandbox.APIKey, "site_id": sandbox.SiteID, "transaction_id": ref, "amount": amount,
		"currency": "XOF", "description": "Réabonnement café", "channels": "ALL", "lang": "fr",
		"metadata": "cmVmPTQy", "notify_url": s.receiver.URL + "/hook", "return_url": s.receiver.URL + "/back",
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
	if got.Status != http.StatusOK || got.code() != "201" {
		s.t.Fatalf("init: HTTP %d, %s", got.Status, got.Text)
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
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.Text)))
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
