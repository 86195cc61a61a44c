package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
)

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheTokenVectors(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"4c2a169dda4c54f61d33": "c6460bd20bf70d7def7ac4806c17a73d",
		"07f967a5d1a40eed1840": "a081de21a57ac3fc17716f279bbdcf47",
		"2b1f0a9c8d7e6f504132": "a27939842e59bef04fabd4b50ecbec52",
	} {
		if got := sandbox.Token(id, sandbox.ClientSecretKey); got != want {
			t.Errorf("%s: want %s, got %s", id, want, got)
		}
	}
	if got := sandbox.Token(sandbox.ClientSecretKey, "4c2a169dda4c54f61d33"); got != "6225e71bfe567187a07f8fa6f52abf57" {
		t.Errorf("the wrong way round: got %s", got)
	}
}

func TestWebhooksLookLikeTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	ids := map[string]string{"pays": s.create("pays", "000")}
	s.Advance(2 * time.Second)
	ids["fails"] = s.create("fails", "112")
	s.Advance(2 * time.Second)
	posts := s.receiver.posts()
	want := []heard{
		{
			`{"success":true,"status_code":100,"message":"Transaction completed Successfully","transaction_id":"` + ids["pays"] + `",` +
				`"transaction_amount":1000,"sender_name":"Johhn Nadala","transaction_ref":"pays","debitor_account":"Dpays",` +
				`"transaction_status":"Success","command_status":"ok","reference_number":"pays"}`,
			"application/json", "Bearer " + sandbox.Token(ids["pays"], sandbox.ClientSecretKey),
		},
		{
			`{"success":false,"status_code":112,"message":"Transaction Failed","transaction_id":"` + ids["fails"] + `",` +
				`"transaction_ref":"fails","debitor_account":"Dfails","reference_number":"fails"}`,
			"application/json", "Bearer " + sandbox.Token(ids["fails"], sandbox.ClientSecretKey),
		},
	}
	if diff := cmp.Diff(want, posts, cmp.AllowUnexported(heard{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheOtherFormsOfWebhooks(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for _, ends := range []string{"130", "131", "132", "124", "137"} {
		s.create("ref"+ends, ends)
	}
	s.Advance(2 * time.Second)
	posts := map[string]heard{}
	for _, post := range s.receiver.posts() {
		for _, ends := range []string{"130", "131", "132", "124", "137"} {
			if strings.Contains(post.body, "ref"+ends) {
				posts[ends] = post
			}
		}
	}
	if strings.Contains(posts["130"].body, "transaction_status") || !strings.Contains(posts["130"].body, `"status_code":100`) {
		t.Errorf("130: %s", posts["130"].body)
	}
	form, err := url.ParseQuery(posts["131"].body)
	if err != nil || form.Get("transaction_status") != "Success" || posts["131"].kind != "application/x-www-form-urlencoded" {
		t.Errorf("131: %+v", posts["131"])
	}
	if !strings.Contains(posts["132"].body, "transaction_status: 'Success',\n") || json.Valid([]byte(posts["132"].body)) {
		t.Errorf("132: %s", posts["132"].body)
	}
	if good := sandbox.Token(s.row("ref124").TransactionID, sandbox.ClientSecretKey); strings.Contains(posts["124"].bearer, good) || posts["124"].bearer == "" {
		t.Errorf("124: %q", posts["124"].bearer)
	}
	if posts["137"].bearer != "" {
		t.Errorf("137: %q", posts["137"].bearer)
	}
}

func TestAWebhookMayComeBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", "133")
	if got := s.receiver.posts(); len(got) != 1 || !s.row("ref1").Paid {
		t.Errorf("want one webhook by the time of the answer, got %d", len(got))
	}
}

func TestStatusMayLagBehind(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "134")
	s.Advance(2 * time.Second)
	if got := s.status("ref1").field("transaction_status"); len(s.receiver.posts()) != 1 || got != "Credit In Progress" || !s.row("ref1").Paid {
		t.Errorf("got %s", got)
	}
	s.Advance(30 * time.Second)
	if got := s.status("ref1").field("transaction_status"); got != "Success" {
		t.Errorf("got %s", got)
	}
}

// TestWebhooksRepeat looks at the ledger just before and at each time of the schedule.
func TestWebhooksRepeat(t *testing.T) {
	t.Parallel()
	for status, repeats := range map[int]bool{500: true, 302: true, 401: true, 204: false} {
		s := open(t, sandbox.Options{})
		s.receiver.Answer(http.MethodPost, status)
		s.create("ref1", "000")
		s.Advance(2 * time.Second)
		want := 1
		for _, pause := range []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 48 * time.Hour} {
			s.Advance(pause - 1)
			if got := len(s.State().Notifications); got != want {
				t.Errorf("%d: before %s: want %d, got %d", status, pause, want, got)
			}
			s.Advance(1)
			if repeats && pause < 48*time.Hour {
				want++
			}
		}
		tried := s.State().Notifications
		if last := tried[len(tried)-1]; len(tried) != want || last.Attempt != want || last.Status != status {
			t.Errorf("%d: want %d tries, got %+v", status, want, tried)
		}
	}
}

func TestTheAccountsAddressTakesWhatNamesNone(t *testing.T) {
	t.Parallel()
	receiver := newReceiver(t)
	s := open(t, sandbox.Options{CallbackURL: receiver.URL})
	for _, ends := range []string{"000", "133"} {
		s.call(http.MethodPost, "/v1/collections", with(s.order("ref"+ends, ends), map[string]any{"callback_url": nil}))
	}
	s.Advance(2 * time.Second)
	if got := len(receiver.posts()); got != 2 {
		t.Errorf("want 2 webhooks, got %d", got)
	}
	silent := open(t, sandbox.Options{})
	silent.call(http.MethodPost, "/v1/collections", with(silent.order("ref1", "133"), map[string]any{"callback_url": nil}))
	if got := silent.State().Notifications; len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestNotifyByHand(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", "000")
	for name, c := range map[string]struct {
		again sandbox.Again
		err   error
		posts int
		holds string
	}{
		"the truth":         {sandbox.Again{}, nil, 1, `"status_code":114`},
		"thrice":            {sandbox.Again{Times: 3, Status: "Success"}, nil, 3, `"Success"`},
		"a failure":         {sandbox.Again{Status: "Failed"}, nil, 1, `"status_code":112`},
		"JavaScript":        {sandbox.Again{Status: "Refunded", Body: sandbox.BodyJavaScript}, nil, 1, `'Refunded'`},
		"an unknown word":   {sandbox.Again{Status: "Paid"}, sandbox.ErrUnknownAction, 0, ""},
		"an unknown token":  {sandbox.Again{Token: "x"}, sandbox.ErrUnknownAction, 0, ""},
		"an unknown body":   {sandbox.Again{Body: "xml"}, sandbox.ErrUnknownAction, 0, ""},
		"less than nothing": {sandbox.Again{Times: -1}, sandbox.ErrUnknownAction, 0, ""},
		"more than allowed": {sandbox.Again{Times: 1001}, sandbox.ErrUnknownAction, 0, ""},
	} {
		before := len(s.receiver.posts())
		tried, err := s.Notify("ref1", c.again)
		wantErr(t, err, c.err)
		posts := s.receiver.posts()[before:]
		if len(posts) != c.posts || len(tried) != c.posts || c.posts > 0 && !strings.Contains(posts[0].body, c.holds) {
			t.Errorf("%s: got %+v", name, posts)
		}
	}
	_, err := s.Notify("nobody", sandbox.Again{})
	wantErr(t, err, sandbox.ErrUnknownRef)
}
