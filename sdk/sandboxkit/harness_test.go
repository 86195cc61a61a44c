package sandboxkit_test

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	opPay  sandboxkit.Operation = "pay"
	opLook sandboxkit.Operation = "look"
)

var errNobody = sandboxkit.Refusal(http.StatusNotFound, "no payment with this id")

// till is a sandbox: pay makes a payment, which is paid two seconds later.
type till struct {
	*sandboxkit.Server
	stage *sandboxkit.Stage
	paid  map[string]bool
	hook  string
}

func newTill(setup sandboxkit.Setup) *till {
	s := &till{paid: map[string]bool{}}
	setup.Operations = []sandboxkit.Operation{opPay, opLook}
	setup.State = func() any { return s.paidNow() }
	setup.Forget = func() { s.paid = map[string]bool{} }
	setup.UserAgent = "Till/1.0"
	if setup.Pauses == nil {
		setup.Pauses = []time.Duration{30 * time.Second, 2 * time.Minute}
	}
	s.stage = sandboxkit.New(setup)
	s.Server = s.stage.Server()
	s.stage.HandleFunc("POST /pay/{id}", s.servePay)
	s.stage.HandleFunc("GET /look", func(w http.ResponseWriter, r *http.Request) {
		s.stage.Serve(w, r, opLook, func() sandboxkit.Answer { return sandboxkit.JSON(http.StatusOK, s.paidNow()) })
	})
	sandboxkit.Order(s.stage, "payments/{id}", s.decide)
	s.stage.Page(sandboxkit.Page{
		Path: "/page/{id}", Template: template.Must(template.New("").Parse("paid: {{.}}")),
		View: s.view, Press: s.press,
	})
	return s
}

func (s *till) servePay(w http.ResponseWriter, r *http.Request) {
	body, err := sandboxkit.ReadBody(w, r)
	if err != nil {
		s.stage.Write(w, sandboxkit.Text(http.StatusRequestEntityTooLarge, "too large"))
		return
	}
	s.stage.Serve(w, r, opPay, func() sandboxkit.Answer { return s.pay(r.PathValue("id"), string(body)) })
}

func (s *till) pay(id, body string) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	s.paid[id] = false
	s.stage.After(2*time.Second, func() {
		s.paid[id] = true
		s.stage.Post(0, s.notice(id, "paid"))
	})
	answer := sandboxkit.JSON(http.StatusOK, map[string]string{"id": id, "heard": body})
	answer.Header = http.Header{"X-Till": {"open"}}
	return answer
}

func (s *till) notice(id, word string) sandboxkit.Delivery {
	return sandboxkit.Delivery{Ref: id, Word: word, Proof: "good", Requests: []sandboxkit.Request{
		{Method: http.MethodGet, URL: s.hook + "/" + id},
		{Method: http.MethodPost, URL: s.hook + "/" + id, Header: http.Header{"X-Token": {"t"}}, Body: []byte(word)},
	}}
}

func (s *till) paidNow() map[string]bool {
	s.stage.Lock()
	defer s.stage.Unlock()
	paid := map[string]bool{}
	for id, is := range s.paid {
		paid[id] = is
	}
	return paid
}

func (s *till) ledger() sandboxkit.Ledger {
	s.stage.Lock()
	defer s.stage.Unlock()
	return s.stage.Ledger()
}

type decision struct {
	Paid bool `json:"paid"`
}

func (s *till) decide(id string, d decision) (any, error) {
	s.stage.Lock()
	defer s.stage.Unlock()
	paid, known := s.paid[id]
	switch {
	case !known:
		return nil, errNobody
	case paid:
		return nil, sandboxkit.ErrDecided
	case !d.Paid:
		return nil, sandboxkit.ErrUnknownAction
	}
	s.paid[id] = true
	return map[string]bool{"paid": true}, nil
}

func (s *till) view(id string, opened bool) (any, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
	paid, known := s.paid[id]
	return paid && opened, known
}

func (s *till) press(id string, form url.Values) error {
	_, err := s.decide(id, decision{form.Get("action") == "pay"})
	return err
}

// shop is a merchant with a till and a receiver of notifications.
type shop struct {
	*till
	t        *testing.T
	client   *sandboxtest.Client
	receiver *sandboxtest.Receiver
}

func open(t *testing.T, setup sandboxkit.Setup) *shop {
	t.Helper()
	if setup.Now == nil {
		setup.Now = sandboxtest.Dawn
	}
	return openReal(t, setup)
}

// openReal is open on the clock of the setup, which may be the real one.
func openReal(t *testing.T, setup sandboxkit.Setup) *shop {
	t.Helper()
	s := &shop{till: newTill(setup), t: t, receiver: sandboxtest.NewReceiver(t)}
	s.hook = s.receiver.URL
	s.client = sandboxtest.Open(t, s)
	return s
}

// reply is an answer of the till.
type reply struct{ sandboxtest.Reply }

func (r reply) readable() bool { return json.Valid([]byte(r.Text)) }

func (s *shop) do(method, path, body string) reply {
	s.t.Helper()
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return reply{s.client.Do(method, path, body, form)}
}

// heard are the requests that came, in a line each.
func (s *shop) heard() []string {
	heard := []string{}
	for _, one := range s.receiver.Heard() {
		heard = append(heard, strings.TrimSpace(one.Method+" "+one.Path+" "+one.Body))
	}
	return heard
}

func (s *shop) create(id string) {
	s.t.Helper()
	if got := s.do(http.MethodPost, "/pay/"+id, "please"); got.Status != http.StatusOK {
		s.t.Fatalf("pay: %+v", got)
	}
}

func (s *shop) inject(fault sandboxkit.Fault) {
	s.t.Helper()
	if err := s.Inject(fault); err != nil {
		s.t.Fatal(err)
	}
}

// post plans deliveries for now, and has them sent.
func (s *shop) post(deliveries ...sandboxkit.Delivery) {
	s.stage.Lock()
	defer s.stage.Unlock()
	for _, one := range deliveries {
		s.stage.Post(0, one)
	}
	s.stage.Settle()
}
