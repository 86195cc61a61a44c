package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const phone = "+905551112233"

// dawn is when the clock of the tests stands still, so that only Advance moves it.
func dawn() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// shop is a merchant with a sandbox.
type shop struct {
	*sandbox.Server
	t      *testing.T
	client *sandboxtest.Client
}

func open(t *testing.T, options sandbox.Options) *shop {
	t.Helper()
	if options.Now == nil {
		options.Now = dawn
	}
	server := sandbox.New(options)
	return &shop{Server: server, t: t, client: sandboxtest.Open(t, server)}
}

// reply is an answer of the sandbox.
type reply struct{ sandboxtest.Reply }

func (r reply) object() map[string]any {
	var object map[string]any
	if json.Unmarshal([]byte(r.Text), &object) != nil {
		return nil
	}
	return object
}

func (s *shop) do(method, path, body string, header http.Header) reply {
	s.t.Helper()
	return reply{s.client.Do(method, path, body, header)}
}

// stamped are headers that sign a payload with the timestamp as it is written.
func stamped(timestamp string) http.Header {
	payload := base64.StdEncoding.EncodeToString([]byte(`{"timestamp":` + timestamp + `}`))
	return headers(payload, sandbox.Sign(sandbox.APISecret, payload))
}

func headers(payload, signature string) http.Header {
	return http.Header{"Apikey": {sandbox.APIKey}, "Payload": {payload}, "Signature": {signature}}
}

// at are headers that are signed at a time.
func at(moment time.Time) http.Header {
	return stamped(fmt.Sprintf("%q", fmt.Sprint(moment.UnixMilli())))
}

func (s *shop) get(path string) reply {
	s.t.Helper()
	return s.do(http.MethodGet, path, "", at(s.Now()))
}

func (s *shop) lookUp(number string) reply {
	s.t.Helper()
	return s.get("/v1/checkout/user-account?phone=" + url.QueryEscape(number))
}

func (s *shop) list(query string) reply {
	s.t.Helper()
	return s.get("/v1/checkout/transactions?" + query)
}

// row is a transfer as the list tells it.
type row struct {
	ID        string    `json:"id"`
	UserID    string    `json:"userId"`
	Amount    string    `json:"amount"`
	Currency  string    `json:"currency"`
	Status    *string   `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
}

func (r row) status() string {
	if r.Status == nil {
		return "missing"
	}
	return *r.Status
}

func (s *shop) rows(query string) []row {
	s.t.Helper()
	got := s.list(query)
	var page struct{ Data []row }
	if err := json.Unmarshal([]byte(got.Text), &page); err != nil || got.Status != http.StatusOK {
		s.t.Fatalf("HTTP %d %s: %v", got.Status, got.Text, err)
	}
	return page.Data
}

func (s *shop) ids(query string) []string {
	s.t.Helper()
	list := []string{}
	for _, one := range s.rows(query) {
		list = append(list, strings.TrimLeft(strings.TrimPrefix(one.ID, "tr_"), "0"))
	}
	return list
}

// send makes transfers of USD, a minute apart.
func (s *shop) send(amounts ...string) {
	s.t.Helper()
	user, err := s.AddUser(phone, "")
	if err != nil {
		s.t.Fatal(err)
	}
	for i, amount := range amounts {
		if i > 0 {
			s.Advance(time.Minute)
		}
		if _, err := s.Send(sandbox.Order{UserID: user.ID, Amount: amount, Currency: "USD"}); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shop) inject(fault sandbox.Fault) {
	s.t.Helper()
	if err := s.Inject(fault); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) control(method, path, body string) reply {
	s.t.Helper()
	return s.do(method, "/_sandbox/"+path, body, http.Header{})
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error: want %v, got %v", want, got)
	}
}
