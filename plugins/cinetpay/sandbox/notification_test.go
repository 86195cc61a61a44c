package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestNotificationIsAFormInFormulaOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 1500)
	s.Advance(2 * time.Second)

	if diff := cmp.Diff([]string{"GET", "POST"}, s.receiver.methods()); diff != "" {
		t.Fatalf("requests (-want +got)\n%s", diff)
	}
	post := s.receiver.posts()[0]
	var names []string
	for pair := range strings.SplitSeq(post.body, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	if diff := cmp.Diff(sandbox.FieldOrder(), names); diff != "" {
		t.Errorf("fields (-want +got)\n%s", diff)
	}
	form, err := url.ParseQuery(post.body)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"cpm_site_id": "123456", "cpm_trans_id": "ref1", "cpm_trans_date": "2026-01-02 03:04:07", "cpm_amount": "1500",
		"cpm_currency": "XOF", "payment_method": "OM", "cel_phone_num": "0700000001", "cpm_phone_prefixe": "225",
		"cpm_language": "fr", "cpm_version": "V4", "cpm_payment_config": "SINGLE", "cpm_page_action": "PAYMENT",
		"cpm_custom": "cmVmPTQy", "cpm_designation": "Réabonnement café", "cpm_error_message": "SUCCES",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = form.Get(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
	if post.kind != "application/x-www-form-urlencoded" || post.token != formulaToken(t, post.body) {
		t.Errorf("content type %q, x-token %q", post.kind, post.token)
	}
}

// TestNotificationRepeats looks at the ledger just before and at each time of the schedule.
func TestNotificationRepeats(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method  string
		status  int
		perTry  int
		repeats bool
	}{
		"the POST is refused":    {http.MethodPost, 500, 2, true},
		"the POST is redirected": {http.MethodPost, 302, 2, true},
		"the ping is refused":    {http.MethodGet, 404, 1, true},
		"204 is well":            {http.MethodPost, 204, 2, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			s.receiver.Answer(test.method, test.status)
			s.create("ref1", 1500)
			s.Advance(2 * time.Second)
			wantTries := 1
			for _, pause := range []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 24 * time.Hour} {
				s.Advance(pause - time.Millisecond)
				if got := len(s.State().Notifications); got != wantTries*test.perTry {
					t.Errorf("just before %s: want %d requests, got %d", pause, wantTries*test.perTry, got)
				}
				s.Advance(time.Millisecond)
				if test.repeats && pause < 24*time.Hour {
					wantTries++
				}
			}
			if got := len(s.State().Notifications); got != wantTries*test.perTry {
				t.Errorf("in the end: want %d requests, got %d", wantTries*test.perTry, got)
			}
		})
	}
}

func TestNotifyByHand(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", 1500)
	tests := map[string]struct {
		again sandbox.Again
		err   error
		words []string
	}{
		"once":              {sandbox.Again{}, nil, []string{"WAITING_CUSTOMER_PAYMENT"}},
		"thrice":            {sandbox.Again{Times: 3, Status: "00"}, nil, []string{"SUCCES", "SUCCES", "SUCCES"}},
		"another code":      {sandbox.Again{Status: "627"}, nil, []string{"TRANSACTION_CANCEL"}},
		"an unknown code":   {sandbox.Again{Status: "999"}, sandbox.ErrUnknownAction, []string{}},
		"an unknown token":  {sandbox.Again{Token: "x"}, sandbox.ErrUnknownAction, []string{}},
		"less than nothing": {sandbox.Again{Times: -1}, sandbox.ErrUnknownAction, []string{}},
		"more than allowed": {sandbox.Again{Times: 1001}, sandbox.ErrUnknownAction, []string{}},
	}
	for name, test := range tests {
		before := len(s.receiver.words())
		_, err := s.Notify("ref1", test.again)
		if test.err != nil {
			wantErr(t, err, test.err)
		}
		if diff := cmp.Diff(test.words, s.receiver.words()[before:]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	_, err := s.Notify("nobody", sandbox.Again{})
	wantErr(t, err, sandbox.ErrUnknownRef)
}

func TestNotifyInPostedOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", 1500)
	tried, err := s.Notify("ref1", sandbox.Again{Token: sandbox.TokenPosted})
	if err != nil || len(tried) != 2 {
		t.Fatalf("tried %+v, error %v", tried, err)
	}
	post := s.receiver.posts()[0]
	if !strings.HasPrefix(post.body, "cpm_error_message=") {
		t.Errorf("posted %q", post.body)
	}
	if post.token == formulaToken(t, post.body) {
		t.Error("the x-token is the one of the formula")
	}
}
